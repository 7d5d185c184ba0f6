import type { Millis, TransportAddress } from '@crowfly/sansio'
import type { Exchange } from './exchange.ts'

/** A permission or a channel: to be asked for, asked for, held, asked for again while it is held. */
export interface PeerGrant {
  /** Its place in the client's timer table. */
  readonly slot: number
  readonly peer: TransportAddress
  /** 0 for a permission. */
  readonly channel: number
  state: PeerGrantState
  /** Whether the server relays by it, as far as we know. */
  isHeld: boolean
  /** When it expires, or has expired; undefined before it is granted. */
  expiresAt: Millis | undefined
}

export type PeerGrantState =
  /** To be asked for, for the first time or again, as soon as fewer requests are under way. */
  | { readonly name: 'waiting' }
  | { readonly name: 'asking'; readonly exchange: Exchange; readonly since: Millis }
  | { readonly name: 'resting' }

/** The exchange under way for a grant. */
export function exchangeOf(grant: PeerGrant): Exchange | undefined {
  return grant.state.name === 'asking' ? grant.state.exchange : undefined
}
