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
  const peers = peersOf(request)
  if (peers === undefined) return 400
  for (const peer of peers) {
    const refusal = refusalOfPeer(state, allocation, peer)
    if (refusal !== undefined) return refusal
  }
  const { permissions } = allocation
  const added = peers.filter((peer, i) => {
    return !permissions.knows(peer) && peers.findIndex((other) => other.hasSameIp(peer)) === i
  })
  if (permissions.size + added.length > state.limits.maxPermissionsPerAllocation) return 403
  for (const peer of peers) {
    permissions.install(peer, request.now)
    openRelay(state, allocation, peer)
  }
  state.allocations.watch(allocation, request.now)
  return () => {}
}

/** The peers of the request; undefined when it has none, or one that is malformed. */
function peersOf({ message }: TurnRequest): PeerAddress[] | undefined {
  const peers: PeerAddress[] = []
  let at = message.find(TurnAttributeType.XOR_PEER_ADDRESS)
  for (; at >= 0; at = message.findNext(at)) {
    const peer = new PeerAddress()
    if (!peer.readXor(message, at)) return undefined
    peers.push(peer)
  }
  return peers.length === 0 ? undefined : peers
}
