import { type Datagram, type Machine, type Millis, TimerTable, type TransportAddress } from '@crowfly/sansio'
import {
  decodeAlternateDomain,
  decodeAlternateServer,
  decodeUnknownAttributes,
  ErrorCode,
  encodeSoftware,
  StunMessage,
  type StunMessageWriter,
} from '@crowfly/stun'
import { encodeDontFragment } from '../proto/attributes/dont-fragment.ts'
import { decodeLifetime, encodeLifetime } from '../proto/attributes/lifetime.ts'
import { encodeRequestedTransport, TransportProtocol } from '../proto/attributes/requested-transport.ts'
import { isChannelData } from '../proto/channel-data.ts'
import { TurnAttributeType } from '../proto/turn-attribute-type.ts'
import { TurnMethod } from '../proto/turn-method.ts'
import { TurnError } from '../turn-error.ts'
import { decodeAllocated } from './allocated.ts'
import { Exchange, type ExchangeOutcome, type ExchangeSettings, MAX_REQUEST_BYTES } from './exchange.ts'
import { LongTermSession } from './long-term-session.ts'
import { PayloadInbox } from './payload-inbox.ts'
import { PayloadOutbox } from './payload-outbox.ts'
import { PeerGrants } from './peer-grants.ts'
import { encodeRequestedRelay, type RequestedRelay } from './requested-relay.ts'
import type { TurnClientEnd, TurnClientEvent } from './turn-client-event.ts'
import type { PeerData, SendVerdict, TurnClientCounters, TurnClientOptions } from './turn-client-options.ts'
import { refusalOf, type UnwelcomeOutcome } from './turn-refusal.ts'

const ALLOCATION_SLOT = 0
const EXPIRY_SLOT = 1
const FIRST_GRANT_SLOT = 2
const DEFAULT_MAX_GRANTS = 128
const DEFAULT_MAX_PAYLOAD_BYTES = 2048
// RFC 8489 §14.14
const MAX_SOFTWARE_CHARACTERS = 127

// RFC 8656 §8: a minute before it expires, so that a request and its repetitions have time.
const REFRESH_AHEAD_MS = 60_000
// RFC 8489 §6.3.4
/** After a passing fault of the server (5xx) a Refresh is tried again so often, after such a wait. */
const MAX_RETRIES = 4
const RETRY_AFTER_MS = 10_000

type State =
  | { readonly name: 'idle' }
  | { readonly name: 'allocating'; readonly exchange: Exchange; readonly isUnwanted: boolean }
  | {
      readonly name: 'allocated'
      readonly lifetimeSeconds: number
      /** A Refresh under way. */
      readonly exchange: Exchange | undefined
      /** How often it was tried again. */
      readonly retries: number
    }
  | { readonly name: 'releasing'; readonly exchange: Exchange; readonly end: TurnClientEnd }
  | { readonly name: 'ended' }

/**
 * The client's side of TURN (RFC 8656): one allocation, kept alive with its permissions and channels until `release`,
 * or until the server or the path puts an end to it.
 *
 * `start` it, then drive it. After each `handle*` poll `pollData` too: what a peer sent lies in the input that was
 * just given. Everything else is told by events; `ended` is the last.
 */
export class TurnClient implements Machine<TurnClientEvent> {
  readonly counters: TurnClientCounters = { sent: 0, received: 0, malformed: 0, unexpected: 0 }
  readonly #options: TurnClientOptions
  readonly #relay: RequestedRelay
  readonly #settings: ExchangeSettings
  readonly #timers: TimerTable
  readonly #grants: PeerGrants
  readonly #outbox: PayloadOutbox
  readonly #inbox: PayloadInbox
  readonly #events: TurnClientEvent[] = []
  readonly #message = new StunMessage()
  #state: State = { name: 'idle' }
  #dontFragment: boolean

  constructor(options: TurnClientOptions) {
    const { path, isReliable, random, crypto, timing = {}, maxGrants = DEFAULT_MAX_GRANTS } = options
    if (!(maxGrants >= 1 && maxGrants <= 4096)) {
      throw new TurnError('TURN_CLIENT', `maxGrants is 1 to 4096, not ${maxGrants}`)
    }
    const { lifetimeSeconds, software = '' } = options
    if (Array.from(software).length > MAX_SOFTWARE_CHARACTERS) {
      throw new TurnError('TURN_CLIENT', `software has at most ${MAX_SOFTWARE_CHARACTERS} characters`)
    }
    if (lifetimeSeconds !== undefined && !(lifetimeSeconds >= 1)) {
      throw new TurnError('TURN_CLIENT', `a lifetime is at least a second, not ${lifetimeSeconds}`)
    }
    this.#options = options
    this.#relay = options.relay ?? { type: 'single', family: 4 }
    this.#dontFragment = options.dontFragment ?? false
    const session = new LongTermSession(options, crypto)
    const scratch = new Uint8Array(MAX_REQUEST_BYTES)
    this.#settings = { path, isReliable, random, timing, session, scratch }
    this.#timers = new TimerTable(FIRST_GRANT_SLOT + maxGrants)
    this.#grants = new PeerGrants({
      settings: this.#settings,
      timers: this.#timers,
      firstSlot: FIRST_GRANT_SLOT,
      maxGrants,
      events: this.#events,
    })
    const maxPayloadBytes = options.maxPayloadBytes ?? DEFAULT_MAX_PAYLOAD_BYTES
    this.#outbox = new PayloadOutbox({ path, isReliable, random, maxPayloadBytes })
    this.#inbox = new PayloadInbox({ grants: this.#grants, counters: this.counters, events: this.#events })
  }

  /** Asks for the allocation. Once per object. */
  start(now: Millis): void {
    if (this.#state.name !== 'idle') throw new TurnError('TURN_CLIENT', 'a client starts once')
    this.#allocate(false, now)
  }

  /**
   * Asks for a permission for the peer's IP address, and renews it until `forget`. False if that can not be asked:
   * there is no allocation, or there are `maxGrants` permissions and channels. RFC 8656 §9, §10.
   */
  permit(peer: TransportAddress, now: Millis): boolean {
    return this.#state.name === 'allocated' && this.#grants.permit(peer, now)
  }

  /**
   * Asks for a channel to the peer, with the permission for its IP address, and renews both until `forget`. False as
   * with `permit`, and if there are no channel numbers left. RFC 8656 §12.
   */
  bindChannel(peer: TransportAddress, now: Millis): boolean {
    return this.#state.name === 'allocated' && this.#grants.bindChannel(peer, now)
  }

  /** Renews the permission and the channels of this IP address no more: the server lets them expire. */
  forget(peer: TransportAddress, now: Millis): void {
    this.#grants.forget(peer, now)
  }

  /**
   * Sends a payload to a peer: as ChannelData if there is a channel, else in a Send indication. It is copied. Whether
   * it arrives nobody says.
   */
  send(peer: TransportAddress, bytes: Uint8Array, start = 0, end: number = bytes.length): SendVerdict {
    if (this.#state.name !== 'allocated') return 'notAllocated'
    const channel = this.#grants.routeTo(peer)
    if (channel === undefined) return 'notPermitted'
    const verdict =
      channel === 0
        ? this.#outbox.putSendIndication(peer, this.#dontFragment, bytes, start, end)
        : this.#outbox.putChannelData(channel, bytes, start, end)
    if (verdict === 'sent') this.counters.sent++
    return verdict
  }

  /** Gives the allocation up and tells the server so; `ended` comes when it has answered. RFC 8656 §8. */
  release(now: Millis): void {
    const state = this.#state
    if (state.name === 'idle') this.#end({ reason: 'released' })
    else if (state.name === 'allocating') this.#enter({ ...state, isUnwanted: true })
    else if (state.name === 'allocated') this.#release({ reason: 'released' }, now)
  }

  /** The connection is gone, or ICMP says that the server can not be reached: everything ends. */
  handlePathFailure(_now: Millis): void {
    this.#inbox.clear()
    if (this.#state.name !== 'ended') this.#end({ reason: 'pathFailed' })
  }

  handleDatagram(input: Datagram, now: Millis): void {
    this.#inbox.clear()
    if (input.path !== this.#settings.path) return
    if (isChannelData(input.bytes, input.start, input.end)) {
      this.#inbox.handleChannelData(input)
      return
    }
    const message = this.#message
    if (message.decode(input.bytes, input.start, input.end) !== undefined) this.counters.malformed++
    else if (message.messageClass === 'indication') this.#inbox.handleIndication(message)
    else if (message.messageClass === 'request') this.counters.unexpected++
    else this.#receiveResponse(message, input, now)
  }

  handleTimeout(now: Millis): void {
    this.#inbox.clear()
    for (let slot = this.#timers.expire(now); slot >= 0; slot = this.#timers.expire(now)) {
      if (slot === EXPIRY_SLOT) this.#end({ reason: 'expired' })
      else if (slot === ALLOCATION_SLOT) this.#handleAllocationTimeout(now)
      else {
        this.#grants.handleTimeout(slot, now)
        this.#checkMismatch()
      }
    }
  }

  pollTransmit(out: Datagram): boolean {
    if (this.#outbox.poll(out)) return true
    return (this.#allocationExchange()?.pollTransmit(out) ?? false) || this.#grants.pollTransmit(out)
  }

  pollEvent(): TurnClientEvent | undefined {
    return this.#events.shift()
  }

  pollTimeout(): Millis {
    return this.#timers.next()
  }

  /**
   * Fills `out` with what a peer sent in the input that was just given, and says whether there was something. The bytes
   * are those of the input: take them before the next `handle*`.
   */
  pollData(out: PeerData): boolean {
    return this.#inbox.poll(out)
  }

  #allocate(isUnwanted: boolean, now: Millis): void {
    const { lifetimeSeconds } = this.#options
    const exchange = this.#begin(TurnMethod.ALLOCATE, now, (writer) => {
      encodeRequestedTransport(writer, TransportProtocol.UDP)
      if (lifetimeSeconds !== undefined) encodeLifetime(writer, lifetimeSeconds)
      encodeRequestedRelay(writer, this.#relay)
      if (this.#dontFragment) encodeDontFragment(writer)
    })
    this.#enter({ name: 'allocating', exchange, isUnwanted })
    this.#advanceAllocation(now)
  }

  #refresh(state: State & { name: 'allocated' }, now: Millis): void {
    const { lifetimeSeconds } = this.#options
    const exchange = this.#begin(TurnMethod.REFRESH, now, (writer) => {
      if (lifetimeSeconds !== undefined) encodeLifetime(writer, lifetimeSeconds)
    })
    this.#enter({ ...state, exchange })
    this.#advanceAllocation(now)
  }

  // RFC 8656 §8: a lifetime of zero deletes the allocation.
  #release(end: TurnClientEnd, now: Millis): void {
    this.#grants.clear()
    this.#timers.clear()
    const exchange = this.#begin(TurnMethod.REFRESH, now, (writer) => encodeLifetime(writer, 0))
    this.#enter({ name: 'releasing', exchange, end })
    this.#advanceAllocation(now)
  }

  // RFC 8656 §5: Allocate and Refresh say what software this is, where the owner wants that.
  #begin(method: number, now: Millis, write: (writer: StunMessageWriter) => void): Exchange {
    const { software } = this.#options
    const writeAll = (writer: StunMessageWriter): void => {
      write(writer)
      if (software !== undefined) encodeSoftware(writer, software)
    }
    return new Exchange(this.#settings, method, writeAll, now)
  }

  #allocationExchange(): Exchange | undefined {
    const state = this.#state
    return state.name === 'idle' || state.name === 'ended' ? undefined : state.exchange
  }

  #handleAllocationTimeout(now: Millis): void {
    const state = this.#state
    const exchange = this.#allocationExchange()
    if (exchange !== undefined) {
      exchange.handleTimeout(now)
      this.#advanceAllocation(now)
    } else if (state.name === 'allocated') this.#refresh(state, now)
  }

  /** After anything that the exchange of the allocation may have ended by. */
  #advanceAllocation(now: Millis): void {
    const state = this.#state
    const exchange = this.#allocationExchange()
    if (exchange === undefined) return
    const outcome = exchange.pollOutcome()
    if (outcome === undefined) this.#timers.schedule(ALLOCATION_SLOT, exchange.pollTimeout())
    else if (state.name === 'allocating') this.#finishAllocate(state, outcome, now)
    else if (state.name === 'allocated') this.#finishRefresh(state, outcome, now)
    else if (state.name === 'releasing') this.#end(state.end)
  }

  // RFC 8656 §7.3, §7.4
  #finishAllocate(state: State & { name: 'allocating' }, outcome: ExchangeOutcome, now: Millis): void {
    if (outcome.type !== 'succeeded') {
      if (this.#isAboutDontFragment(outcome)) {
        this.#dontFragment = false
        this.#allocate(state.isUnwanted, now)
      } else this.#end(state.isUnwanted ? { reason: 'released' } : endOf(outcome))
      return
    }
    const allocated = decodeAllocated(outcome.response, this.#relay)
    if (state.isUnwanted) this.#release({ reason: 'released' }, now)
    else if (allocated === undefined) this.#release({ reason: 'unusableResponse' }, now)
    else {
      this.#events.push({ type: 'allocated', ...allocated })
      this.#keep(allocated.lifetimeSeconds, now)
    }
  }

  #finishRefresh(state: State & { name: 'allocated' }, outcome: ExchangeOutcome, now: Millis): void {
    if (outcome.type === 'succeeded') {
      const lifetimeSeconds = decodeLifetime(outcome.response) ?? state.lifetimeSeconds
      if (lifetimeSeconds === 0) {
        this.#end({ reason: 'expired' })
        return
      }
      this.#events.push({ type: 'refreshed', lifetimeSeconds })
      this.#keep(lifetimeSeconds, now)
    } else if (outcome.type === 'failed' && outcome.reason === 'timedOut') this.#refresh(state, now)
    else if (outcome.type === 'refused' && outcome.code >= ErrorCode.SERVER_ERROR) {
      const wait = state.retries < MAX_RETRIES ? RETRY_AFTER_MS : Number.POSITIVE_INFINITY
      this.#enter({ ...state, exchange: undefined, retries: state.retries + 1 })
      this.#timers.schedule(ALLOCATION_SLOT, now + wait)
    } else this.#end(endOf(outcome))
  }

  /** The allocation lives from now on for so long. */
  #keep(lifetimeSeconds: number, now: Millis): void {
    const lifetimeMs = lifetimeSeconds * 1000
    this.#enter({ name: 'allocated', lifetimeSeconds, exchange: undefined, retries: 0 })
    this.#timers.schedule(EXPIRY_SLOT, now + lifetimeMs)
    this.#timers.schedule(ALLOCATION_SLOT, now + Math.max(lifetimeMs - REFRESH_AHEAD_MS, lifetimeMs / 2))
  }

  // RFC 8656 §7.4: 420 with DONT-FRAGMENT says that the server does not support it; one may go without.
  #isAboutDontFragment(outcome: ExchangeOutcome): boolean {
    if (!this.#dontFragment || outcome.type !== 'refused') return false
    if (outcome.code !== ErrorCode.UNKNOWN_ATTRIBUTE) return false
    return decodeUnknownAttributes(outcome.response)?.includes(TurnAttributeType.DONT_FRAGMENT) ?? false
  }

  #receiveResponse(message: StunMessage, input: Datagram, now: Millis): void {
    const exchange = this.#allocationExchange()
    if (exchange?.isAnsweredBy(message)) {
      exchange.handleDatagram(input, now)
      this.#advanceAllocation(now)
      return
    }
    if (this.#grants.handleResponse(message, input, now)) this.#checkMismatch()
    else this.counters.unexpected++
  }

  #checkMismatch(): void {
    const mismatch = this.#grants.pollMismatch()
    if (mismatch !== undefined) this.#end(endOf(mismatch))
  }

  #end(end: TurnClientEnd): void {
    this.#timers.clear()
    this.#grants.clear()
    this.#outbox.clear()
    this.#inbox.clear()
    this.#events.push({ type: 'ended', ...end })
    this.#enter({ name: 'ended' })
  }

  #enter(state: State): void {
    this.#state = state
  }
}

function endOf(outcome: UnwelcomeOutcome): TurnClientEnd {
  const refusal = refusalOf(outcome)
  if (outcome.type === 'failed') return refusal
  const { code, response, isAuthentic } = outcome
  // RFC 8489 §14.8: only an authentic redirection is followed.
  const isRedirection = code === ErrorCode.TRY_ALTERNATE && isAuthentic
  const alternateServer = isRedirection ? decodeAlternateServer(response) : undefined
  const alternateDomain = isRedirection ? decodeAlternateDomain(response) : undefined
  const unknownAttributes =
    code === ErrorCode.UNKNOWN_ATTRIBUTE ? decodeUnknownAttributes(response) : undefined
  return {
    ...refusal,
    ...(alternateServer && { alternateServer }),
    ...(alternateDomain && { alternateDomain }),
    ...(unknownAttributes && { unknownAttributes }),
  }
}
