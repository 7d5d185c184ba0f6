import type { Millis } from '@crowfly/sansio'

/** Milliseconds for which a request may be under way before it arrives (a proxy may send one again on its own). */
const keepMs = 120_000
/** At most so many are remembered; the oldest are forgotten first. */
const maxKept = 16_384

/** The ids of connections that are over, so that a late copy of their first request begins nothing. */
export class ClosedPolls {
  /** Until when each is remembered, oldest first. */
  readonly #until = new Map<string, Millis>()

  add(key: string, now: Millis): void {
    for (const [oldest, until] of this.#until) {
      if (until > now && this.#until.size < maxKept) break
      this.#until.delete(oldest)
    }
    this.#until.set(key, now + keepMs)
  }

  has(key: string): boolean {
    return this.#until.has(key)
  }
}
