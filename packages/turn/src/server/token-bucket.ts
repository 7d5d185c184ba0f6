import type { Millis } from '@crowfly/sansio'

/** What the shortest packet counts, since each costs about the same to pass on. */
const LEAST_BYTES = 64

/** So many bytes a second, and at most one second's worth at once; a packet counts as 64 bytes at least. */
export class TokenBucket {
  #tokens: number
  #at: Millis

  constructor(bytesPerSecond: number, now: Millis) {
    this.#tokens = bytesPerSecond
    this.#at = now
  }

  /** Whether `bytes` may pass now, which are then counted. */
  take(bytes: number, bytesPerSecond: number, now: Millis): boolean {
    const tokens = this.#tokens + (Math.max(0, now - this.#at) / 1000) * bytesPerSecond
    this.#tokens = Math.min(bytesPerSecond, tokens)
    this.#at = now
    const cost = Math.max(bytes, LEAST_BYTES)
    if (cost > this.#tokens) return false
    this.#tokens -= cost
    return true
  }
}
