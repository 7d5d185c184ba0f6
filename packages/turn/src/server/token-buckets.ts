import type { Millis } from '@crowfly/sansio'

const FIRST_SIZE = 64
/** What the shortest packet counts, since each costs about the same to pass on. */
const LEAST_BYTES = 64

/**
 * So many bytes a second for each of many slots, and at most one second's worth at once; a packet counts as 64 bytes at
 * least. Two numbers a slot: that is why they are not objects.
 */
export class TokenBuckets {
  readonly #bytesPerSecond: number
  #tokens = new Float64Array(FIRST_SIZE)
  #filledAt = new Float64Array(FIRST_SIZE)

  constructor(bytesPerSecond: number) {
    this.#bytesPerSecond = bytesPerSecond
  }

  /** Fills the slot for a new owner. */
  fill(slot: number, now: Millis): void {
    if (slot >= this.#tokens.length) this.#grow(slot + 1)
    this.#tokens[slot] = this.#bytesPerSecond
    this.#filledAt[slot] = now
  }

  /** Whether `bytes` may pass now, which are then counted. */
  take(slot: number, bytes: number, now: Millis): boolean {
    const elapsed = Math.max(0, now - (this.#filledAt[slot] ?? 0))
    const tokens = Math.min(
      this.#bytesPerSecond,
      (this.#tokens[slot] ?? 0) + (elapsed === 0 ? 0 : (elapsed / 1000) * this.#bytesPerSecond),
    )
    const cost = Math.max(bytes, LEAST_BYTES)
    this.#filledAt[slot] = now
    this.#tokens[slot] = cost > tokens ? tokens : tokens - cost
    return cost <= tokens
  }

  #grow(slots: number): void {
    const size = Math.max(slots, this.#tokens.length * 2)
    const tokens = new Float64Array(size)
    const filledAt = new Float64Array(size)
    tokens.set(this.#tokens)
    filledAt.set(this.#filledAt)
    this.#tokens = tokens
    this.#filledAt = filledAt
  }
}
