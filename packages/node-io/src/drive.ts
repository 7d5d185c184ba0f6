import type { Datagram, Machine, Millis } from '@crowfly/sansio'
import { type Clock, monotonicClock } from './clock.ts'

/** The longest delay that a Node timer takes; a longer one fires at once. */
const longestTimerMs = 2 ** 31 - 1

/** What a driver does with what a machine puts out. */
export interface Outlet<Event> {
  /** Sends `output.bytes[output.start..end)` on `output.path`. The bytes are the machine's: copy them to keep them. */
  transmit(output: Datagram): void
  event(event: Event): void
  /** Defaults to the process's monotonic clock. */
  clock?: Clock
}

/** A machine under way: what it has to send is sent, and its deadlines are kept by one Node timer. */
export interface Drive {
  /** The machine's time. */
  now(): Millis
  /** To be called after every `handle*` and every command: drains the machine and sets the timer. */
  settle(): void
  /** Ends the timer. What the machine does afterwards goes nowhere. */
  stop(): void
}

/**
 * Drives `machine` until `stop`. The timer alone does not keep the process alive: sockets do.
 *
 * An `outlet` may call the machine and `settle` from within: the drain under way goes on with what that gave.
 */
export function drive<Event>(machine: Machine<Event>, outlet: Outlet<Event>): Drive {
  const clock = outlet.clock ?? monotonicClock
  const output: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: 0 }
  let timer: NodeJS.Timeout | undefined
  let armed: Millis = Number.POSITIVE_INFINITY
  let isDraining = false
  let isStopped = false

  const drain = (): void => {
    for (;;) {
      while (!isStopped && machine.pollTransmit(output)) outlet.transmit(output)
      const event = isStopped ? undefined : machine.pollEvent()
      if (event === undefined) return
      outlet.event(event)
    }
  }

  // A deadline that moved later leaves the timer as it is: it then fires early, which a machine allows, and is
  // set anew. Most deadlines move later with each packet, and a timer costs more to move than to let fire.
  const arm = (): void => {
    const deadline = machine.pollTimeout()
    if (deadline >= armed) return
    clearTimeout(timer)
    armed = deadline
    const delay = Math.min(Math.max(Math.ceil(deadline - clock.now()), 0), longestTimerMs)
    timer = setTimeout(fire, delay).unref()
  }

  const settle = (): void => {
    if (isDraining || isStopped) return
    isDraining = true
    try {
      drain()
    } finally {
      isDraining = false
    }
    if (!isStopped) arm()
  }

  const fire = (): void => {
    armed = Number.POSITIVE_INFINITY
    const now = clock.now()
    if (machine.pollTimeout() <= now) machine.handleTimeout(now)
    settle()
  }

  return {
    now: () => clock.now(),
    settle,
    stop() {
      isStopped = true
      clearTimeout(timer)
    },
  }
}
