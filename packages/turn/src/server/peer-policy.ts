import type { PathId } from '@crowfly/sansio'
import type { PeerFilter } from './peer-filter.ts'

/** Peers are the allocations of the same room, and nobody else. Relayed addresses are names without sockets. */
export interface RoomsPolicy {
  readonly kind: 'rooms'
}

/** Peers are hosts anywhere, as far as `filter` lets them; relay sockets are opened for them. */
export interface PublicPolicy {
  readonly kind: 'public'
  readonly filter: PeerFilter
  /**
   * The IP address, 4 or 16 bytes, that relays of this family get for the client on `path`; undefined if there is none:
   * the client is told 440.
   */
  relayAddress(family: 4 | 6, path: PathId): Uint8Array | undefined
  /** RFC 8656 §7.2: 49152 to 65535 unless nothing else on the host uses others. Both included. */
  readonly ports: { readonly least: number; readonly most: number }
  /** This host's other IP addresses, read anew each time: no peers, unless the filter's allow list says so. */
  readonly ownAddresses?: readonly Uint8Array[]
}

/** Who may be a peer. */
export type PeerPolicy = RoomsPolicy | PublicPolicy
