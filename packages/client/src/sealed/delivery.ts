import type { SealedChannel } from '@crowfly/pairing'
import type { Millis } from '@crowfly/sansio'

/** Milliseconds that an acknowledgement waits for a message to ride on. */
const ackDelayMs = 200
/** Messages after which it waits no more. */
const ackEvery = 8
/** Milliseconds without progress after which everything is sent again; doubled each time. */
const resendMs = 5_000
const maxResendMs = 60_000
/** Milliseconds between two answers to what comes twice. */
const repeatMs = 1_000

/** When acknowledgements and repetitions to one member are due (PROTOCOL.md §6.6). */
export class Delivery {
  #ackAt: Millis = Infinity
  #owed = 0
  #resendAt: Millis = Infinity
  #resendMs: Millis = resendMs
  #repeatedAt: Millis = -Infinity
  /** What waits for longest; another one there is progress. */
  #first: Uint8Array | undefined

  /** Looks at what is not acknowledged. `canArrive`: there is a server, and the member is not away. */
  review(unacknowledged: readonly Uint8Array[], canArrive: boolean, now: Millis): void {
    const [first] = unacknowledged
    if (first !== this.#first) {
      this.#first = first
      this.#resendMs = resendMs
      this.#resendAt = Infinity
    }
    if (first === undefined || !canArrive) this.#resendAt = Infinity
    else this.#resendAt = Math.min(this.#resendAt, now + this.#resendMs)
  }

  /** Everything is to be sent again at `at`, whatever was said before. */
  resendAt(at: Millis): void {
    this.#resendAt = at
  }

  /** Whether everything is to be sent again now. */
  takeResend(now: Millis): boolean {
    if (now < this.#resendAt) return false
    this.#resendAt = Infinity
    this.#resendMs = Math.min(this.#resendMs * 2, maxResendMs)
    return true
  }

  /** Something came that was there before: the other side may not know that. True when it is to be told now. */
  takeRepeat(now: Millis): boolean {
    if (now - this.#repeatedAt < repeatMs) return false
    this.#repeatedAt = now
    return true
  }

  /** A message has come. */
  owe(now: Millis): void {
    this.#owed += 1
    this.#ackAt = this.#owed >= ackEvery ? now : Math.min(this.#ackAt, now + ackDelayMs)
  }

  /** Whether the acknowledgement goes by itself now. */
  takeAck({ isAckDue }: SealedChannel, now: Millis): boolean {
    if (now < this.#ackAt) return false
    this.settle()
    return isAckDue
  }

  /** An acknowledgement has gone out with a message. */
  settle(): void {
    this.#ackAt = Infinity
    this.#owed = 0
  }

  pollTimeout(): Millis {
    return Math.min(this.#ackAt, this.#resendAt)
  }
}
