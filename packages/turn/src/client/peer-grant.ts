import type { TransportAddress } from '@crowfly/sansio'
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
