import type { Millis } from '@crowfly/sansio'

// RFC 8489 §6.2.1: at least 500 ms, 1 ms accuracy, forgotten after ten minutes without a transaction.
const FIRST_RTO_MS = 500
const GRANULARITY_MS = 1
const STALE_AFTER_MS = 600_000

/**
 * How long to wait for a server's response before sending again: RFC 6298's estimate with the exceptions of
 * RFC 8489 §6.2.1. One for each server address.
 */
export class RoundTripEstimator {
  #smoothedMs: number | undefined
  #variationMs = 0
  #lastUse: Millis = Number.NEGATIVE_INFINITY

  /** The RTO to start a transaction with, in milliseconds. */
  rtoMs(now: Millis): number {
    if (now - this.#lastUse > STALE_AFTER_MS) this.#smoothedMs = undefined
    if (this.#smoothedMs === undefined) return FIRST_RTO_MS
    // RFC 6298 §2.3
    const rtoMs = this.#smoothedMs + Math.max(GRANULARITY_MS, 4 * this.#variationMs)
    return Math.max(FIRST_RTO_MS, Math.round(rtoMs))
  }

  /** Takes the `rttMs` of a transaction that ended now; undefined if it was sent more than once (Karn's algorithm). */
  handleRoundTrip(rttMs: number | undefined, now: Millis): void {
    if (now - this.#lastUse > STALE_AFTER_MS) this.#smoothedMs = undefined
    this.#lastUse = now
    if (rttMs === undefined) return
    if (this.#smoothedMs === undefined) {
      // RFC 6298 §2.2
      this.#smoothedMs = rttMs
      this.#variationMs = rttMs / 2
    } else {
      this.#variationMs = 0.75 * this.#variationMs + 0.25 * Math.abs(this.#smoothedMs - rttMs)
      this.#smoothedMs = 0.875 * this.#smoothedMs + 0.125 * rttMs
    }
  }
}
