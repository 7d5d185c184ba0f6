import {
  type Datagram,
  formatTransportAddress,
  type Millis,
  type TimerTable,
  type TransportAddress,
} from '@crowfly/sansio'
import type { StunMessage } from '@crowfly/stun'
import { encodeChannelNumber } from '../proto/attributes/channel-number.ts'
import { encodeXorPeerAddress } from '../proto/attributes/xor-peer-address.ts'
import { MAX_CHANNEL_NUMBER, MIN_CHANNEL_NUMBER } from '../proto/channel-data.ts'
import { TurnErrorCode } from '../proto/turn-error-code.ts'
import { TurnMethod } from '../proto/turn-method.ts'
import { Exchange, type ExchangeSettings } from './exchange.ts'
import { exchangeOf, type PeerGrant } from './peer-grant.ts'
import { PeerGrantTable } from './peer-grant-table.ts'
import type { TurnClientEvent } from './turn-client-event.ts'
import { refusalOf, type UnwelcomeOutcome } from './turn-refusal.ts'

// RFC 8656 §9, §12: permissions live for 300 s and channels for 600 s, but a channel's permission for 300 s too.
const LIFETIME_MS = 300_000
const RENEW_AFTER_MS = 240_000
// RFC 8489 §6.2: ten transactions at a time, the allocation's own among them.
const MAX_EXCHANGES = 9

/** What the grants of a client are made with. */
export interface PeerGrantsOptions {
  settings: ExchangeSettings
  /** The client's; each grant has a slot from `firstSlot` on. */
  timers: TimerTable
  firstSlot: number
  maxGrants: number
  /** The client's queue of events. */
  events: TurnClientEvent[]
}

/**
 * The permissions and channels of an allocation (RFC 8656 §9, §10, §12): asks for them, renews them, and tells what
 * became of them.
 */
export class PeerGrants {
  readonly #settings: ExchangeSettings
  readonly #timers: TimerTable
  readonly #events: TurnClientEvent[]
  readonly #table: PeerGrantTable
  /** By formatted peer; a peer that is asked for again gets its number again (RFC 8656 §12). */
  readonly #channelNumbers = new Map<string, number>()
  /** Whether an exchange may have something to send. */
  #mayTransmit = false
  #mismatch: UnwelcomeOutcome | undefined

  constructor(options: PeerGrantsOptions) {
    this.#settings = options.settings
    this.#timers = options.timers
    this.#events = options.events
    this.#table = new PeerGrantTable(options.firstSlot, options.maxGrants)
  }

  /** Asks for a permission unless there is one; false when there is no room. */
  permit(peer: TransportAddress, now: Millis): boolean {
    return this.#table.permission(peer) !== undefined || this.#ask(peer, 0, now)
  }

  /** Asks for a channel unless there is one; false when there is no room, or no number left. */
  bindChannel(peer: TransportAddress, now: Millis): boolean {
    if (this.#table.channelOf(peer) !== undefined) return true
    const name = formatTransportAddress(peer)
    const channel = this.#channelNumbers.get(name) ?? MIN_CHANNEL_NUMBER + this.#channelNumbers.size
    if (channel > MAX_CHANNEL_NUMBER || !this.#ask(peer, channel, now)) return false
    this.#channelNumbers.set(name, channel)
    return true
  }

  /** Renews whatever there is for this IP address no more. */
  forget(peer: TransportAddress, now: Millis): void {
    for (const grant of this.#table.ofAddress(peer)) this.#drop(grant)
    this.#startWaiting(now)
  }

  /** The number of the channel to this peer, 0 when indications have to do, undefined when nothing would pass. */
  routeTo(peer: TransportAddress): number | undefined {
    const channel = this.#table.channelOf(peer)
    if (channel?.isHeld) return channel.channel
    return this.#table.isPermitted(peer) ? 0 : undefined
  }

  /** The peer of a channel. One that is asked for counts: the response may have been lost, or be late. */
  peerOf(channel: number): TransportAddress | undefined {
    return this.#table.byChannel(channel)?.peer
  }

  /** Whether packets from this IP address are expected. */
  isKnown(peer: TransportAddress): boolean {
    return this.#table.isKnown(peer)
  }

  /** Takes a response; false when nobody here waits for it. */
  handleResponse(message: StunMessage, input: Datagram, now: Millis): boolean {
    for (const grant of this.#table) {
      const exchange = exchangeOf(grant)
      if (!exchange?.isAnsweredBy(message)) continue
      exchange.handleDatagram(input, now)
      this.#advance(grant, now)
      return true
    }
    return false
  }

  /** The deadline of a slot has come. */
  handleTimeout(slot: number, now: Millis): void {
    const grant = this.#table.bySlot(slot)
    if (grant === undefined) return
    const exchange = exchangeOf(grant)
    // It may still be renewed, and meanwhile nothing is sent by it: RFC 8656 §11.1.
    if (now >= expiryOf(grant)) grant.isHeld = false
    if (exchange === undefined) {
      this.#start(grant, now)
      this.#startWaiting(now)
    } else {
      exchange.handleTimeout(now)
      this.#advance(grant, now)
    }
  }

  pollTransmit(out: Datagram): boolean {
    if (!this.#mayTransmit) return false
    for (const grant of this.#table) if (exchangeOf(grant)?.pollTransmit(out)) return true
    this.#mayTransmit = false
    return false
  }

  /** A 437 that came, once: the server knows no allocation here (RFC 8656 §5), whatever the request was about. */
  pollMismatch(): UnwelcomeOutcome | undefined {
    const mismatch = this.#mismatch
    this.#mismatch = undefined
    return mismatch
  }

  /** The allocation is gone, and all of this with it. */
  clear(): void {
    for (const grant of this.#table) this.#timers.cancel(grant.slot)
    this.#table.clear()
    this.#mayTransmit = false
  }

  #ask(peer: TransportAddress, channel: number, now: Millis): boolean {
    const slot = this.#table.freeSlot()
    if (slot < 0) return false
    const copy = { ...peer, address: peer.address.slice() }
    const grant: PeerGrant = {
      slot,
      peer: copy,
      channel,
      state: { name: 'waiting' },
      isHeld: false,
      expiresAt: undefined,
    }
    this.#table.add(grant)
    this.#start(grant, now)
    return true
  }

  /** Asks for a grant, or has it wait while too much is under way. */
  #start(grant: PeerGrant, now: Millis): void {
    if (this.#countExchanges() < MAX_EXCHANGES) {
      const exchange = this.#begin(grant.peer, grant.channel, now)
      grant.state = { name: 'asking', exchange, since: now }
      this.#advance(grant, now)
    } else {
      grant.state = { name: 'waiting' }
      this.#timers.schedule(grant.slot, expiryOf(grant))
    }
  }

  #startWaiting(now: Millis): void {
    for (let next = this.#nextWaiting(); next !== undefined; next = this.#nextWaiting())
      this.#start(next, now)
  }

  /** One that can be asked for now. */
  #nextWaiting(): PeerGrant | undefined {
    if (this.#countExchanges() >= MAX_EXCHANGES) return undefined
    for (const grant of this.#table) if (grant.state.name === 'waiting') return grant
    return undefined
  }

  #countExchanges(): number {
    let count = 0
    for (const grant of this.#table) if (exchangeOf(grant) !== undefined) count++
    return count
  }

  #begin(peer: TransportAddress, channel: number, now: Millis): Exchange {
    const method = channel === 0 ? TurnMethod.CREATE_PERMISSION : TurnMethod.CHANNEL_BIND
    return new Exchange(
      this.#settings,
      method,
      (writer) => {
        if (channel !== 0) encodeChannelNumber(writer, channel)
        encodeXorPeerAddress(writer, peer)
      },
      now,
    )
  }

  /** After anything that the exchange of a grant may have ended by. */
  #advance(grant: PeerGrant, now: Millis): void {
    this.#mayTransmit = true
    const exchange = exchangeOf(grant)
    if (exchange === undefined) return
    const outcome = exchange.pollOutcome()
    if (outcome === undefined) {
      this.#timers.schedule(grant.slot, Math.min(exchange.pollTimeout(), expiryOf(grant)))
    } else if (outcome.type === 'succeeded') this.#hold(grant, now)
    else this.#lose(grant, outcome, now)
  }

  #hold(grant: PeerGrant, now: Millis): void {
    const isNew = grant.expiresAt === undefined
    const { peer, channel, slot, state } = grant
    // The server may have taken the first of several sendings.
    const since = state.name === 'asking' ? state.since : now
    grant.expiresAt = since + LIFETIME_MS
    grant.isHeld = now < grant.expiresAt
    grant.state = { name: 'resting' }
    if (isNew && channel === 0) this.#events.push({ type: 'permissionGranted', peer })
    else if (isNew) this.#events.push({ type: 'channelBound', peer, channel })
    if (now < since + RENEW_AFTER_MS) this.#timers.schedule(slot, since + RENEW_AFTER_MS)
    else this.#start(grant, now)
    this.#startWaiting(now)
  }

  // DEVIATION: RFC 8656 §12.3 recommends a new allocation where a channel is refused with 400. The owner decides that.
  #lose(grant: PeerGrant, outcome: UnwelcomeOutcome, now: Millis): void {
    this.#drop(grant)
    this.#startWaiting(now)
    if (outcome.type === 'refused' && outcome.code === TurnErrorCode.ALLOCATION_MISMATCH) {
      this.#mismatch = outcome
      return
    }
    const { peer, channel } = grant
    const refusal = refusalOf(outcome)
    if (channel === 0) this.#events.push({ type: 'permissionRefused', peer, ...refusal })
    else this.#events.push({ type: 'channelRefused', peer, channel, ...refusal })
  }

  #drop(grant: PeerGrant): void {
    this.#timers.cancel(grant.slot)
    this.#table.remove(grant)
  }
}

/** When a grant that is held expires. */
function expiryOf({ isHeld, expiresAt = Number.POSITIVE_INFINITY }: PeerGrant): Millis {
  return isHeld ? expiresAt : Number.POSITIVE_INFINITY
}
