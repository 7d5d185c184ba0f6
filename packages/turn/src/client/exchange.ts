import type { Datagram, Millis, PathId, Random } from '@crowfly/sansio'
import {
  ClientTransaction,
  type ClientTransactionEvent,
  createTransactionId,
  ErrorCode,
  isKnownInResponse,
  StunMessage,
  StunMessageWriter,
  type TransactionTiming,
} from '@crowfly/stun'
import { isKnownTurnAttribute } from '../proto/turn-attribute-type.ts'
import { type ChallengeFault, isChallenge, type LongTermSession } from './long-term-session.ts'

/** Room for the longest user name, realm, nonce and software, and for a request of ours. */
export const MAX_REQUEST_BYTES = 3072
// DEVIATION: RFC 8489 §9.2.5 sets no limit to a 438's.
/** Challenges met for one request: a nonce may have gone stale again on the way, a realm may have changed. */
const MAX_CHALLENGES = 3

/** Why there is no response to a request that says yes or no. */
export type ExchangeFault =
  | ChallengeFault
  | 'timedOut'
  | 'integrityViolated'
  | 'pathFailed'
  /** A response that can not be understood, or that lacks what it has to say. */
  | 'unusableResponse'

/** How an exchange ended. The response is the receiver's to keep. */
export type ExchangeOutcome =
  | { readonly type: 'succeeded'; readonly response: StunMessage }
  | {
      readonly type: 'refused'
      readonly code: number
      readonly phrase: string
      readonly response: StunMessage
      /** Whether the response's integrity was checked: not so for one that came before any challenge. */
      readonly isAuthentic: boolean
    }
  | { readonly type: 'failed'; readonly reason: ExchangeFault }

/** What the exchanges of one client have in common. */
export interface ExchangeSettings {
  readonly path: PathId
  readonly isReliable: boolean
  readonly random: Random
  readonly session: LongTermSession
  // DEVIATION: RFC 8489 §6.2.1 has the RTO of one transaction start the next. Each starts with the same here, so that as
  // many sendings as can be fall into the minute before an allocation expires.
  readonly timing: Partial<TransactionTiming>
  /** `MAX_REQUEST_BYTES` to write a request in; a transaction keeps its own copy. */
  readonly scratch: Uint8Array
}

/**
 * A request, under as many transactions as the server's challenges make of it (RFC 8489 §9.2): sent as it is known to
 * be wanted, and again with credentials after a 401, and with another nonce after a 438.
 */
export class Exchange {
  readonly #settings: ExchangeSettings
  readonly #method: number
  readonly #write: (writer: StunMessageWriter) => void
  #transaction: ClientTransaction | undefined
  #transactionId: Uint8Array = new Uint8Array(0)
  #isSigned = false
  #challenges = 0
  #outcome: ExchangeOutcome | undefined

  /** `write` writes the attributes of the request, those of authentication apart. */
  constructor(
    settings: ExchangeSettings,
    method: number,
    write: (writer: StunMessageWriter) => void,
    now: Millis,
  ) {
    this.#settings = settings
    this.#method = method
    this.#write = write
    this.#begin(now)
  }

  /** Whether a response with the transaction id of this message is for this exchange. */
  isAnsweredBy(message: StunMessage): boolean {
    return message.hasTransactionId(this.#transactionId)
  }

  handleDatagram(input: Datagram, now: Millis): void {
    this.#transaction?.handleDatagram(input, now)
    this.#advance(now)
  }

  handleTimeout(now: Millis): void {
    this.#transaction?.handleTimeout(now)
    this.#advance(now)
  }

  pollTransmit(out: Datagram): boolean {
    return this.#transaction?.pollTransmit(out) ?? false
  }

  pollTimeout(): Millis {
    return this.#transaction?.pollTimeout() ?? Number.POSITIVE_INFINITY
  }

  /** How it ended, once. */
  pollOutcome(): ExchangeOutcome | undefined {
    const outcome = this.#outcome
    this.#outcome = undefined
    return outcome
  }

  #begin(now: Millis): void {
    const { path, isReliable, random, session, timing, scratch } = this.#settings
    const writer = new StunMessageWriter(scratch)
    this.#transactionId = createTransactionId(random)
    writer.writeHeader(this.#method, 'request', this.#transactionId)
    this.#write(writer)
    this.#isSigned = session.sign(writer)
    if (writer.failed) {
      this.#end({ type: 'failed', reason: 'unusableChallenge' })
      return
    }
    this.#transaction = new ClientTransaction({
      request: writer.message,
      path,
      isReliable,
      timing,
      isKnownAttribute: (type) => isKnownTurnAttribute(type) || isKnownInResponse(type),
      ...(session.credential && { credential: session.credential }),
    })
    this.#transaction.start(now)
  }

  #advance(now: Millis): void {
    const event = this.#transaction?.pollEvent()
    if (event === undefined) return
    if (event.type === 'failed') this.#fail(event.reason)
    else this.#take(event, now)
  }

  #fail(reason: (ClientTransactionEvent & { type: 'failed' })['reason']): void {
    const isPuzzling = reason === 'unknownAttributes' || reason === 'noErrorCode'
    this.#end({ type: 'failed', reason: isPuzzling ? 'unusableResponse' : reason })
  }

  #take(event: Exclude<ClientTransactionEvent, { type: 'failed' }>, now: Millis): void {
    const response = new StunMessage()
    response.decode(event.response)
    if (event.type === 'succeeded') this.#end({ type: 'succeeded', response })
    else if (this.#isWorthRetrying(event.code, response)) this.#meet(response, now)
    else {
      const { code, reason: phrase } = event
      this.#end({
        type: 'refused',
        code,
        phrase,
        response,
        isAuthentic: this.#isSigned && !isChallenge(code),
      })
    }
  }

  // RFC 8489 §9.2.5: a 401 to credentials is final unless they change; a 438 asks for nothing but another nonce.
  #isWorthRetrying(code: number, response: StunMessage): boolean {
    if (!isChallenge(code) || this.#challenges === MAX_CHALLENGES) return false
    if (code === ErrorCode.STALE_NONCE || !this.#isSigned) return true
    return this.#settings.session.hasNewRealm(response)
  }

  #meet(response: StunMessage, now: Millis): void {
    this.#challenges++
    const fault = this.#settings.session.handleChallenge(response)
    if (fault === undefined) this.#begin(now)
    else this.#end({ type: 'failed', reason: fault })
  }

  #end(outcome: ExchangeOutcome): void {
    this.#transaction = undefined
    this.#outcome = outcome
  }
}
