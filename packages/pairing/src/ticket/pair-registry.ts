import { encodeBase64url, equalConstantTime } from '@crowfly/bytes'
import { PairingError } from '../pairing-error.ts'
import { memberIdBytes } from './associated-data.ts'

/** Why an id is not one to pair with. */
export type IdentityFault = 'wrongSender' | 'ownId' | 'alreadyPaired'

/**
 * The ids that a page has and has had, and those that it is paired with. One for a page: a ticket of one of its
 * sessions must not be answered by another.
 */
export class PairRegistry {
  #id: Uint8Array
  readonly #own = new Set<string>()
  readonly #paired = new Map<string, object>()

  /** 16 random octets, as the server routes by. */
  constructor(memberId: Uint8Array) {
    this.#id = memberId
    this.rename(memberId)
  }

  /** The page's id now. */
  get id(): Uint8Array {
    return this.#id
  }

  /** The page has joined again under another id. The old ones remain its own. */
  rename(memberId: Uint8Array): void {
    if (memberId.length !== memberIdBytes) {
      throw new PairingError('PAIRING_MEMBER_ID', `a member id has 16 octets, not ${memberId.length}`)
    }
    this.#id = memberId.slice()
    this.#own.add(encodeBase64url(memberId))
  }

  // CPace §10.1: who takes identities out of associated data has to check them.
  /** What is wrong with an id that a message from `sender` names as its own. */
  check(id: Uint8Array, sender: Uint8Array): IdentityFault | undefined {
    if (!equalConstantTime(id, sender)) return 'wrongSender'
    if (this.#own.has(encodeBase64url(id))) return 'ownId'
    return this.#paired.has(encodeBase64url(id)) ? 'alreadyPaired' : undefined
  }

  /** `pairing` is the one with `peer` now. */
  add(peer: Uint8Array, pairing: object): void {
    this.#paired.set(encodeBase64url(peer), pairing)
  }

  /** `pairing` is over. One that has taken its place stays. */
  remove(peer: Uint8Array, pairing: object): void {
    if (this.#paired.get(encodeBase64url(peer)) === pairing) this.#paired.delete(encodeBase64url(peer))
  }

  /**
   * The other side may have forgotten the pairing: it goes on, but another one with the same member may take its place.
   */
  doubt(peer: Uint8Array): void {
    this.#paired.delete(encodeBase64url(peer))
  }
}
