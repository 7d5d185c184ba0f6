import { encodeLifetime } from '../proto/attributes/lifetime.ts'
import { decodeRequestedAddressFamily } from '../proto/attributes/requested-address-family.ts'
import { TurnAttributeType } from '../proto/turn-attribute-type.ts'
import type { Allocation } from './allocation.ts'
import { grantedLifetime, requestedLifetime } from './lifetime.ts'
import type { Answer, TurnRequest, TurnState } from './turn-request.ts'

// RFC 8656 §8.2
/** Refresh, of a live allocation. */
export function handleRefresh(state: TurnState, request: TurnRequest, allocation: Allocation): Answer {
  const { message, now } = request
  const families = familiesOf(request, allocation)
  if (typeof families === 'number') return families
  const requested = requestedLifetime(message)
  if (requested === 400) return 400
  if (requested.seconds === 0) {
    for (const family of families) state.allocations.removeRelay(allocation, family, now)
    return (writer) => encodeLifetime(writer, 0)
  }
  const seconds = grantedLifetime(requested.seconds, state.limits)
  for (const family of families) {
    const relay = allocation.relayOf(family)
    if (relay !== undefined) relay.expiresAt = now + seconds * 1000
  }
  state.allocations.watch(allocation, now)
  return (writer) => encodeLifetime(writer, seconds)
}

/** Which of its relays are meant: one of them, or all. */
function familiesOf({ message }: TurnRequest, allocation: Allocation): (4 | 6)[] | 400 | 443 {
  const has = (family: 4 | 6): boolean => allocation.relayOf(family) !== undefined
  if (!message.has(TurnAttributeType.REQUESTED_ADDRESS_FAMILY)) return ([4, 6] as const).filter(has)
  const family = decodeRequestedAddressFamily(message)
  if (family === undefined) return 400
  return family !== 'unsupported' && has(family) ? [family] : 443
}
