import type { Datagram, TransportAddress } from '@crowfly/sansio'
import { checkFingerprint, hasUnknownAttributes, type StunMessage } from '@crowfly/stun'
import { decodeIcmp } from '../proto/attributes/icmp.ts'
import { decodeXorPeerAddress } from '../proto/attributes/xor-peer-address.ts'
import { ChannelDataMessage } from '../proto/channel-data.ts'
import { isKnownTurnAttribute, TurnAttributeType } from '../proto/turn-attribute-type.ts'
import { TurnMethod } from '../proto/turn-method.ts'
import type { PeerGrants } from './peer-grants.ts'
import type { TurnClientEvent } from './turn-client-event.ts'
import type { PeerData, TurnClientCounters } from './turn-client-options.ts'

/** The one payload that has just come from a peer, where it lies in the input. */
export class PayloadInbox {
  readonly #grants: PeerGrants
  readonly #counters: TurnClientCounters
  readonly #events: TurnClientEvent[]
  readonly #channelData = new ChannelDataMessage()
  #data: PeerData | undefined

  constructor(options: { grants: PeerGrants; counters: TurnClientCounters; events: TurnClientEvent[] }) {
    this.#grants = options.grants
    this.#counters = options.counters
    this.#events = options.events
  }

  // RFC 8656 §12.6
  handleChannelData(input: Datagram): void {
    const message = this.#channelData
    if (message.decode(input.bytes, input.start, input.end) !== undefined) {
      this.#counters.malformed++
      return
    }
    const peer = this.#grants.peerOf(message.channel)
    if (peer === undefined) this.#counters.unexpected++
    else this.#take(message.bytes, message.dataStart, message.dataEnd, peer)
  }

  // RFC 8656 §11.4, §11.6
  handleIndication(message: StunMessage): void {
    const peer = message.method === TurnMethod.DATA ? decodeXorPeerAddress(message) : undefined
    const isSound =
      checkFingerprint(message) !== 'wrong' && !hasUnknownAttributes(message, isKnownTurnAttribute)
    if (peer === undefined || !isSound || !this.#grants.isKnown(peer)) {
      this.#counters.unexpected++
      return
    }
    const at = message.find(TurnAttributeType.DATA)
    const icmp = at < 0 ? decodeIcmp(message) : undefined
    if (icmp !== undefined) this.#events.push({ type: 'icmpReceived', peer, icmp })
    else if (at >= 0) this.#take(message.bytes, at + 4, at + 4 + message.lengthAt(at), peer)
    else this.#counters.unexpected++
  }

  poll(out: PeerData): boolean {
    const data = this.#data
    if (data === undefined) return false
    out.bytes = data.bytes
    out.start = data.start
    out.end = data.end
    out.peer = data.peer
    this.#data = undefined
    return true
  }

  clear(): void {
    this.#data = undefined
  }

  #take(bytes: Uint8Array, start: number, end: number, peer: TransportAddress): void {
    this.#counters.received++
    this.#data = { bytes, start, end, peer }
  }
}
