import type { Millis } from '@crowfly/sansio'

/** Milliseconds before a better transport is tried again; doubled each time. */
const firstPauseMs = 30_000
const longestPauseMs = 600_000
/** The first time, where a better one has worked before in this call: most likely the server was away. */
const shortPauseMs = 2_000

/**
 * Which of several transports, the best first, is to be tried: the next one when one comes to nothing, the one that
 * worked from then on, and from time to time a better one beside it.
 */
export class TransportChoice {
  readonly #count: number
  readonly #proven = new Set<number>()
  #current = 0
  #pauseMs: Millis = firstPauseMs
  #besideAt: Millis = Infinity
  #lastBeside = -1

  constructor(count: number) {
    this.#count = count
  }

  /** The one for the next connection. */
  get current(): number {
    return this.#current
  }

  /** When `takeBeside` gives another one; `Infinity` while the best is in use. */
  get besideAt(): Millis {
    return this.#besideAt
  }

  /** A connection over it has brought a frame. */
  handleSuccess(transport: number, now: Millis): void {
    const isSame = transport === this.#current && this.#besideAt < Infinity
    this.#current = transport
    this.#proven.add(transport)
    if (transport === 0) this.#besideAt = Infinity
    if (transport === 0 || isSame) return
    this.#pauseMs = firstPauseMs
    const wasBetter = [...this.#proven].some((one) => one < transport)
    this.#besideAt = now + (wasBetter ? shortPauseMs : firstPauseMs)
  }

  /** A connection over it has come to nothing. */
  handleFailure(transport: number): void {
    if (transport !== this.#current) return
    this.#current = (transport + 1) % this.#count
    this.#besideAt = Infinity
  }

  /** On another network a better one may work. */
  handleNetworkChange(now: Millis): void {
    if (this.#besideAt === Infinity) return
    this.#pauseMs = firstPauseMs
    this.#besideAt = now
  }

  /** One that is better than the current one, to be tried beside it; null before it is time. */
  takeBeside(now: Millis): number | null {
    if (now < this.#besideAt) return null
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs)
    this.#besideAt = now + this.#pauseMs
    this.#lastBeside = (this.#lastBeside + 1) % this.#current
    return this.#lastBeside
  }
}
