import { encodeBase64url } from '@crowfly/bytes'

/** Tickets that are opened and not confirmed, at a time: each may be the server's guess. */
const maxUnconfirmed = 8
/** Tickets that one entry of a code opens in all. */
const maxOpened = 16

/** Why no ticket is opened now. */
export type OpeningLimit = 'tooManyUnconfirmed' | 'tooManyTickets'

/** A newcomer's bound on how often a server that forges tickets may guess. */
export class OpeningBudget {
  readonly #unconfirmed = new Set<string>()
  /** Each good for one ticket beyond the bounds. */
  readonly #vouched = new Set<string>()
  #opened = 0

  /** A member that is confirmed sees these, so that a ticket of theirs is no forgery. */
  vouch(members: readonly Uint8Array[]): void {
    for (const id of members) this.#vouched.add(encodeBase64url(id))
  }

  /** Counts a ticket of this member, or says why it can not be opened. */
  spend(member: Uint8Array): OpeningLimit | undefined {
    const key = encodeBase64url(member)
    if (this.#vouched.delete(key)) return undefined
    if (this.#opened >= maxOpened) return 'tooManyTickets'
    if (this.#unconfirmed.size >= maxUnconfirmed) return 'tooManyUnconfirmed'
    this.#opened++
    this.#unconfirmed.add(key)
    return undefined
  }

  /** The member's ticket is confirmed, refused or given up. */
  settle(member: Uint8Array): void {
    this.#unconfirmed.delete(encodeBase64url(member))
  }
}
