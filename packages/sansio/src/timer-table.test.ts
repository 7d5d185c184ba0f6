import {
  assert,
  constant,
  constantFrom,
  integer,
  oneof,
  property,
  array as sequence,
  tuple,
} from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TimerTable, TimerTableError } from './timer-table.ts'

const SLOTS = 200

/** The same contract in the most obvious way. */
class NaiveTimers {
  readonly deadlines = new Map<number, number>()

  next(): number {
    return Math.min(Infinity, ...this.deadlines.values())
  }

  expire(now: number): number {
    const due = [...this.deadlines].filter(([, at]) => at <= now)
    due.sort(([slotA, atA], [slotB, atB]) => atA - atB || slotA - slotB)
    const slot = due[0]?.[0] ?? -1
    this.deadlines.delete(slot)
    return slot
  }
}

const slot = integer({ min: 0, max: SLOTS - 1 })
const time = integer({ min: 0, max: 50 })
const operation = oneof(
  { weight: 4, arbitrary: tuple(constant('schedule' as const), slot, oneof(time, constantFrom(Infinity))) },
  { weight: 1, arbitrary: tuple(constant('cancel' as const), slot, time) },
  { weight: 2, arbitrary: tuple(constant('expire' as const), slot, time) },
)

describe('TimerTable', () => {
  it('does what a naive table does, for any sequence of operations', () => {
    assert(
      property(sequence(operation, { maxLength: 400, size: 'max' }), (operations) => {
        const timers = new TimerTable(SLOTS)
        const naive = new NaiveTimers()
        for (const [kind, slot, at] of operations) {
          if (kind === 'schedule') {
            timers.schedule(slot, at)
            if (at === Infinity) naive.deadlines.delete(slot)
            else naive.deadlines.set(slot, at)
          } else if (kind === 'cancel') {
            timers.cancel(slot)
            naive.deadlines.delete(slot)
          } else {
            expect(timers.expire(at)).toBe(naive.expire(at))
          }
          expect(timers.next()).toBe(naive.next())
          expect(timers.size).toBe(naive.deadlines.size)
          expect(timers.deadline(slot)).toBe(naive.deadlines.get(slot) ?? Infinity)
        }
        const rest: number[] = []
        for (let due = timers.expire(1e9); due >= 0; due = timers.expire(1e9)) rest.push(due)
        const expected: number[] = []
        for (let due = naive.expire(1e9); due >= 0; due = naive.expire(1e9)) expected.push(due)
        expect(rest).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })

  it('has nothing due before a deadline and has it due at the deadline', () => {
    const timers = new TimerTable(4)
    timers.schedule(2, 100)
    expect(timers.expire(99.9)).toBe(-1)
    expect(timers.expire(100)).toBe(2)
    expect(timers.expire(100)).toBe(-1)
    expect(timers.next()).toBe(Infinity)
  })

  it('keeps one deadline for a slot, the latest given', () => {
    const timers = new TimerTable(4)
    timers.schedule(1, 10)
    timers.schedule(1, 30)
    expect(timers.next()).toBe(30)
    expect(timers.size).toBe(1)
  })

  it('keeps its deadlines when it grows', () => {
    const timers = new TimerTable(1000)
    for (let slot = 999; slot >= 0; slot--) timers.schedule(slot, slot)
    for (let slot = 0; slot < 1000; slot++) expect(timers.expire(slot)).toBe(slot)
  })

  it('forgets everything on clear', () => {
    const timers = new TimerTable(4)
    timers.schedule(1, 10)
    timers.clear()
    expect(timers.next()).toBe(Infinity)
    expect(timers.expire(10)).toBe(-1)
  })

  it('refuses a slot past its bound and a deadline that is no number', () => {
    const timers = new TimerTable(4)
    expect(() => timers.schedule(4, 1)).toThrow(TimerTableError)
    expect(() => timers.schedule(-1, 1)).toThrow(TimerTableError)
    expect(() => timers.schedule(0.5, 1)).toThrow(TimerTableError)
    expect(() => timers.schedule(1, Number.NaN)).toThrow(TimerTableError)
    timers.cancel(99)
    expect(timers.size).toBe(0)
  })
})
