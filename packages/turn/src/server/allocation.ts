import type { Millis, PathId, TransportAddress } from '@crowfly/sansio'
import type { StunMessage } from '@crowfly/stun'
import { Channels } from './channels.ts'
import { type PeerAddress, readWord } from './peer-address.ts'
import { Permissions } from './permissions.ts'
import type { RelayId } from './relay.ts'
import type { RelayedAddress } from './relayed-addresses.ts'

/** How many allocations there are of one user, room or address; forgotten at zero. */
export interface Tally {
  count: number
}

/** One relayed transport address of an allocation. */
export interface Relay {
  readonly id: RelayId
  readonly relayed: RelayedAddress
  readonly port: number
  /** The two together, as peers see them. */
  readonly peer: PeerAddress
  readonly address: TransportAddress
  /** The two of a dual allocation may be refreshed apart. */
  expiresAt: Millis
  /** Public mode: whether a socket was asked for. */
  isOpen: boolean
}

/** What an allocation begins with. */
export interface AllocationOptions {
  slot: number
  path: PathId
  isStream: boolean
  username: string
  room: string | null
  /** The Allocate request. */
  request: StunMessage
  now: Millis
}

/** What a client has on the server: RFC 8656 §6. */
export class Allocation {
  /** Its place in the table. */
  readonly slot: number
  /** The 5-tuple. */
  readonly path: PathId
  readonly isStream: boolean
  readonly username: string
  readonly room: string | null
  readonly permissions = new Permissions()
  readonly channels = new Channels()
  /** The transaction id, by which a retransmission is known (RFC 8656 §7.2): three numbers take less than an array. */
  readonly #transactionHigh: number
  readonly #transactionMiddle: number
  readonly #transactionLow: number
  relay4: Relay | undefined
  relay6: Relay | undefined
  /** What the success response said besides. */
  reservationToken: Uint8Array | undefined
  /** The family that a dual allocation lacks, and why. */
  addressError: { family: 4 | 6; code: number } | undefined

  constructor(options: AllocationOptions) {
    this.slot = options.slot
    this.path = options.path
    this.isStream = options.isStream
    this.username = options.username
    this.room = options.room
    const { bytes, start } = options.request
    this.#transactionHigh = readWord(bytes, start + 8)
    this.#transactionMiddle = readWord(bytes, start + 12)
    this.#transactionLow = readWord(bytes, start + 16)
  }

  /** Whether `request` is the one that made it, come again. */
  isMadeBy(request: StunMessage): boolean {
    const { bytes, start } = request
    return (
      readWord(bytes, start + 8) === this.#transactionHigh &&
      readWord(bytes, start + 12) === this.#transactionMiddle &&
      readWord(bytes, start + 16) === this.#transactionLow
    )
  }

  relayOf(family: 4 | 6): Relay | undefined {
    return family === 4 ? this.relay4 : this.relay6
  }

  /** When the last of its relays expires. */
  get expiresAt(): Millis {
    return Math.max(this.relay4?.expiresAt ?? 0, this.relay6?.expiresAt ?? 0)
  }
}

/** Seconds until then, rounded up. */
export function lifetimeSeconds(expiresAt: Millis, now: Millis): number {
  return Math.max(0, Math.ceil((expiresAt - now) / 1000))
}

/** A relay at this port of a relayed address. */
export function createRelay(id: RelayId, relayed: RelayedAddress, port: number, expiresAt: Millis): Relay {
  const peer = relayed.peer.copy()
  peer.port = port
  const address = { family: relayed.family, address: relayed.address, port }
  return { id, relayed, port, peer, address, expiresAt, isOpen: false }
}
