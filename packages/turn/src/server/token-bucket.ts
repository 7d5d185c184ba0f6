import type { Millis } from '@crowfly/sansio'

/** So many bytes a second, and at most one second's worth at once. */
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
    if (bytes > this.#tokens) return false
    this.#tokens -= bytes
    return true
  }
}
