import { encodeUtf8 } from '@crowfly/bytes'
import type { Crypto } from '@crowfly/sansio'
import {
  AttributeType,
  choosePasswordAlgorithm,
  decodeNonce,
  decodeNonceCookie,
  decodePasswordAlgorithms,
  decodeRealm,
  deriveLongTermKey,
  deriveUserhash,
  ErrorCode,
  encodeMessageIntegrity,
  encodeMessageIntegritySha256,
  encodeNonce,
  encodePasswordAlgorithm,
  encodePasswordAlgorithms,
  encodeRealm,
  encodeUserhash,
  encodeUsername,
  isBidDown,
  type PasswordAlgorithm,
  PasswordAlgorithmNumber,
  prepareOpaqueString,
  SecurityFeature,
  type StunMessage,
  type StunMessageWriter,
  type TransactionCredential,
} from '@crowfly/stun'
import { TurnError } from '../turn-error.ts'

// RFC 8489 §14.3, §14.9, §14.10
const MAX_USERNAME_BYTES = 508
const MAX_CHARACTERS = 127
/** More than both of the algorithms that there are, and what a request has room for. */
const MAX_ALGORITHMS = 8
const MAX_PARAMETER_BYTES = 64

/**
 * Why a challenge can not be met.
 *
 * - `bidDown`: somebody on the path took PASSWORD-ALGORITHMS out
 * - `noCommonAlgorithm`: the server offers none that we have
 * - `unusableChallenge`: realm or nonce are missing, or nothing that could be sent back
 */
export type ChallengeFault = 'bidDown' | 'noCommonAlgorithm' | 'unusableChallenge'

/** What the server's last challenge asks to be sent back. */
interface Challenge {
  readonly realm: string
  readonly nonce: string
  /** What the server offers and what we chose; undefined for one that does not know RFC 8489. */
  readonly algorithms:
    | { readonly offered: readonly PasswordAlgorithm[]; readonly chosen: PasswordAlgorithm }
    | undefined
  readonly userhash: Uint8Array | undefined
  readonly key: Uint8Array
}

/**
 * The client's side of the long-term credential mechanism (RFC 8489 §9.2): what the server's challenges said, and the
 * attributes by which requests are authenticated with it. One for all requests to a server.
 */
export class LongTermSession {
  readonly #username: string
  readonly #password: string
  readonly #crypto: Crypto
  #challenge: Challenge | undefined

  constructor(credential: { readonly username: string; readonly password: string }, crypto: Crypto) {
    const username = prepareOpaqueString(credential.username)
    if (username === undefined || encodeUtf8(username).length > MAX_USERNAME_BYTES) {
      throw new TurnError('TURN_CREDENTIAL', 'a username is an OpaqueString of at most 508 bytes')
    }
    if (prepareOpaqueString(credential.password) === undefined) {
      throw new TurnError(
        'TURN_CREDENTIAL',
        'the password is no OpaqueString: empty, or with characters not allowed',
      )
    }
    this.#username = username
    this.#password = credential.password
    this.#crypto = crypto
  }

  /** By what responses are checked; undefined before the first challenge. */
  get credential(): TransactionCredential | undefined {
    const key = this.#challenge?.key
    return key && { mechanism: 'longTerm', key, crypto: this.#crypto }
  }

  /** Whether a 401 to a request with credentials leaves something to try: only another realm does (RFC 8489 §9.2.5). */
  hasNewRealm(response: StunMessage): boolean {
    const realm = decodeRealm(response)
    return realm !== undefined && realm !== this.#challenge?.realm
  }

  /** Takes the challenge in a 401 or 438, or says why it can not be met. RFC 8489 §9.2.5. */
  handleChallenge(response: StunMessage): ChallengeFault | undefined {
    if (isBidDown(response)) return 'bidDown'
    const nonce = decodeNonce(response)
    const realm = decodeRealm(response) ?? this.#challenge?.realm
    if (nonce === undefined || realm === undefined) return 'unusableChallenge'
    if (!isSendable(nonce) || !isSendable(realm)) return 'unusableChallenge'
    const algorithms = this.#agree(response)
    if (typeof algorithms === 'string') return algorithms
    const features = decodeNonceCookie(nonce) ?? 0
    const isAnonymous = (features & SecurityFeature.USERNAME_ANONYMITY) !== 0
    const number = algorithms?.chosen.number ?? PasswordAlgorithmNumber.MD5
    const credential = { username: this.#username, realm, password: this.#password }
    const key = deriveLongTermKey(credential, number, this.#crypto)
    const userhash = isAnonymous ? deriveUserhash(this.#username, realm, this.#crypto) : undefined
    if (key === undefined || (isAnonymous && userhash === undefined)) return 'unusableChallenge'
    this.#challenge = { realm, nonce, algorithms, userhash, key }
    return undefined
  }

  /** Authenticates a request, as its last step; false before the first challenge. RFC 8489 §9.2.3.2. */
  sign(writer: StunMessageWriter): boolean {
    const challenge = this.#challenge
    if (challenge === undefined) return false
    if (challenge.userhash === undefined) encodeUsername(writer, this.#username)
    else encodeUserhash(writer, challenge.userhash)
    encodeRealm(writer, challenge.realm)
    encodeNonce(writer, challenge.nonce)
    if (challenge.algorithms === undefined) {
      encodeMessageIntegrity(writer, challenge.key, this.#crypto)
      return true
    }
    encodePasswordAlgorithms(writer, challenge.algorithms.offered)
    encodePasswordAlgorithm(writer, challenge.algorithms.chosen)
    encodeMessageIntegritySha256(writer, challenge.key, this.#crypto)
    return true
  }

  #agree(response: StunMessage): Challenge['algorithms'] | ChallengeFault {
    if (!response.has(AttributeType.PASSWORD_ALGORITHMS)) {
      // The nonce cookie does not help where it is the cookie that was taken out of an unprotected 438: a server that
      // has offered algorithms once goes on offering them.
      return this.#challenge?.algorithms === undefined ? undefined : 'bidDown'
    }
    const list = decodePasswordAlgorithms(response)
    if (list === undefined || list.length > MAX_ALGORITHMS) return 'unusableChallenge'
    if (list.some(({ parameters }) => parameters.length > MAX_PARAMETER_BYTES)) return 'unusableChallenge'
    const offered = list.map(({ number, parameters }) => ({ number, parameters: parameters.slice() }))
    // RFC 8656 §6: SHA-256 wherever both have it; else, by RFC 8489 §9.2.5, the first on the list.
    const chosen = choosePasswordAlgorithm(offered.filter(isSha256)) ?? choosePasswordAlgorithm(offered)
    return chosen === undefined ? 'noCommonAlgorithm' : { offered, chosen }
  }
}

function isSha256({ number }: PasswordAlgorithm): boolean {
  return number === PasswordAlgorithmNumber.SHA256
}

/** What was received may be longer than what may be sent. */
function isSendable(text: string): boolean {
  return Array.from(text).length <= MAX_CHARACTERS
}

/** Whether a code is a challenge: the server could not authenticate its response either. */
export function isChallenge(code: number): boolean {
  return code === ErrorCode.UNAUTHENTICATED || code === ErrorCode.STALE_NONCE
}
