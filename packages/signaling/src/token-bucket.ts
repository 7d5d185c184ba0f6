import type { Millis } from '@crowfly/sansio'

/**
 * A budget of `burst` units that refills at `perMs` units a millisecond.
 *
 * The object holds only the rule; the state of one bucket is one number, the time at which it will be full again
 * (the generic cell rate algorithm of ITU-T I.371), so that thousands of buckets cost eight octets each. A fresh
 * bucket's state is 0.
 */
export class TokenBucket {
  readonly #perMs: number
  readonly #window: Millis

  constructor(burst: number, perMs: number) {
    this.#perMs = perMs
    this.#window = burst / perMs
  }

  /** Milliseconds until `cost` units are there: 0 when they are there now. */
  wait(fullAt: Millis, cost: number, now: Millis): Millis {
    const wait = Math.max(fullAt, now) + cost / this.#perMs - now - this.#window
    // Sums of fractions come out a hair too large, and a budget is to end on its last unit.
    return Math.max(0, Math.ceil(wait - 1e-6))
  }

  /** The state after `cost` units were taken. */
  spend(fullAt: Millis, cost: number, now: Millis): Millis {
    return Math.max(fullAt, now) + cost / this.#perMs
  }
}
