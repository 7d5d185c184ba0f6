import type { Crypto, Datagram, Machine, Millis, PathId } from '@crowfly/sansio'
import { AttributeType, isKnownInResponse } from './attribute-type.ts'
import { decodeErrorCode } from './attributes/error-code.ts'
import { checkFingerprint } from './attributes/fingerprint.ts'
import { hasUnknownAttributes } from './attributes/unknown-attributes.ts'
import type { IntegrityAlgorithm } from './integrity.ts'
import { checkLongTermResponse } from './long-term-credential.ts'
import { StunMessage } from './message.ts'
import { checkShortTermResponse, type ResponseVerdict } from './short-term-credential.ts'
import { StunError } from './stun-error.ts'

/** When a transaction sends again and when it gives up (RFC 8489 §6.2). */
export interface TransactionTiming {
  /** RTO: the wait after the first sending, doubled after each. Default 500 ms; see `RoundTripEstimator`. */
  rtoMs: number
  /** Rc: how often the request is sent in all. Default 7. */
  maxSendings: number
  /** Rm: the wait after the last sending, in RTOs. Default 16. */
  lastWaitRtos: number
  /** Ti: the wait on a reliable transport. Default 39,500 ms. */
  reliableWaitMs: number
}

/** The credential of the request, by which its response is checked (RFC 8489 §9). */
export interface TransactionCredential {
  readonly mechanism: 'shortTerm' | 'longTerm'
  /** See `deriveShortTermKey` and `deriveLongTermKey`. */
  readonly key: Uint8Array
  readonly crypto: Crypto
}

/** Settings of a `ClientTransaction`. */
export interface ClientTransactionOptions {
  /** The request, whole; it is copied. */
  request: Uint8Array
  /** Where it goes, and the only path that a response is taken from. */
  path: PathId
  /** Whether the path is TCP or TLS: the request is then sent once. */
  isReliable: boolean
  timing?: Partial<TransactionTiming>
  /** Without one, responses are taken as they come. */
  credential?: TransactionCredential
  /** Comprehension-required attributes understood in the response; RFC 8489's (and RFC 3489's) by default. */
  isKnownAttribute?: (type: number) => boolean
}

/**
 * How a transaction ended; there is one such event.
 *
 * `response` is a copy that is the receiver's to keep and decodes as a `StunMessage`. `rttMs` is undefined when the
 * request was sent more than once, since nobody knows then which one was answered (Karn's algorithm).
 *
 * Reasons to fail: `timedOut`; `integrityViolated` (there were responses, none of them authentic); `pathFailed`;
 * `unknownAttributes` or `noErrorCode` (a response that can not be understood).
 */
export type ClientTransactionEvent =
  | { type: 'succeeded'; response: Uint8Array; rttMs: number | undefined }
  | { type: 'refused'; code: number; reason: string; response: Uint8Array; rttMs: number | undefined }
  | {
      type: 'failed'
      reason: 'timedOut' | 'integrityViolated' | 'pathFailed' | 'unknownAttributes' | 'noErrorCode'
    }

type State =
  | { readonly name: 'idle' }
  | {
      readonly name: 'waiting'
      readonly firstSentAt: Millis
      readonly sendings: number
      readonly deadline: Millis
      /** Whether a response was discarded because its integrity was wrong. */
      readonly isViolated: boolean
    }
  | { readonly name: 'ended' }

const DEFAULT_TIMING: TransactionTiming = {
  rtoMs: 500,
  maxSendings: 7,
  lastWaitRtos: 16,
  reliableWaitMs: 39_500,
}

/**
 * One request and its response (RFC 8489 §6.2, §6.3.3, §6.3.4): sends it, sends it again, and says how it ended.
 *
 * `start` it, then drive it. Its outbox holds one sending; a drain comes after each input, so there is never a second.
 * What to do about a redirection (300), a challenge (401, 438) or a passing fault (5xx) is the owner's to decide, with
 * a new transaction.
 */
export class ClientTransaction implements Machine<ClientTransactionEvent> {
  readonly #request: Uint8Array
  readonly #method: number
  readonly #transactionId: Uint8Array
  readonly #sentIntegrity: readonly IntegrityAlgorithm[]
  readonly #path: PathId
  readonly #isReliable: boolean
  readonly #timing: TransactionTiming
  readonly #credential: TransactionCredential | undefined
  readonly #isKnownAttribute: (type: number) => boolean
  readonly #response = new StunMessage()
  #state: State = { name: 'idle' }
  #hasToSend = false
  #event: ClientTransactionEvent | undefined

  constructor(options: ClientTransactionOptions) {
    this.#request = options.request.slice()
    const request = new StunMessage()
    if (request.decode(this.#request) !== undefined || request.messageClass !== 'request') {
      throw new StunError('STUN_TRANSACTION', 'a transaction begins with a whole request')
    }
    this.#method = request.method
    this.#transactionId = request.transactionId
    this.#sentIntegrity = sentIntegrity(request)
    this.#path = options.path
    this.#isReliable = options.isReliable
    this.#timing = { ...DEFAULT_TIMING, ...options.timing }
    this.#credential = options.credential
    this.#isKnownAttribute = options.isKnownAttribute ?? isKnownInResponse
  }

  /** Sends the request for the first time. Once per object. */
  start(now: Millis): void {
    if (this.#state.name !== 'idle') throw new StunError('STUN_TRANSACTION', 'a transaction starts once')
    this.#send({ firstSentAt: now, sendings: 1, isViolated: false }, now)
  }

  /** The connection is gone, or ICMP says that the address can not be reached (RFC 8489 §6.2.1, §6.2.2). */
  handlePathFailure(_now: Millis): void {
    if (this.#state.name === 'waiting') this.#end({ type: 'failed', reason: 'pathFailed' })
  }

  handleDatagram(input: Datagram, now: Millis): void {
    const state = this.#state
    if (state.name !== 'waiting' || input.path !== this.#path) return
    const response = this.#response
    if (response.decode(input.bytes, input.start, input.end) !== undefined) return
    if (!this.#isAnswer(response)) return
    const verdict = this.#verdict(response)
    if (verdict === 'accepted') this.#finish(response, now - state.firstSentAt, state.sendings)
    else if (verdict === 'violated') this.#discardViolated(state)
  }

  handleTimeout(now: Millis): void {
    const state = this.#state
    if (state.name !== 'waiting' || now < state.deadline) return
    if (this.#isReliable || state.sendings >= this.#timing.maxSendings) {
      // RFC 8489 §9.1.4, §9.2.5: not a timeout if there were responses that had to be discarded.
      this.#end({ type: 'failed', reason: state.isViolated ? 'integrityViolated' : 'timedOut' })
    } else {
      this.#send({ ...state, sendings: state.sendings + 1 }, now)
    }
  }

  pollTransmit(out: Datagram): boolean {
    if (!this.#hasToSend) return false
    this.#hasToSend = false
    out.bytes = this.#request
    out.start = 0
    out.end = this.#request.length
    out.path = this.#path
    return true
  }

  pollEvent(): ClientTransactionEvent | undefined {
    const event = this.#event
    this.#event = undefined
    return event
  }

  pollTimeout(): Millis {
    return this.#state.name === 'waiting' ? this.#state.deadline : Number.POSITIVE_INFINITY
  }

  // RFC 8489 §6.2.1: the wait doubles; after the last sending it is Rm times the RTO. §6.2.2: over TCP it is Ti.
  #send(sent: { firstSentAt: Millis; sendings: number; isViolated: boolean }, now: Millis): void {
    const { rtoMs, maxSendings, lastWaitRtos, reliableWaitMs } = this.#timing
    const factor = sent.sendings < maxSendings ? 2 ** (sent.sendings - 1) : lastWaitRtos
    const deadline = now + (this.#isReliable ? reliableWaitMs : factor * rtoMs)
    this.#hasToSend = true
    this.#enter({ ...sent, name: 'waiting', deadline })
  }

  // RFC 8489 §6.3
  #isAnswer(response: StunMessage): boolean {
    const { messageClass } = response
    return (
      (messageClass === 'successResponse' || messageClass === 'errorResponse') &&
      response.method === this.#method &&
      response.hasTransactionId(this.#transactionId) &&
      checkFingerprint(response) !== 'wrong'
    )
  }

  #verdict(response: StunMessage): ResponseVerdict {
    const credential = this.#credential
    if (credential === undefined) return 'accepted'
    const { key, crypto } = credential
    return credential.mechanism === 'shortTerm'
      ? checkShortTermResponse(response, this.#sentIntegrity, key, crypto)
      : checkLongTermResponse(response, key, crypto)
  }

  // RFC 8489 §9.1.4, §9.2.5: over UDP wait for the true one; over TCP there will be no other.
  #discardViolated(state: State & { name: 'waiting' }): void {
    if (this.#isReliable) this.#end({ type: 'failed', reason: 'integrityViolated' })
    else this.#enter({ ...state, isViolated: true })
  }

  // RFC 8489 §6.3.3, §6.3.4
  #finish(response: StunMessage, elapsedMs: number, sendings: number): void {
    if (hasUnknownAttributes(response, this.#isKnownAttribute)) {
      this.#end({ type: 'failed', reason: 'unknownAttributes' })
      return
    }
    const rttMs = sendings === 1 ? elapsedMs : undefined
    const copy = response.bytes.slice(response.start, response.end)
    if (response.messageClass === 'successResponse') {
      this.#end({ type: 'succeeded', response: copy, rttMs })
      return
    }
    const error = decodeErrorCode(response)
    if (error === undefined) this.#end({ type: 'failed', reason: 'noErrorCode' })
    else this.#end({ type: 'refused', ...error, response: copy, rttMs })
  }

  #end(event: ClientTransactionEvent): void {
    this.#event = event
    this.#hasToSend = false
    this.#enter({ name: 'ended' })
  }

  #enter(state: State): void {
    this.#state = state
  }
}

function sentIntegrity(request: StunMessage): readonly IntegrityAlgorithm[] {
  const algorithms: IntegrityAlgorithm[] = []
  if (request.has(AttributeType.MESSAGE_INTEGRITY)) algorithms.push('sha1')
  if (request.has(AttributeType.MESSAGE_INTEGRITY_SHA256)) algorithms.push('sha256')
  return algorithms
}
