import type { TransportAddress } from '@crowfly/sansio'

/** A relayed transport address of one allocation, by a number of the machine's; reused after `closeRelay`. */
export type RelayId = number

/** A run of bytes that leaves by a relay socket for a peer, or came in by one. Borrowed like a `Datagram`. */
export interface RelayDatagram {
  bytes: Uint8Array
  start: number
  end: number
  relay: RelayId
  peer: TransportAddress
}

/** What the driver of a `TurnServer` has to do. */
export type TurnServerEvent =
  /** Public mode: bind a UDP socket here. `handleRelayFailed` if that is impossible; packets sent meanwhile may be lost. */
  | { readonly type: 'openRelay'; readonly relay: RelayId; readonly address: TransportAddress }
  | { readonly type: 'closeRelay'; readonly relay: RelayId }
  /** A TCP or TLS client that is to be cut off. */
  | { readonly type: 'disconnect'; readonly path: number }
