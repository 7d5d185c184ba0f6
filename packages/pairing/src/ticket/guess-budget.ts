import type { Millis } from '@crowfly/sansio'
import type { OpenRoom, RoomCode } from '../code/room-code.ts'

/** Wrong proofs after which people hear that somebody is guessing. */
const noticeAt = 5
/** Wrong proofs after which nobody new is admitted. */
const closedAt = { words: 256, chosen: 10, standing: 256, open: 256 } as const
/** Wrong proofs that are looked at without a pause, and the pause for each one more. */
const burst = 10
const pauseMs = 10_000

/** What a wrong proof has led to: tell people that somebody is guessing, or to make a new code. */
export type GuessWarning = 'guessing' | 'closed'

/** A member's count of wrong proofs under one code. */
export class GuessBudget {
  readonly #closedAt: number
  #wrong = 0
  /** When the whole burst will be there again. */
  #fullAt: Millis = -Infinity

  constructor(kind: (RoomCode | OpenRoom)['kind']) {
    this.#closedAt = closedAt[kind]
  }

  /** Whether nobody new is admitted any more. */
  get isClosed(): boolean {
    return this.#wrong >= this.#closedAt
  }

  /** Wrong proofs so far: each was a guess. */
  get wrong(): number {
    return this.#wrong
  }

  /** Milliseconds until a proof is looked at again; 0 when one is now. */
  wait(now: Millis): Millis {
    return Math.max(0, this.#fullAt - now - (burst - 1) * pauseMs)
  }

  /** Counts a wrong proof. */
  spend(now: Millis): GuessWarning | undefined {
    this.#wrong++
    this.#fullAt = Math.max(this.#fullAt, now) + pauseMs
    if (this.#wrong === this.#closedAt) return 'closed'
    return this.#wrong === noticeAt ? 'guessing' : undefined
  }
}
