import { encodeBase64url, equalConstantTime } from '@crowfly/bytes'
import type { OpenMessage } from './open-message.ts'

/** Opened tickets that are remembered, so that the same answer can be given again. */
const maxSpent = 64

/** One ticket that was opened. */
interface SpentTicket {
  readonly opener: Uint8Array
  /** What it was opened with, CPace's Yb: new each time that somebody opens a ticket. */
  readonly share: Uint8Array
  /** What was answered; undefined when nothing has been yet, or is any more. */
  readonly answer: () => Uint8Array | undefined
}

/** The tickets that have been opened lately: an `open` that comes again is answered as before, and counts nothing. */
export class SpentTickets {
  readonly #spent = new Map<string, SpentTicket>()

  add({ ticketId, share }: OpenMessage, opener: Uint8Array, answer: () => Uint8Array | undefined): void {
    this.#spent.set(encodeBase64url(ticketId), { opener: opener.slice(), share: share.slice(), answer })
    const [oldest] = this.#spent.keys()
    if (this.#spent.size > maxSpent && oldest !== undefined) this.#spent.delete(oldest)
  }

  /** What this member was answered to this very message; undefined when it has not said it before. */
  find(
    { ticketId, share }: OpenMessage,
    opener: Uint8Array,
  ): { readonly answer: Uint8Array | undefined } | undefined {
    const spent = this.#spent.get(encodeBase64url(ticketId))
    if (spent === undefined || !equalConstantTime(spent.opener, opener)) return undefined
    return equalConstantTime(spent.share, share) ? { answer: spent.answer() } : undefined
  }

  clear(): void {
    this.#spent.clear()
  }
}
