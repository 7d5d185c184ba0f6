import { type Emoji, type Pairing, parseFingerprint } from '@crowfly/pairing'

/**
 * Ties one connection to the pairing that its descriptions were sealed in (PROTOCOL.md §7.2): each side says on the data
 * channel, under a key of the pairing, which certificates it sees.
 */
export class PeerProof {
  readonly #find: () => Pairing | undefined
  #pairing: Pairing | undefined
  /** Of a newcomer, whose offer goes out before there is a pairing. */
  #ownOffer: string | undefined

  /** `find` gives the pairing as soon as there is one. */
  constructor(find: () => Pairing | undefined) {
    this.#find = find
  }

  get pairing(): Pairing | undefined {
    return this.#pairing
  }

  /** Seven emoji that both sides see, unless somebody who knows the code stands between them. */
  get emoji(): readonly Emoji[] {
    return this.#pairing?.emoji ?? []
  }

  /** Takes this side's description before it is sent. False when it must not be. */
  takeOwn(sdp: string): boolean {
    if (this.#pairing === undefined && this.#find() === undefined) {
      this.#ownOffer = sdp
      return !('problem' in parseFingerprint(sdp))
    }
    return this.#settle()?.binding.pinOwn(sdp) === undefined
  }

  /** Takes the other side's description before it is applied. False when it must not be. */
  takePeer(sdp: string): boolean {
    const pairing = this.#settle()
    return pairing !== undefined && pairing.binding.pinPeer(sdp) === undefined
  }

  /** What this side says first on the data channel. Only when both descriptions were taken. */
  message(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#settle()?.binding.message() ?? [])
  }

  /** Whether this is what the other side has to say first. */
  isProof(data: unknown): boolean {
    if (!(data instanceof ArrayBuffer)) return false
    return this.#settle()?.binding.isMessageOfPeer(new Uint8Array(data)) === true
  }

  /** The pairing of this connection: the first one that there is. A later one is that of another connection. */
  #settle(): Pairing | undefined {
    if (this.#pairing !== undefined) return this.#pairing
    const pairing = this.#find()
    // Its certificate was looked at when the offer went out.
    if (this.#ownOffer !== undefined) pairing?.binding.pinOwn(this.#ownOffer)
    this.#pairing = pairing
    return pairing
  }
}
