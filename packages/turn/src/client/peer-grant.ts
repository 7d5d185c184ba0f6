import { addressLength, equalTransportAddress, type TransportAddress } from '@crowfly/sansio'
import type { Exchange } from './exchange.ts'

/** A permission or a channel: asked for, held, asked for again while it is held. */
export interface PeerGrant {
  /** Its place in the client's timer table. */
  readonly slot: number
  readonly peer: TransportAddress
  /** 0 for a permission. */
  readonly channel: number
  state: PeerGrantState
}

export type PeerGrantState =
  | { readonly name: 'asked'; readonly exchange: Exchange }
  | { readonly name: 'held' }
  | { readonly name: 'renewed'; readonly exchange: Exchange }

/** Whether the server relays by this grant, as far as we know. */
export function isHeld(grant: PeerGrant): boolean {
  return grant.state.name !== 'asked'
}

/** The exchange under way for a grant. */
export function exchangeOf(grant: PeerGrant): Exchange | undefined {
  return grant.state.name === 'held' ? undefined : grant.state.exchange
}

/** The permissions and channels of an allocation, at most as many as there are slots. */
export class PeerGrantTable {
  readonly #firstSlot: number
  readonly #grants: (PeerGrant | undefined)[]
  #size = 0

  constructor(firstSlot: number, capacity: number) {
    this.#firstSlot = firstSlot
    this.#grants = new Array<PeerGrant | undefined>(capacity).fill(undefined)
  }

  get size(): number {
    return this.#size
  }

  /** All grants, in the order of their slots. */
  *[Symbol.iterator](): Generator<PeerGrant> {
    for (const grant of this.#grants) if (grant !== undefined) yield grant
  }

  bySlot(slot: number): PeerGrant | undefined {
    return this.#grants[slot - this.#firstSlot]
  }

  /** A slot that is free; -1 when there is none. */
  freeSlot(): number {
    const index = this.#grants.indexOf(undefined)
    return index < 0 ? -1 : this.#firstSlot + index
  }

  add(grant: PeerGrant): void {
    this.#grants[grant.slot - this.#firstSlot] = grant
    this.#size++
  }

  remove(grant: PeerGrant): void {
    this.#grants[grant.slot - this.#firstSlot] = undefined
    this.#size--
  }

  clear(): void {
    this.#grants.fill(undefined)
    this.#size = 0
  }

  /** The permission of this IP address, whatever its state. */
  permission(peer: TransportAddress): PeerGrant | undefined {
    return this.#grants.find((grant) => grant?.channel === 0 && hasSameAddress(grant.peer, peer))
  }

  /** The channel of this peer, whatever its state. */
  channelOf(peer: TransportAddress): PeerGrant | undefined {
    return this.#grants.find(
      (grant) => grant !== undefined && grant.channel !== 0 && equalTransportAddress(grant.peer, peer),
    )
  }

  /** The grant of this channel number, whatever its state. */
  byChannel(channel: number): PeerGrant | undefined {
    return this.#grants.find((grant) => grant?.channel === channel)
  }

  /** The permission and the channels of this IP address, whatever their state. */
  ofAddress(peer: TransportAddress): PeerGrant[] {
    return [...this].filter((grant) => hasSameAddress(grant.peer, peer))
  }

  // RFC 8656 §11.4: Data indications of others are not to be believed.
  /** Whether packets from this IP address are expected: what was asked for counts, since its response may be late. */
  isKnown(peer: TransportAddress): boolean {
    return this.#grants.some((grant) => grant !== undefined && hasSameAddress(grant.peer, peer))
  }

  // RFC 8656 §12.2: a ChannelBind installs the permission too.
  /** Whether something is held by which packets to and from this IP address pass. */
  isPermitted(peer: TransportAddress): boolean {
    return this.#grants.some(
      (grant) => grant !== undefined && isHeld(grant) && hasSameAddress(grant.peer, peer),
    )
  }
}

function hasSameAddress(a: TransportAddress, b: TransportAddress): boolean {
  if (a.family !== b.family) return false
  const length = addressLength(a.family)
  for (let i = 0; i < length; i++) if (a.address[i] !== b.address[i]) return false
  return true
}
