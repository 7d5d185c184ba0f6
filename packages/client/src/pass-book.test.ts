import { SeededRandom } from '@crowfly/testkit'
import { expect, test } from 'vitest'
import { PassBook, type PassStorage } from './pass-book.ts'
import { FakeStorage } from './testing/call-world.ts'

const room = 'k7qf2x9m4d'

function book(storage: PassStorage | null = new FakeStorage(), nameplate = room): PassBook {
  return new PassBook(storage, nameplate, new SeededRandom(1))
}

test('both sides of a pair honour the pass that one of them issued', () => {
  const [ann, bob] = [book(), book()]
  const pass = ann.issue('bob')
  bob.keep('ann', pass)
  expect(pass).toHaveLength(16)
  expect([ann.honours(pass), bob.honours(pass)]).toEqual([true, true])
})

test('after a reload the pass can be shown to that member, in that room, and is not honoured any more', () => {
  const storage = new FakeStorage()
  const pass = book(storage).issue('bob')
  const reloaded = book(storage)
  expect(reloaded.passFor('bob')).toEqual(pass)
  expect(reloaded.passFor('cat')).toHaveLength(0)
  expect(book(storage, 'other').passFor('bob')).toHaveLength(0)
  expect(reloaded.honours(pass)).toBe(false)
})

test('who has hung up has no pass left', () => {
  const storage = new FakeStorage()
  const before = book(storage)
  before.issue('bob')
  before.forget()
  expect(storage.items.size).toBe(0)
  expect(book(storage).passFor('bob')).toHaveLength(0)
})

test('nothing but sixteen bytes is a pass', () => {
  const passes = book()
  passes.keep('bob', new Uint8Array(0))
  passes.keep('bob', new Uint8Array(17))
  expect(passes.passFor('bob')).toHaveLength(0)
  expect(passes.honours(new Uint8Array(0))).toBe(false)
  expect(passes.honours(new Uint8Array(16))).toBe(false)
})

test('of many members the newest are kept', () => {
  const storage = new FakeStorage()
  const passes = book(storage)
  const first = passes.issue('member 0')
  for (let index = 1; index <= 32; index++) passes.issue(`member ${index}`)
  expect(passes.honours(first)).toBe(false)
  const reloaded = book(storage)
  expect(reloaded.passFor('member 0')).toHaveLength(0)
  expect(reloaded.passFor('member 32')).toHaveLength(16)
})

test.for(['{', '3', 'null', '[3]', '[["bob"]]', '[["bob","short"]]', '[["bob","!!!"]]'])(
  'a storage that says %s gives no pass',
  (text) => {
    const storage = new FakeStorage()
    storage.setItem(`crowfly.passes.${room}`, text)
    expect(book(storage).passFor('bob')).toHaveLength(0)
  },
)

test('a storage that refuses costs the memory only', () => {
  const refuse = () => {
    throw new DOMException('no storage here', 'SecurityError')
  }
  const passes = book({ getItem: refuse, setItem: refuse, removeItem: refuse })
  expect(passes.honours(passes.issue('bob'))).toBe(true)
  passes.forget()
})
