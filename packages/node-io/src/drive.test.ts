import type { Datagram, Machine, Millis } from '@crowfly/sansio'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { drive } from './drive.ts'

/** Fires at the deadlines it was given, and puts out what was queued. */
class Alarm implements Machine<string> {
  deadline = Number.POSITIVE_INFINITY
  readonly fired: Millis[] = []
  readonly sends: number[] = []
  readonly events: string[] = []

  handleDatagram(input: Datagram): void {
    this.sends.push(input.bytes[input.start] ?? 0)
  }

  handleTimeout(now: Millis): void {
    if (now < this.deadline) return
    this.fired.push(now)
    this.events.push('fired')
    this.deadline = Number.POSITIVE_INFINITY
  }

  pollTransmit(out: Datagram): boolean {
    const byte = this.sends.shift()
    if (byte === undefined) return false
    out.bytes = new Uint8Array([byte])
    out.start = 0
    out.end = 1
    out.path = 7
    return true
  }

  pollEvent(): string | undefined {
    return this.events.shift()
  }

  pollTimeout(): Millis {
    return this.deadline
  }
}

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

function started() {
  const machine = new Alarm()
  const sent: number[] = []
  const events: string[] = []
  const driven = drive(machine, {
    transmit: (output) => sent.push(output.bytes[output.start] ?? -1),
    event: (event) => events.push(event),
    clock: { now: () => vi.getMockedSystemTime()?.getTime() ?? 0 },
  })
  vi.setSystemTime(0)
  return { machine, driven, sent, events }
}

test('what a machine has to send and to tell is drained', () => {
  const { machine, driven, sent, events } = started()
  machine.sends.push(1, 2)
  machine.events.push('one', 'two')
  driven.settle()
  expect(sent).toEqual([1, 2])
  expect(events).toEqual(['one', 'two'])
})

test('a deadline fires once it is reached, and not before', () => {
  const { machine, driven, events } = started()
  machine.deadline = 1000
  driven.settle()
  vi.advanceTimersByTime(999)
  expect(machine.fired).toEqual([])
  vi.advanceTimersByTime(1)
  expect(machine.fired).toEqual([1000])
  expect(events).toEqual(['fired'])
})

test('a deadline that moves earlier is kept', () => {
  const { machine, driven } = started()
  machine.deadline = 5000
  driven.settle()
  machine.deadline = 100
  driven.settle()
  vi.advanceTimersByTime(100)
  expect(machine.fired).toEqual([100])
})

test('a deadline that moves later sets no further timer and is kept all the same', () => {
  const { machine, driven } = started()
  machine.deadline = 100
  driven.settle()
  machine.deadline = 300
  driven.settle()
  expect(vi.getTimerCount()).toBe(1)
  vi.advanceTimersByTime(299)
  expect(machine.fired).toEqual([])
  vi.advanceTimersByTime(1)
  expect(machine.fired).toEqual([300])
})

test('a deadline further off than a timer reaches does not fire at once', () => {
  const { machine, driven } = started()
  machine.deadline = 2 ** 40
  driven.settle()
  vi.advanceTimersByTime(2 ** 31)
  expect(machine.fired).toEqual([])
  expect(vi.getTimerCount()).toBe(1)
})

test('a machine without a deadline has no timer', () => {
  const { driven } = started()
  driven.settle()
  expect(vi.getTimerCount()).toBe(0)
})

test('an outlet that feeds the machine is drained by the drain under way', () => {
  const machine = new Alarm()
  const sent: number[] = []
  const driven = drive(machine, {
    transmit: (output) => {
      sent.push(output.bytes[0] ?? -1)
      if (sent.length === 1) {
        machine.sends.push(9)
        driven.settle()
      }
    },
    event: () => undefined,
  })
  machine.sends.push(1)
  driven.settle()
  expect(sent).toEqual([1, 9])
})

test('a stopped drive sends nothing and has no timer', () => {
  const { machine, driven, sent } = started()
  machine.deadline = 100
  driven.settle()
  driven.stop()
  machine.sends.push(1)
  driven.settle()
  expect(sent).toEqual([])
  expect(vi.getTimerCount()).toBe(0)
})
