import { expect, test } from 'vitest'
import { RosterWatch } from './roster-watch.ts'

const seen = new Set(['me', 'ann', 'bob'])
const isAccountedFor = (id: string) => seen.has(id)

test('whom everybody sees is not missed', () => {
  const watch = new RosterWatch()
  watch.hear('ann', ['me', 'bob'])
  watch.hear('bob', ['me', 'ann'])
  expect(watch.review(isAccountedFor, 0)).toEqual([])
  expect(watch.pollTimeout()).toBe(Infinity)
})

test('who is seen by one only is told of after half a minute, once', () => {
  const watch = new RosterWatch()
  watch.hear('ann', ['me', 'eve'])
  expect(watch.review(isAccountedFor, 1_000)).toEqual([])
  expect(watch.pollTimeout()).toBe(31_000)
  expect(watch.review(isAccountedFor, 30_999)).toEqual([])
  expect(watch.review(isAccountedFor, 31_000)).toEqual([{ member: 'eve', seenBy: 'ann' }])
  expect(watch.review(isAccountedFor, 90_000)).toEqual([])
  expect(watch.pollTimeout()).toBe(Infinity)
})

test('who comes into sight, or is seen by nobody any more, is not told of', () => {
  const watch = new RosterWatch()
  watch.hear('ann', ['me', 'cat', 'dan'])
  watch.review(isAccountedFor, 0)
  seen.add('cat')
  watch.hear('ann', ['me', 'cat'])
  expect(watch.review(isAccountedFor, 60_000)).toEqual([])
  watch.hear('bob', ['me', 'dan'])
  watch.review(isAccountedFor, 60_000)
  watch.forget('bob')
  expect(watch.review(isAccountedFor, 120_000)).toEqual([])
})
