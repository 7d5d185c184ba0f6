import { encodeBase64url, equalConstantTime } from '@crowfly/bytes'

/** Opened tickets that are remembered, so that the same answer can be given again. */
const maxSpent = 64

/** One ticket that was opened. */
interface SpentTicket {
  readonly opener: Uint8Array
  /** What was answered; undefined when nothing has been yet, or is any more. */
  readonly answer: () => Uint8Array | undefined
}

/** The tickets that have been opened lately: an `open` that comes again is answered as before, and counts nothing. */
export class SpentTickets {
  readonly #spent = new Map<string, SpentTicket>()

  add(ticketId: Uint8Array, opener: Uint8Array, answer: () => Uint8Array | undefined): void {
    this.#spent.set(encodeBase64url(ticketId), { opener: opener.slice(), answer })
    const [oldest] = this.#spent.keys()
    if (this.#spent.size > maxSpent && oldest !== undefined) this.#spent.delete(oldest)
  }

  /** What this member was answered when it opened this ticket; undefined when it has not opened it. */
  find(ticketId: Uint8Array, opener: Uint8Array): { readonly answer: Uint8Array | undefined } | undefined {
    const spent = this.#spent.get(encodeBase64url(ticketId))
    if (spent === undefined || !equalConstantTime(spent.opener, opener)) return undefined
    return { answer: spent.answer() }
  }

  clear(): void {
    this.#spent.clear()
  }
}
