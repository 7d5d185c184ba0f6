import type { Millis, TransportAddress } from '@crowfly/sansio'
import type { PeerAddress } from './peer-address.ts'
import { CHANNEL_LIFETIME_MS, CHANNEL_REST_MS } from './turn-limits.ts'

/** One channel number and the peer that it is bound to. RFC 8656 §12. */
export interface Channel {
  readonly number: number
  readonly peer: PeerAddress
  /** The same as `peer`, once it was needed: see `addressOf`. */
  address: TransportAddress | undefined
  expiresAt: Millis
}

/** The channel's peer for those who send to it, made once. */
export function addressOf(channel: Channel): TransportAddress {
  channel.address ??= channel.peer.toTransportAddress()
  return channel.address
}

const NONE: readonly Channel[] = []

/** The channels of one allocation. */
export class Channels {
  /** Those that are bound, and those that rest before they may be bound otherwise. */
  #channels: readonly Channel[] = NONE

  get size(): number {
    return this.#channels.length
  }

  /** The channel of this number, if it is bound. */
  byNumber(number: number, now: Millis): Channel | undefined {
    for (const channel of this.#channels) {
      if (channel.number === number) return channel.expiresAt > now ? channel : undefined
    }
    return undefined
  }

  /** The channel of this peer, address and port, if it is bound. */
  byPeer(peer: PeerAddress, now: Millis): Channel | undefined {
    for (const channel of this.#channels) {
      if (channel.peer.equals(peer)) return channel.expiresAt > now ? channel : undefined
    }
    return undefined
  }

  // RFC 8656 §12.2: not bound to anything else. DEVIATION: nor in the five minutes after, which §12 has the client wait,
  // so that no late packet is taken for another's.
  /** Whether this number and this peer may be bound to each other. */
  canBind(number: number, peer: PeerAddress): boolean {
    return this.#channels.every((channel) => (channel.number === number) === channel.peer.equals(peer))
  }

  /** Whether the two are known as each other's, so that `bind` adds none. */
  knows(number: number): boolean {
    return this.#channels.some((channel) => channel.number === number)
  }

  /** Binds the two, or refreshes that, for ten minutes from now; only where `canBind`. */
  bind(number: number, peer: PeerAddress, now: Millis): void {
    const expiresAt = now + CHANNEL_LIFETIME_MS
    const channel = this.#channels.find((each) => each.number === number)
    if (channel !== undefined) channel.expiresAt = expiresAt
    // Most allocations have one or two: a list of just that length takes a fraction of what one to push to does.
    else this.#channels = [...this.#channels, { number, peer: peer.copy(), address: undefined, expiresAt }]
  }

  /** Forgets the channels to peers of this family. */
  removeFamily(family: 4 | 6): void {
    this.#channels = this.#channels.filter(({ peer }) => peer.family !== family)
  }

  /** Forgets what has rested long enough, and returns when the next has. */
  expire(now: Millis): Millis {
    let next = Infinity
    for (const { expiresAt } of this.#channels) next = Math.min(next, expiresAt + CHANNEL_REST_MS)
    if (next > now) return next
    this.#channels = this.#channels.filter(({ expiresAt }) => expiresAt + CHANNEL_REST_MS > now)
    return this.expire(now)
  }
}
