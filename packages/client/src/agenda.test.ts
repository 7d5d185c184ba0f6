import { VirtualClock } from '@crowfly/testkit'
import { beforeEach, expect, test } from 'vitest'
import { Agenda } from './agenda.ts'
import { clockOf } from './testing/fake-clock.ts'

let clock: VirtualClock
let agenda: Agenda
let rung: string[]
let timers: number

beforeEach(() => {
  clock = new VirtualClock(0)
  timers = 0
  const base = clockOf(clock)
  agenda = new Agenda({
    ...base,
    startTimer: (delayMs, wake) => {
      timers += 1
      const stop = base.startTimer(delayMs, () => {
        timers -= 1
        wake()
      })
      return () => {
        timers -= 1
        stop()
      }
    },
  })
  rung = []
})

function alarm(name: string) {
  return agenda.alarm((now) => rung.push(`${name} at ${now}`))
}

test('alarms ring in their order, over one timer', () => {
  const [a, b, c] = [alarm('a'), alarm('b'), alarm('c')]
  a.set(30)
  b.set(10)
  c.set(20)
  expect(timers).toBe(1)
  clock.advance(100)
  expect(rung).toEqual(['b at 10', 'c at 20', 'a at 30'])
  expect(timers).toBe(0)
})

test('an alarm that is moved or taken off rings only as it was last set', () => {
  const [a, b] = [alarm('a'), alarm('b')]
  a.set(10)
  a.set(50)
  b.set(10)
  b.clear()
  clock.advance(100)
  expect(rung).toEqual(['a at 50'])
  a.set(Infinity)
  expect(timers).toBe(0)
})

test('an alarm may take off another that is due in the same moment', () => {
  const second = alarm('second')
  const first = agenda.alarm(() => second.clear())
  first.set(10)
  second.set(10)
  clock.advance(100)
  expect(rung).toEqual([])
})

test('a closed agenda rings no more', () => {
  const a = alarm('a')
  a.set(10)
  agenda.close()
  a.set(20)
  clock.advance(100)
  expect([rung, timers]).toEqual([[], 0])
})
