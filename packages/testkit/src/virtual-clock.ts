import type { Millis } from '@crowfly/sansio'

/** So many actions at one instant are taken for an endless loop. */
const MAX_ACTIONS_PER_INSTANT = 100_000

/** The simulation can not go on. */
export class VirtualClockError extends Error {
  readonly code: 'CLOCK_STANDS_STILL' | 'CLOCK_NOT_A_TIME'
  constructor(code: VirtualClockError['code'], message: string) {
    super(message)
    this.name = 'VirtualClockError'
    this.code = code
  }
}

interface Appointment {
  readonly at: Millis
  readonly action: () => void
}

/** Time that passes only when a test says so: a queue of actions, run in order of their time. */
export class VirtualClock {
  #now: Millis
  /** Latest first, so that the next one is popped; of equal times the one added first is the later in the list. */
  readonly #appointments: Appointment[] = []
  #actionsAtThisInstant = 0

  /** Starts at an odd time by default, so that nobody takes zero for granted. */
  constructor(now: Millis = 1000.25) {
    this.#now = now
  }

  now(): Millis {
    return this.#now
  }

  /** The time of the next action; `Infinity` when there is none. */
  next(): Millis {
    return this.#appointments.at(-1)?.at ?? Infinity
  }

  /** Runs `action` at the time `at`, or as soon as time goes on if that has passed. Returns what cancels it. */
  at(at: Millis, action: () => void): () => void {
    if (Number.isNaN(at))
      throw new VirtualClockError('CLOCK_NOT_A_TIME', 'an action was set for the time NaN')
    if (at === Infinity) return () => {}
    const appointment = { at: Math.max(at, this.#now), action }
    this.#appointments.splice(this.#placeOf(appointment.at), 0, appointment)
    return () => {
      const index = this.#appointments.indexOf(appointment)
      if (index >= 0) this.#appointments.splice(index, 1)
    }
  }

  /** Runs `action` after `delayMs`. Returns what cancels it. */
  after(delayMs: Millis, action: () => void): () => void {
    return this.at(this.#now + delayMs, action)
  }

  /** Lets `durationMs` pass, and runs everything that falls into it. */
  advance(durationMs: Millis): void {
    const end = this.#now + durationMs
    while (this.next() <= end) this.step()
    this.#moveTo(end)
  }

  /** Lets time pass until `condition` holds, at most `withinMs`; says whether it does. */
  runUntil(condition: () => boolean, withinMs: Millis): boolean {
    const end = this.#now + withinMs
    while (!condition()) {
      if (this.next() > end) {
        this.#moveTo(end)
        return condition()
      }
      this.step()
    }
    return true
  }

  /** Runs the next action and says whether there was one. */
  step(): boolean {
    const appointment = this.#appointments.pop()
    if (appointment === undefined) return false
    this.#moveTo(appointment.at)
    if (++this.#actionsAtThisInstant > MAX_ACTIONS_PER_INSTANT) {
      throw new VirtualClockError('CLOCK_STANDS_STILL', `actions without end at ${this.#now} ms`)
    }
    appointment.action()
    return true
  }

  #moveTo(now: Millis): void {
    if (now > this.#now) this.#actionsAtThisInstant = 0
    this.#now = now
  }

  /** Where an appointment at this time goes: before all that are earlier or equal in the reversed list. */
  #placeOf(at: Millis): number {
    let low = 0
    let high = this.#appointments.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#appointments[middle]?.at ?? 0) > at) low = middle + 1
      else high = middle
    }
    return low
  }
}
