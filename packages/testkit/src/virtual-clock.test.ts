import { assert, double, property, array as sequence } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { VirtualClock, VirtualClockError } from './virtual-clock.ts'

describe('VirtualClock', () => {
  it('runs actions in the order of their time, and equal times in the order they were set', () => {
    assert(
      property(sequence(double({ min: 0, max: 5, noNaN: true }).map(Math.round)), (times) => {
        const clock = new VirtualClock(0)
        const ran: [number, number][] = []
        times.forEach((at, index) => {
          clock.at(at, () => ran.push([at, index]))
        })
        clock.advance(5)
        expect(ran).toEqual([...ran].sort(([atA, a], [atB, b]) => atA - atB || a - b))
        expect(ran).toHaveLength(times.length)
      }),
    )
  })

  it('shows each action its own time, and stands at the end of what it advanced', () => {
    const clock = new VirtualClock(100)
    const seen: number[] = []
    clock.after(10, () => {
      seen.push(clock.now())
      clock.after(5, () => seen.push(clock.now()))
    })
    clock.advance(12)
    expect(seen).toEqual([110])
    expect(clock.now()).toBe(112)
    clock.advance(3)
    expect(seen).toEqual([110, 115])
  })

  it('forgets what was cancelled', () => {
    const clock = new VirtualClock(0)
    let ran = 0
    const cancel = clock.after(1, () => ran++)
    clock.after(1, () => ran++)
    cancel()
    cancel()
    clock.advance(2)
    expect(ran).toBe(1)
    expect(clock.next()).toBe(Infinity)
  })

  it('runs at once, when time goes on, what was set for the past', () => {
    const clock = new VirtualClock(50)
    const seen: number[] = []
    clock.at(10, () => seen.push(clock.now()))
    expect(seen).toEqual([])
    clock.step()
    expect(seen).toEqual([50])
  })

  it('runs until a condition holds, or says that it did not within the time', () => {
    const clock = new VirtualClock(0)
    let isDone = false
    clock.after(30, () => {
      isDone = true
    })
    expect(clock.runUntil(() => isDone, 20)).toBe(false)
    expect(clock.now()).toBe(20)
    expect(clock.runUntil(() => isDone, 20)).toBe(true)
    expect(clock.now()).toBe(30)
  })

  it('notices a loop in which time stands still', () => {
    const clock = new VirtualClock()
    const again = () => void clock.after(0, again)
    again()
    expect(() => clock.advance(1)).toThrow(VirtualClockError)
  })

  it('never runs what is set for Infinity, and refuses NaN', () => {
    const clock = new VirtualClock()
    clock.at(Infinity, () => expect.unreachable())
    expect(clock.step()).toBe(false)
    expect(() => clock.at(Number.NaN, () => {})).toThrow(VirtualClockError)
  })
})
