import type { Millis } from '@crowfly/sansio'

/** Nameplates of rooms that ended: known, but not given out again for a while. Bounded; the oldest go first. */
export class Quarantine {
  /** In order of ending, which is the order of expiry too, since all stay equally long. */
  readonly #until = new Map<string, Millis>()
  readonly #max: number
  readonly #lifetime: Millis

  constructor(max: number, lifetime: Millis) {
    this.#max = max
    this.#lifetime = lifetime
  }

  add(nameplate: string, now: Millis): void {
    this.#until.delete(nameplate)
    this.#until.set(nameplate, now + this.#lifetime)
    for (const [oldest, until] of this.#until) {
      if (until > now && this.#until.size <= this.#max) return
      this.#until.delete(oldest)
    }
  }

  /** Those whose time is over may be among them. */
  get size(): number {
    return this.#until.size
  }

  has(nameplate: string, now: Millis): boolean {
    return (this.#until.get(nameplate) ?? 0) > now
  }

  delete(nameplate: string): void {
    this.#until.delete(nameplate)
  }
}
