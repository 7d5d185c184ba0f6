import { decodeChannelNumber } from '../proto/attributes/channel-number.ts'
import { isChannelNumber, isClassicChannelNumber } from '../proto/channel-data.ts'
import { TurnAttributeType } from '../proto/turn-attribute-type.ts'
import type { Allocation } from './allocation.ts'
import { PeerAddress } from './peer-address.ts'
import { openRelay, refusalOfPeer } from './peer-admission.ts'
import type { Answer, TurnRequest, TurnState } from './turn-request.ts'

// RFC 8656 §12.2. DEVIATION: a capacity limit is 403, not 508; see CreatePermission. DEVIATION: numbers above 0x4FFF are
// taken where the owner says so.
/** ChannelBind, of a live allocation. */
export function handleChannelBind(state: TurnState, request: TurnRequest, allocation: Allocation): Answer {
  const { message, now } = request
  const number = decodeChannelNumber(message)
  if (number === undefined) return 400
  const isNumber = state.acceptsClassicChannels ? isClassicChannelNumber(number) : isChannelNumber(number)
  if (!isNumber) return 400
  const peer = new PeerAddress()
  if (!peer.readXor(message, message.find(TurnAttributeType.XOR_PEER_ADDRESS))) return 400
  if (!allocation.channels.canBind(number, peer)) return 400
  const refusal = refusalOfPeer(state, allocation, peer)
  if (refusal !== undefined) return refusal
  if (!isReachable(state, allocation, peer) || !hasRoom(state, allocation, number, peer)) return 403
  allocation.channels.bind(number, peer, now)
  allocation.permissions.install(peer, now)
  openRelay(state, allocation, peer)
  state.allocations.watch(allocation, now)
  return () => {}
}

/** Whether somebody may be there: an allocation of the same room, or a host that is none. */
function isReachable(state: TurnState, allocation: Allocation, peer: PeerAddress): boolean {
  const route = state.relayed.routeTo(peer)
  const relay = route === 'socket' ? -1 : state.relayed.find(peer)
  if (relay < 0) return route !== 'switchboard'
  return state.allocations.ofRelay(relay)?.room === allocation.room
}

function hasRoom(state: TurnState, allocation: Allocation, number: number, peer: PeerAddress): boolean {
  const { channels, permissions } = allocation
  const { maxChannelsPerAllocation, maxPermissionsPerAllocation } = state.limits
  const hasChannel = channels.knows(number) || channels.size < maxChannelsPerAllocation
  const hasPermission = permissions.knows(peer) || permissions.size < maxPermissionsPerAllocation
  return hasChannel && hasPermission
}
