import type { Datagram, Machine, Millis } from '@crowfly/sansio'
import type { VirtualClock } from './virtual-clock.ts'

/** What a driver does with what a machine puts out. */
export interface Outlet<Event> {
  /** Sends `output.bytes[output.start..end)` on `output.path`. The bytes are the machine's: copy them to keep them. */
  transmit(output: Datagram): void
  event(event: Event): void
  clock: VirtualClock
}

/** A machine under way: what it has to send is sent, and its deadlines are kept on the virtual clock. */
export interface Drive {
  /** The machine's time. */
  now(): Millis
  /** To be called after every `handle*` and every command: drains the machine and notes its deadline. */
  settle(): void
  /** What the machine does afterwards goes nowhere. */
  stop(): void
}

/**
 * Drives `machine` in simulated time, as node-io's `drive` does in real time.
 *
 * An `outlet` may call the machine and `settle` from within: the drain under way goes on with what that gave.
 */
export function drive<Event>(machine: Machine<Event>, outlet: Outlet<Event>): Drive {
  const { clock } = outlet
  const output: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: 0 }
  let cancel = (): void => {}
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

  const settle = (): void => {
    if (isDraining || isStopped) return
    isDraining = true
    try {
      drain()
    } finally {
      isDraining = false
    }
    if (isStopped) return
    cancel()
    cancel = clock.at(machine.pollTimeout(), fire)
  }

  const fire = (): void => {
    machine.handleTimeout(clock.now())
    settle()
  }

  return {
    now: () => clock.now(),
    settle,
    stop() {
      isStopped = true
      cancel()
    },
  }
}
