import type { Millis } from '@crowfly/sansio'
import type { Clock } from './clock.ts'

/** One deadline, set anew as often as needed. */
export interface Alarm {
  /** `Infinity` takes it off. */
  set(at: Millis): void
  clear(): void
}

/** All deadlines of a call, over a single timer of the platform. */
export class Agenda {
  readonly #clock: Clock
  readonly #entries = new Map<Alarm, { at: Millis; run: (now: Millis) => void }>()
  #stopTimer: (() => void) | null = null
  #timerAt: Millis = Infinity
  #isClosed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  now(): Millis {
    return this.#clock.now()
  }

  /** A deadline that calls `run`, not set yet. */
  alarm(run: (now: Millis) => void): Alarm {
    const alarm: Alarm = {
      set: (at) => {
        if (this.#isClosed) return
        if (at === Infinity) this.#entries.delete(alarm)
        else this.#entries.set(alarm, { at, run })
        this.#arm()
      },
      clear: () => {
        this.#entries.delete(alarm)
        this.#arm()
      },
    }
    return alarm
  }

  /** Takes off all deadlines. Final. */
  close(): void {
    this.#isClosed = true
    this.#entries.clear()
    this.#arm()
  }

  #arm(): void {
    let earliest = Infinity
    for (const { at } of this.#entries.values()) earliest = Math.min(earliest, at)
    if (earliest === this.#timerAt) return
    this.#stopTimer?.()
    this.#timerAt = earliest
    this.#stopTimer =
      earliest === Infinity
        ? null
        : this.#clock.startTimer(Math.max(0, earliest - this.#clock.now()), () => this.#wake())
  }

  #wake(): void {
    this.#timerAt = Infinity
    this.#stopTimer = null
    const now = this.#clock.now()
    for (const [alarm, { at, run }] of [...this.#entries]) {
      // An alarm that ran earlier in this turn may have taken this one off or moved it.
      if (at > now || this.#entries.get(alarm)?.at !== at) continue
      this.#entries.delete(alarm)
      run(now)
    }
    this.#arm()
  }
}
