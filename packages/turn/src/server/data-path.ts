import type { Datagram, Millis, Random, TransportAddress } from '@crowfly/sansio'
import { hasUnknownAttributes, type StunMessage, StunMessageWriter } from '@crowfly/stun'
import { encodeIcmp, type IcmpError } from '../proto/attributes/icmp.ts'
import { encodeXorPeerAddress } from '../proto/attributes/xor-peer-address.ts'
import {
  CHANNEL_DATA_HEADER_BYTES,
  ChannelDataMessage,
  channelDataPadding,
  encodeChannelDataInPlace,
} from '../proto/channel-data.ts'
import { encodeIndicationInPlace, indicationHeaderBytes } from '../proto/indication.ts'
import { isKnownTurnAttribute, TurnAttributeType } from '../proto/turn-attribute-type.ts'
import { TurnMethod } from '../proto/turn-method.ts'
import type { Allocation, Relay } from './allocation.ts'
import type { AllocationTable } from './allocation-table.ts'
import { addressOf, type Channel } from './channels.ts'
import type { Outbox } from './outbox.ts'
import { PeerAddress } from './peer-address.ts'
import type { RelayDatagram, RelayId } from './relay.ts'
import type { RelayedAddresses } from './relayed-addresses.ts'
import { TokenBuckets } from './token-buckets.ts'
import { TransactionIds } from './transaction-ids.ts'
import type { TurnLimits } from './turn-limits.ts'
import type { DropReason, TurnServerCounters } from './turn-server-counters.ts'

const HEADROOM = 64
const SCRATCH_BYTES = HEADROOM + 65_536 + 4

/** What a `DataPath` works on. */
export interface DataPathOptions {
  random: Random
  limits: TurnLimits
  allocations: AllocationTable
  relayed: RelayedAddresses
  outbox: Outbox
  counters: TurnServerCounters
}

/** A payload in somebody's buffer. */
interface Payload {
  bytes: Uint8Array
  start: number
  end: number
  /** How far behind `end` the buffer is the payload's own: padding, which may be overwritten. */
  tail: number
}

/**
 * Passes payload on: from client to client in memory where both have an allocation here, else between clients and relay
 * sockets. One output per input, made in the input's buffer where that has room in front and behind, else in one
 * scratch buffer. What may not pass is dropped and counted. RFC 8656 §11, §12.6, §12.7.
 */
export class DataPath {
  readonly #options: DataPathOptions
  readonly #channelData = new ChannelDataMessage()
  readonly #peer = new PeerAddress()
  readonly #transactionIds: TransactionIds
  readonly #fromClients: TokenBuckets
  readonly #toClients: TokenBuckets
  readonly #scratch: Uint8Array = new Uint8Array(SCRATCH_BYTES)
  readonly #payload: Payload = { bytes: this.#scratch, start: 0, end: 0, tail: 0 }
  readonly #run: { bytes: Uint8Array; start: number; end: number } = {
    bytes: this.#scratch,
    start: 0,
    end: 0,
  }

  constructor(options: DataPathOptions) {
    this.#options = options
    this.#transactionIds = new TransactionIds(options.random)
    this.#fromClients = new TokenBuckets(options.limits.maxBytesPerSecond)
    this.#toClients = new TokenBuckets(options.limits.maxBytesPerSecond)
  }

  /** An allocation has begun. */
  admit(allocation: Allocation, now: Millis): void {
    this.#fromClients.fill(allocation.slot, now)
    this.#toClients.fill(allocation.slot, now)
  }

  // RFC 8656 §12.6
  /** ChannelData from a client. */
  handleChannelData(input: Datagram, now: Millis): void {
    this.#note(this.#relayChannelData(input, now))
  }

  #relayChannelData(input: Datagram, now: Millis): DropReason | undefined {
    const message = this.#channelData
    if (message.decode(input.bytes, input.start, input.end) !== undefined) return 'malformed'
    const allocation = this.#options.allocations.at(input.path)
    if (allocation === undefined) return 'noAllocation'
    const channel = allocation.channels.byNumber(message.channel, now)
    if (channel === undefined) return 'noChannel'
    this.#take(input.bytes, message.dataStart, message.dataEnd, input.end)
    return this.#relayFromClient(allocation, channel.peer, channel, now)
  }

  // RFC 8656 §11.2. DEVIATION: DONT-FRAGMENT is taken though a relay socket can not be told to set DF (§7.2, §14): clients
  // that ask for it would be lost. Between allocations nothing is fragmented; for sockets the system decides.
  /** A Send indication from a client: `message` lies in `input`. */
  handleSend(message: StunMessage, input: Datagram, now: Millis): void {
    this.#note(this.#relaySend(message, input, now))
  }

  #relaySend(message: StunMessage, input: Datagram, now: Millis): DropReason | undefined {
    const peer = this.#peer
    const dataAt = message.find(TurnAttributeType.DATA)
    const isSound = dataAt >= 0 && peer.readXor(message, message.find(TurnAttributeType.XOR_PEER_ADDRESS))
    // RFC 8489 §6.3.2
    if (!isSound || hasUnknownAttributes(message, isKnownTurnAttribute)) return 'malformed'
    const allocation = this.#options.allocations.at(input.path)
    if (allocation === undefined) return 'noAllocation'
    const start = dataAt + 4
    this.#take(input.bytes, start, start + message.lengthAt(dataAt), input.end)
    return this.#relayFromClient(allocation, peer, undefined, now)
  }

  // RFC 8656 §11.3, §12.7
  /** A packet that a relay socket received from a peer. */
  handleRelayDatagram(input: RelayDatagram, now: Millis): void {
    this.#note(this.#relayFromPeer(input, now))
  }

  #relayFromPeer(input: RelayDatagram, now: Millis): DropReason | undefined {
    const allocation = this.#options.allocations.ofRelay(input.relay)
    const relay = allocation?.relayOf(input.peer.family)
    if (allocation === undefined || relay?.id !== input.relay || !relay.isOpen) {
      return 'noAllocation'
    }
    this.#peer.assign(input.peer)
    this.#take(input.bytes, input.start, input.end, input.end)
    return this.#relayToClient(allocation, this.#peer, input.peer, now)
  }

  // RFC 8656 §11.5, §12.5
  /** An ICMP error that came back for a packet that a relay socket had sent to `peer`. */
  handleRelayIcmp(relay: RelayId, peer: TransportAddress, error: IcmpError, now: Millis): void {
    this.#note(this.#relayIcmp(relay, peer, error, now))
  }

  #relayIcmp(relay: RelayId, peer: TransportAddress, error: IcmpError, now: Millis): DropReason | undefined {
    const allocation = this.#options.allocations.ofRelay(relay)
    const isLive = allocation?.relayOf(peer.family)?.id === relay
    if (allocation === undefined || !isLive) return 'noAllocation'
    if (!isRelayedIcmp(peer.family, error.icmpType)) return 'unsupported'
    this.#peer.assign(peer)
    if (!allocation.permissions.has(this.#peer, now)) return 'noPermission'
    const writer = new StunMessageWriter(this.#scratch)
    writer.writeHeader(TurnMethod.DATA, 'indication', this.#transactionIds.next())
    encodeXorPeerAddress(writer, peer)
    encodeIcmp(writer, { ...error, errorData: saysMtu(peer.family, error) ? error.errorData : 0 })
    this.#options.outbox.putForClient(this.#scratch, 0, writer.end, allocation.path)
    return undefined
  }

  #take(bytes: Uint8Array, start: number, end: number, inputEnd: number): void {
    const payload = this.#payload
    payload.bytes = bytes
    payload.start = start
    payload.end = end
    payload.tail = inputEnd - end
  }

  #relayFromClient(
    from: Allocation,
    peer: PeerAddress,
    channel: Channel | undefined,
    now: Millis,
  ): DropReason | undefined {
    const { relayed, allocations, counters, outbox } = this.#options
    const relay = from.relayOf(peer.family)
    if (relay === undefined || !from.permissions.has(peer, now)) return 'noPermission'
    const { bytes, start, end } = this.#payload
    if (!this.#fromClients.take(from.slot, end - start, now)) return 'tooFast'
    const target = relayed.find(peer)
    if (target >= 0) {
      const to = allocations.ofRelay(target)
      if (to === undefined || to.room !== from.room) return 'unreachable'
      return this.#relayToClient(to, relay.peer, relay.address, now)
    }
    if (!this.#mayUseSocket(relay, peer)) return 'unreachable'
    counters.relayed.toPeerPackets++
    counters.relayed.toPeerBytes += end - start
    const address = channel === undefined ? peer.toTransportAddress() : addressOf(channel)
    outbox.putForPeer(bytes, start, end, relay.id, address)
    return undefined
  }

  // The server's own addresses are reached by the switchboard alone, unless the operator allows what else is there.
  #mayUseSocket(relay: Relay, peer: PeerAddress): boolean {
    if (!relay.isOpen || peer.port === 0) return false
    const own = this.#options.relayed.ownAddressOf(peer)
    return own === undefined || own.isOpen
  }

  #relayToClient(
    to: Allocation,
    from: PeerAddress,
    address: TransportAddress,
    now: Millis,
  ): DropReason | undefined {
    const { counters } = this.#options
    if (!to.permissions.has(from, now)) return 'noPermission'
    const payload = this.#payload
    const length = payload.end - payload.start
    if (length > 0xffff) return 'tooLong'
    if (!this.#toClients.take(to.slot, length, now)) return 'tooFast'
    const channel = to.channels.byPeer(from, now)
    const isWritten =
      channel === undefined
        ? this.#writeIndication(address)
        : this.#writeChannelData(channel.number, to.isStream)
    if (!isWritten) return 'tooLong'
    counters.relayed.toClientPackets++
    counters.relayed.toClientBytes += length
    this.#options.outbox.putForClient(this.#run.bytes, this.#run.start, this.#run.end, to.path)
    return undefined
  }

  // RFC 8656 §11.3
  #writeIndication(peer: TransportAddress): boolean {
    const length = this.#payload.end - this.#payload.start
    this.#place(indicationHeaderBytes(peer.family), -length & 3)
    return encodeIndicationInPlace(this.#run, 'data', peer, this.#transactionIds.next())
  }

  // RFC 8656 §12.5
  #writeChannelData(number: number, isStream: boolean): boolean {
    const length = this.#payload.end - this.#payload.start
    this.#place(CHANNEL_DATA_HEADER_BYTES, isStream ? channelDataPadding(length) : 0)
    return encodeChannelDataInPlace(this.#run, number, isStream)
  }

  /** Sets the run to the payload where it lies, or to a copy where there is room around it. */
  #place(headerBytes: number, padding: number): void {
    const { bytes, start, end, tail } = this.#payload
    const run = this.#run
    if (start >= headerBytes && tail >= padding) {
      run.bytes = bytes
      run.start = start
      run.end = end
      return
    }
    run.bytes = this.#scratch
    run.start = HEADROOM
    run.end = HEADROOM + end - start
    this.#scratch.set(bytes.subarray(start, end), HEADROOM)
  }

  #note(reason: DropReason | undefined): void {
    if (reason !== undefined) this.#options.counters.dropped[reason]++
  }
}

// RFC 8656 §11.5: destination unreachable and time exceeded; of ICMPv6 packet too big as well.
function isRelayedIcmp(family: 4 | 6, icmpType: number): boolean {
  return family === 4 ? icmpType === 3 || icmpType === 11 : icmpType >= 1 && icmpType <= 3
}

// RFC 8656 §18.13
function saysMtu(family: 4 | 6, { icmpType, icmpCode }: IcmpError): boolean {
  return family === 4 ? icmpType === 3 && icmpCode === 4 : icmpType === 2
}
