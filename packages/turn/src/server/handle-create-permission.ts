import { TurnAttributeType } from '../proto/turn-attribute-type.ts'
import type { Allocation } from './allocation.ts'
import { PeerAddress } from './peer-address.ts'
import { openRelay, refusalOfPeer } from './peer-admission.ts'
import type { Answer, TurnRequest, TurnState } from './turn-request.ts'

// RFC 8656 §10.2. DEVIATION: what §10.2 answers with 508, a capacity limit, is 403 here: Firefox gives up its whole
// allocation on anything but 403.
/** CreatePermission, of a live allocation: all of its peers are permitted, or none. */
export function handleCreatePermission(
  state: TurnState,
  request: TurnRequest,
  allocation: Allocation,
): Answer {
  const { maxPermissionsPerAllocation } = state.limits
  const peers = peersOf(request, maxPermissionsPerAllocation)
  if (typeof peers === 'number') return peers
  for (const peer of peers) {
    const refusal = refusalOfPeer(state, allocation, peer)
    if (refusal !== undefined) return refusal
  }
  const { permissions } = allocation
  const added = peers.filter((peer) => !permissions.knows(peer))
  if (permissions.size + added.length > maxPermissionsPerAllocation) return 403
  for (const peer of peers) {
    permissions.install(peer, request.now)
    openRelay(state, allocation, peer)
  }
  state.allocations.watch(allocation, request.now)
  return () => {}
}

/** The peers of the request by IP address, or why it is refused: none, one malformed, more than there can be. */
function peersOf({ message }: TurnRequest, most: number): PeerAddress[] | 400 | 403 {
  const peers: PeerAddress[] = []
  let at = message.find(TurnAttributeType.XOR_PEER_ADDRESS)
  for (; at >= 0; at = message.findNext(at)) {
    const peer = new PeerAddress()
    if (!peer.readXor(message, at)) return 400
    if (peers.some((known) => known.hasSameIp(peer))) continue
    if (peers.length === most) return 403
    peers.push(peer)
  }
  return peers.length === 0 ? 400 : peers
}
