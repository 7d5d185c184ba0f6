import type { Millis, PathId, TimerTable } from '@crowfly/sansio'

/** What `Streams` works on. */
export interface StreamsOptions {
  timers: TimerTable
  /** A slot of `timers` for each path from here on is theirs. */
  firstSlot: number
  maxIdleMs: Millis
}

/** The TCP and TLS connections that are open; those that are of no use are found by their silence. */
export class Streams {
  readonly #options: StreamsOptions
  /** How many of its requests were refused, by path. */
  readonly #open = new Map<PathId, number>()

  constructor(options: StreamsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#open.size
  }

  open(path: PathId, now: Millis): void {
    this.#open.set(path, 0)
    this.idle(path, now)
  }

  close(path: PathId): void {
    this.#open.delete(path)
    this.busy(path)
  }

  /** From now on it must not be silent for too long. */
  idle(path: PathId, now: Millis): void {
    if (!this.#open.has(path)) return
    this.#options.timers.schedule(this.#options.firstSlot + path, now + this.#options.maxIdleMs)
  }

  /** It may be as silent as it likes. */
  busy(path: PathId): void {
    this.#options.timers.cancel(this.#options.firstSlot + path)
  }

  /** Counts one refused request of it, and returns how many there were. */
  refuse(path: PathId): number {
    const refusals = this.#open.get(path)
    if (refusals === undefined) return 0
    this.#open.set(path, refusals + 1)
    return refusals + 1
  }

  /** The path whose slot of `timers` this is: it has been silent for too long. */
  pathOf(timerSlot: number): PathId {
    return timerSlot - this.#options.firstSlot
  }
}
