import type { Millis } from '@crowfly/sansio'

/** Nobody is told to wait longer, not even for what will never be there: a budget of nothing. */
const maxWaitMs = 3_600_000

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

  /** Milliseconds until `cost` units are there, an hour at most: 0 when they are there now. */
  wait(fullAt: Millis, cost: number, now: Millis): Millis {
    if (!(this.#perMs > 0)) return maxWaitMs
    const wait = Math.max(fullAt, now) + cost / this.#perMs - now - this.#window
    // Sums of fractions come out a hair too large, and a budget is to end on its last unit.
    return Math.min(Math.max(0, Math.ceil(wait - 1e-6)), maxWaitMs)
  }

  /** The state after `cost` units were taken. */
  spend(fullAt: Millis, cost: number, now: Millis): Millis {
    return Math.max(fullAt, now) + cost / this.#perMs
  }
}
