import type { Millis } from '@crowfly/sansio'

/** Tickets that are made at once, and the time in which one more is due: a room takes thirty newcomers in a minute. */
const burst = 32
const pauseMs: Millis = 2_000
/** Tickets that are owed at most: what the server takes in one message. */
const maxOwed = 16

/** When tickets are made: each takes milliseconds of the page, and a server may want them without end. */
export class TicketSupply {
  #owed = 0
  /** When the whole burst will be there again. */
  #fullAt: Millis = -Infinity

  /** The server wants so many more. */
  want(count: number): void {
    this.#owed = Math.min(this.#owed + count, maxOwed)
  }

  /** How many are to be made now. */
  take(now: Millis): number {
    let count = 0
    for (; now >= this.pollTimeout(); count++) {
      this.#owed--
      this.#fullAt = Math.max(this.#fullAt, now) + pauseMs
    }
    return count
  }

  /** When the next one is to be made; `Infinity` when none is owed. */
  pollTimeout(): Millis {
    return this.#owed === 0 ? Infinity : this.#fullAt - (burst - 1) * pauseMs
  }
}
