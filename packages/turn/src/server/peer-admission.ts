import type { Allocation } from './allocation.ts'
import type { PeerAddress } from './peer-address.ts'
import type { TurnState } from './turn-request.ts'

// RFC 8656 §10.2, §12.2. DEVIATION: in rooms mode a foreign peer is 403 even of a family that the allocation lacks (443):
// browsers go on with their other candidates only then.
/** The error code that a peer's IP address is refused with, if it is. */
export function refusalOfPeer(
  state: TurnState,
  allocation: Allocation,
  peer: PeerAddress,
): 403 | 443 | undefined {
  const isForeign = state.relayed.routeTo(peer) === 'none'
  if (isForeign && state.relayed.isRooms) return 403
  if (allocation.relayOf(peer.family) === undefined) return 443
  return isForeign ? 403 : undefined
}

/** Has a socket opened for the allocation if this peer is the first one that needs it. */
export function openRelay(state: TurnState, allocation: Allocation, peer: PeerAddress): void {
  const relay = allocation.relayOf(peer.family)
  if (relay === undefined || relay.isOpen || state.relayed.routeTo(peer) === 'switchboard') return
  relay.isOpen = true
  state.emit({ type: 'openRelay', relay: relay.id, address: relay.address })
}
