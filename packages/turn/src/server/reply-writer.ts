import type { Crypto } from '@crowfly/sansio'
import {
  encodeErrorCode,
  encodeFingerprint,
  encodeMessageIntegrity,
  encodeMessageIntegritySha256,
  encodeNonce,
  encodePasswordAlgorithms,
  encodeRealm,
  encodeSoftware,
  encodeUnknownAttributes,
  listUnknownAttributes,
  type StunMessage,
  StunMessageWriter,
} from '@crowfly/stun'
import { isKnownTurnAttribute } from '../proto/turn-attribute-type.ts'
import { turnReasonPhrase } from '../proto/turn-error-code.ts'
import { type Credentials, OFFERED_ALGORITHMS } from './authenticator.ts'
import type { Answer } from './turn-request.ts'

// Header, realm and software at their longest, nonce, the other attributes.
const REPLY_BYTES = 20 + 2 * 512 + 256
// DEVIATION: RFC 8489 §6.3.1 has a 420 list every unknown attribute. It lists the first 32, so that it is bounded.
const MAX_UNKNOWN_LISTED = 32

/** Writes responses into one buffer. */
export class ReplyWriter {
  readonly bytes: Uint8Array = new Uint8Array(REPLY_BYTES)
  readonly #crypto: Crypto
  readonly #realm: string
  readonly #software: string | undefined

  constructor(crypto: Crypto, realm: string, software: string | undefined) {
    this.#crypto = crypto
    this.#realm = realm
    this.#software = software
  }

  /** The response to an authenticated request; returns where it ends. */
  write(request: StunMessage, credentials: Credentials, answer: Answer, hasFingerprint: boolean): number {
    const writer = new StunMessageWriter(this.bytes)
    if (typeof answer === 'number') {
      writer.writeResponseHeader(request, 'errorResponse')
      encodeErrorCode(writer, answer, turnReasonPhrase(answer))
      if (answer === 420) {
        const unknown = listUnknownAttributes(request, isKnownTurnAttribute, MAX_UNKNOWN_LISTED)
        encodeUnknownAttributes(writer, unknown)
      }
    } else {
      writer.writeResponseHeader(request, 'successResponse')
      answer(writer)
    }
    if (this.#software !== undefined) encodeSoftware(writer, this.#software)
    if (credentials.integrity === 'sha1') encodeMessageIntegrity(writer, credentials.key, this.#crypto)
    else encodeMessageIntegritySha256(writer, credentials.key, this.#crypto)
    if (hasFingerprint) encodeFingerprint(writer)
    return writer.end
  }

  // RFC 8489 §9.2.4. DEVIATION: no phrase and no SOFTWARE (RFC 8489 §6.3.1.1, RFC 8656 §5), so that forging an address
  // multiplies nothing.
  /** The refusal of a request whose sender is not known; returns where it ends. A 400 has no nonce. */
  writeChallenge(
    request: StunMessage,
    code: 400 | 401 | 438,
    nonce: string | undefined,
    hasFingerprint: boolean,
  ): number {
    const writer = new StunMessageWriter(this.bytes)
    writer.writeResponseHeader(request, 'errorResponse')
    encodeErrorCode(writer, code, '')
    if (nonce !== undefined) {
      encodeRealm(writer, this.#realm)
      encodeNonce(writer, nonce)
      encodePasswordAlgorithms(writer, OFFERED_ALGORITHMS)
    }
    if (hasFingerprint) encodeFingerprint(writer)
    return writer.end
  }
}
