import { encodeUtf8, equalConstantTime } from '@crowfly/bytes'
import { hmac } from '@noble/hashes/hmac.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { concatLengthValue } from '../cpace/length-value.ts'
import { PairingError } from '../pairing-error.ts'
import type { Role } from '../role.ts'
import { type Fingerprint, type FingerprintProblem, parseFingerprint } from './fingerprint.ts'

/**
 * Ties a pairing to the DTLS connection that came of it: the first message on the first data channel, both ways, says
 * under a key of the pairing which certificates its sender sees. A member who copies another's fingerprint (RFC 8844
 * §4) cannot say so.
 */
export class Binding {
  readonly #role: Role
  readonly #keys: { readonly bindOut: Uint8Array; readonly bindIn: Uint8Array }
  #own: Fingerprint | undefined
  #peer: Fingerprint | undefined

  /** The keys stay their owner's, who wipes them. */
  constructor(role: Role, keys: { readonly bindOut: Uint8Array; readonly bindIn: Uint8Array }) {
    this.#role = role
    this.#keys = keys
  }

  /** Takes this side's session description, before it is sent. What it returns is a reason not to. */
  pinOwn(sdp: string): FingerprintProblem | undefined {
    const parsed = parseFingerprint(sdp)
    if ('problem' in parsed) return parsed.problem
    this.#own ??= parsed.fingerprint
    return this.#own === parsed.fingerprint ? undefined : 'changedFingerprint'
  }

  /** Takes the other side's, before it is applied. What it returns is a reason not to. */
  pinPeer(sdp: string): FingerprintProblem | undefined {
    const parsed = parseFingerprint(sdp)
    if ('problem' in parsed) return parsed.problem
    this.#peer ??= parsed.fingerprint
    return this.#peer === parsed.fingerprint ? undefined : 'changedFingerprint'
  }

  /** This side's bind message. Throws `PAIRING_UNPINNED` before both descriptions were taken. */
  message(): Uint8Array {
    const { own, peer } = this.#fingerprints()
    return authenticate(this.#keys.bindOut, this.#role, own, peer)
  }

  /** Whether this is the other side's bind message. */
  isMessageOfPeer(message: Uint8Array): boolean {
    const { own, peer } = this.#fingerprints()
    const role = this.#role === 'member' ? 'newcomer' : 'member'
    return equalConstantTime(message, authenticate(this.#keys.bindIn, role, peer, own))
  }

  #fingerprints(): { own: Fingerprint; peer: Fingerprint } {
    if (this.#own === undefined || this.#peer === undefined) {
      throw new PairingError('PAIRING_UNPINNED', 'give both session descriptions to pinOwn and pinPeer first')
    }
    return { own: this.#own, peer: this.#peer }
  }
}

/** `HMAC(key, lv_cat(role, the sender's fingerprint, the other one's))` */
function authenticate(key: Uint8Array, role: Role, own: Fingerprint, peer: Fingerprint): Uint8Array {
  const parts = [role === 'member' ? 'A' : 'B', own, peer].map(encodeUtf8)
  return hmac(sha512, key, concatLengthValue(...parts))
}
