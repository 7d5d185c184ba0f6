import { type Datagram, parseAddress, type TransportAddress } from '@crowfly/sansio'
import {
  AttributeType,
  agreedPasswordAlgorithm,
  decodeNonce,
  decodeRealm,
  decodeUserhash,
  decodeUsername,
  deriveLongTermKey,
  deriveUserhash,
  encodeErrorCode,
  encodeMessageIntegrity,
  encodeMessageIntegritySha256,
  encodeNonce,
  encodeNonceCookie,
  encodePasswordAlgorithms,
  encodeRealm,
  encodeXorMappedAddress,
  hasIntegrity,
  integrityAlgorithmOf,
  type PasswordAlgorithm,
  PasswordAlgorithmNumber,
  SecurityFeature,
  StunMessage,
  StunMessageWriter,
} from '@crowfly/stun'
import { testCrypto } from '@crowfly/testkit'
import { encodeLifetime } from '../proto/attributes/lifetime.ts'
import { encodeXorRelayedAddress } from '../proto/attributes/xor-relayed-address.ts'
import { turnReasonPhrase } from '../proto/turn-error-code.ts'
import { TurnMethod } from '../proto/turn-method.ts'

export const REALM = 'example.org'
export const USER = { username: 'neo', password: 'TheMatrIX' }

/** The transport address in `1.2.3.4 5` or `2001:db8::1 5`. */
export function addressOf(text: string): TransportAddress {
  const [host = '', port = ''] = text.split(' ')
  return { family: host.includes(':') ? 6 : 4, address: parseAddress(host) ?? new Uint8Array(0), port: +port }
}

export const RELAYED: TransportAddress = addressOf('198.51.100.1 50000')
export const REFLEXIVE: TransportAddress = addressOf('203.0.113.9 40000')

type Write = (writer: StunMessageWriter) => void

/** How the server answers a request that is authenticated: a code, or the attributes of a success. */
export type Answer = { readonly code: number; readonly write?: Write } | { readonly write: Write } | 'silence'

/**
 * The other side of a `TurnClient` in tests: it challenges, checks credentials and answers each method as it is told.
 * It keeps no allocation and no time.
 */
export class ScriptedTurnServer {
  /** The nonce that is good; a request with another gets 438. */
  nonce = 'nonce-1'
  realm = REALM
  /** What is offered in PASSWORD-ALGORITHMS; nothing for a server of RFC 5389. */
  algorithms: readonly PasswordAlgorithm[] | undefined
  isAnonymous = false
  /** By method; what is not here succeeds. */
  readonly answers = new Map<number, Answer>()
  /** Requests that were seen, in order, as copies. */
  readonly requests: StunMessage[] = []
  /** Indications and ChannelData, as copies. */
  readonly payloads: Uint8Array[] = []

  /** Takes what the client sent, and gives the response. */
  handle(input: Datagram): Uint8Array | undefined {
    const bytes = input.bytes.slice(input.start, input.end)
    const request = new StunMessage()
    if (request.decode(bytes) !== undefined || request.messageClass !== 'request') {
      this.payloads.push(bytes)
      return undefined
    }
    this.requests.push(request)
    return this.#respond(request)
  }

  /** The challenge of a 401 or 438: what the client is to send back. */
  writeChallenge(writer: StunMessageWriter): void {
    const features =
      (this.algorithms ? SecurityFeature.PASSWORD_ALGORITHMS : 0) |
      (this.isAnonymous ? SecurityFeature.USERNAME_ANONYMITY : 0)
    encodeRealm(writer, this.realm)
    encodeNonce(writer, features === 0 ? this.nonce : encodeNonceCookie(features) + this.nonce)
    if (this.algorithms !== undefined) encodePasswordAlgorithms(writer, this.algorithms)
  }

  /** The key by which a request is authentic; undefined when it is not. */
  keyOf(request: StunMessage): Uint8Array | undefined {
    const userhash = decodeUserhash(request)
    const expected = deriveUserhash(USER.username, this.realm, testCrypto)
    const isKnown = this.isAnonymous
      ? userhash !== undefined && expected !== undefined && userhash.every((byte, i) => byte === expected[i])
      : decodeUsername(request) === USER.username
    const algorithm = this.algorithms
      ? agreedPasswordAlgorithm(request, this.algorithms)
      : { number: PasswordAlgorithmNumber.MD5 }
    if (!isKnown || algorithm === undefined || decodeRealm(request) !== this.realm) return undefined
    const key = deriveLongTermKey({ ...USER, realm: this.realm }, algorithm.number, testCrypto)
    return key !== undefined && hasIntegrity(request, key, testCrypto) ? key : undefined
  }

  #respond(request: StunMessage): Uint8Array | undefined {
    if (!request.has(AttributeType.NONCE)) return this.#challenge(request, 401)
    const key = this.keyOf(request)
    if (key === undefined) return this.#challenge(request, 401)
    if (!decodeNonce(request)?.endsWith(this.nonce)) return this.#challenge(request, 438)
    const answer = this.answers.get(request.method) ?? this.#success(request.method)
    if (answer === 'silence') return undefined
    const writer = this.#begin(request, 'code' in answer ? 'errorResponse' : 'successResponse')
    if ('code' in answer) encodeErrorCode(writer, answer.code, turnReasonPhrase(answer.code))
    answer.write?.(writer)
    const sign =
      integrityAlgorithmOf(request) === 'sha256' ? encodeMessageIntegritySha256 : encodeMessageIntegrity
    sign(writer, key, testCrypto)
    return writer.message
  }

  #success(method: number): Answer {
    if (method === TurnMethod.ALLOCATE) {
      return {
        write: (writer) => {
          encodeXorRelayedAddress(writer, RELAYED)
          encodeXorMappedAddress(writer, REFLEXIVE)
          encodeLifetime(writer, 600)
        },
      }
    }
    if (method === TurnMethod.REFRESH) return { write: (writer) => encodeLifetime(writer, 600) }
    return { write: () => {} }
  }

  #challenge(request: StunMessage, code: number): Uint8Array {
    const writer = this.#begin(request, 'errorResponse')
    encodeErrorCode(writer, code)
    this.writeChallenge(writer)
    return writer.message
  }

  #begin(request: StunMessage, kind: 'successResponse' | 'errorResponse'): StunMessageWriter {
    const writer = new StunMessageWriter(new Uint8Array(1024))
    writer.writeResponseHeader(request, kind)
    return writer
  }
}
