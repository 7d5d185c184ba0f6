import type { Crypto, PathId, Random, TransportAddress } from '@crowfly/sansio'
import type { TransactionTiming } from '@crowfly/stun'
import type { RequestedRelay } from './requested-relay.ts'

/** Settings of a `TurnClient`. */
export interface TurnClientOptions {
  /** Where the server is, and the only path that anything is taken from. */
  path: PathId
  /** Whether the path is TCP or TLS: requests are sent once, ChannelData is padded. Cut with `TurnStreamFramer`. */
  isReliable: boolean
  /** The long-term credential (RFC 8489 §9.2). */
  username: string
  password: string
  random: Random
  crypto: Crypto
  /** One IPv4 address by default. */
  relay?: RequestedRelay
  /** The lifetime asked for; by default it is the server's choice, mostly 600. */
  lifetimeSeconds?: number
  /** Whether packets to peers may not be fragmented; given up when the server does not know DONT-FRAGMENT. */
  dontFragment?: boolean
  /**
   * What SOFTWARE says in Allocate and Refresh requests, under 128 characters. DEVIATION: left out by default, where
   * RFC 8656 §5 wants one: RFC 8489 §16.1.2 has it to be a choice.
   */
  software?: string
  timing?: Partial<TransactionTiming>
  /** Most permissions and channels together. Default 128. */
  maxGrants?: number
  /** Longest payload sent to a peer. Default 2,048. */
  maxPayloadBytes?: number
}

/** What a peer sent. The bytes are borrowed from the input that they came in. */
export interface PeerData {
  bytes: Uint8Array
  start: number
  end: number
  peer: TransportAddress
}

/** What became of a payload. All but `sent` mean that it is lost. */
export type SendVerdict =
  | 'sent'
  /** There is no allocation. */
  | 'notAllocated'
  /** Nothing is held by which the server would let it through: the server would drop it. */
  | 'notPermitted'
  | 'tooLong'
  /** The payload before was not polled yet: one is sent for each drain. */
  | 'notDrained'

/** What went by. */
export interface TurnClientCounters {
  /** Payloads to peers and from them. */
  sent: number
  received: number
  /** Inputs that are neither STUN nor ChannelData. */
  malformed: number
  /** Sound messages that nobody waits for: late responses, unknown channels, peers without permission. */
  unexpected: number
}
