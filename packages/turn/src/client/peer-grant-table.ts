import { addressLength, equalTransportAddress, type TransportAddress } from '@crowfly/sansio'
import type { PeerGrant } from './peer-grant.ts'

/** The permissions and channels of an allocation, at most as many as there are slots. */
export class PeerGrantTable {
  readonly #firstSlot: number
  readonly #grants: (PeerGrant | undefined)[]

  constructor(firstSlot: number, capacity: number) {
    this.#firstSlot = firstSlot
    this.#grants = new Array<PeerGrant | undefined>(capacity).fill(undefined)
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
  }

  remove(grant: PeerGrant): void {
    this.#grants[grant.slot - this.#firstSlot] = undefined
  }

  clear(): void {
    this.#grants.fill(undefined)
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
    return this.#grants.some((grant) => grant?.isHeld === true && hasSameAddress(grant.peer, peer))
  }
}

function hasSameAddress(a: TransportAddress, b: TransportAddress): boolean {
  if (a.family !== b.family) return false
  const length = addressLength(a.family)
  for (let i = 0; i < length; i++) if (a.address[i] !== b.address[i]) return false
  return true
}
