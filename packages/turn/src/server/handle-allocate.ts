import { encodeXorMappedAddress, type StunMessageWriter } from '@crowfly/stun'
import { encodeAddressErrorCode } from '../proto/attributes/address-error-code.ts'
import { encodeLifetime } from '../proto/attributes/lifetime.ts'
import { decodeRequestedTransport, TransportProtocol } from '../proto/attributes/requested-transport.ts'
import { encodeReservationToken } from '../proto/attributes/reservation-token.ts'
import { encodeXorRelayedAddress } from '../proto/attributes/xor-relayed-address.ts'
import { type Allocation, lifetimeSeconds } from './allocation.ts'
import { grantedLifetime, requestedLifetime } from './lifetime.ts'
import { planRelays, type RelayPlan } from './relay-plan.ts'
import { takePorts } from './relay-taking.ts'
import { isTunneled } from './tunneled-address.ts'
import type { Answer, TurnRequest, TurnState } from './turn-request.ts'

// RFC 8656 §7.2, the checks in its order.
/** Allocate. */
export function handleAllocate(state: TurnState, request: TurnRequest): Answer {
  const { message, path, username } = request
  const live = state.allocations.at(path)
  if (live !== undefined) {
    // A retransmission, which gets the same answer; anything else is a mistake on a 5-tuple in use.
    const isAgain = live.username === username && live.isMadeBy(message)
    return isAgain ? success(state, live, request) : 437
  }
  if (isTunneled(state.paths.remote(path).address)) return 403
  const transport = decodeRequestedTransport(message)
  if (transport === undefined) return 400
  if (transport !== TransportProtocol.UDP) return 442
  const plan = planRelays(message, state.reservations, username)
  if (typeof plan === 'number') return plan
  const lifetime = requestedLifetime(message)
  if (lifetime === 400) return 400
  const quota = state.allocations.refusal(path, username, request.account.room)
  if (quota !== undefined) return quota
  return allocate(state, request, plan, grantedLifetime(lifetime.seconds, state.limits))
}

function allocate(state: TurnState, request: TurnRequest, plan: RelayPlan, seconds: number): Answer {
  const { message, path, now, username, account } = request
  const taken = takePorts(state, path, plan)
  if (typeof taken === 'number') return taken
  const allocation = state.allocations.add({ path, username, room: account.room, request: message, now })
  for (const { relayed, port } of taken.ports) {
    state.allocations.addRelay(allocation, relayed, port, now + seconds * 1000, now)
    if (plan.evenPort?.reserveNext) {
      allocation.reservationToken = state.reservations.add(username, relayed, port + 1, now)
    }
  }
  if (plan.reservation !== undefined) state.reservations.redeem(plan.reservation)
  allocation.addressError = taken.addressError
  return success(state, allocation, request)
}

// RFC 8656 §7.2
function success(state: TurnState, allocation: Allocation, request: TurnRequest): Answer {
  const { relay4, relay6, reservationToken, addressError } = allocation
  return (writer: StunMessageWriter) => {
    if (relay4 !== undefined) encodeXorRelayedAddress(writer, relay4.address)
    if (relay6 !== undefined) encodeXorRelayedAddress(writer, relay6.address)
    encodeLifetime(writer, lifetimeSeconds(allocation.expiresAt, request.now))
    if (reservationToken !== undefined) encodeReservationToken(writer, reservationToken)
    encodeXorMappedAddress(writer, state.paths.remote(request.path))
    if (addressError !== undefined) encodeAddressErrorCode(writer, addressError)
  }
}
