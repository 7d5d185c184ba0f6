import type { StunMessage } from '@crowfly/stun'
import { decodeAdditionalAddressFamily } from '../proto/attributes/additional-address-family.ts'
import { decodeEvenPort } from '../proto/attributes/even-port.ts'
import { decodeRequestedAddressFamily } from '../proto/attributes/requested-address-family.ts'
import { decodeReservationToken } from '../proto/attributes/reservation-token.ts'
import { TurnAttributeType as Type } from '../proto/turn-attribute-type.ts'
import type { Reservation, Reservations } from './reservations.ts'

/** What an Allocate request asks for. */
export interface RelayPlan {
  /** Both, for a dual allocation. */
  readonly families: readonly (4 | 6)[]
  readonly evenPort: { readonly reserveNext: boolean } | undefined
  /** The port that the client had kept for itself. */
  readonly reservation: Reservation | undefined
}

// RFC 8656 §7.2, points 5 to 9.
/** Reads what relayed addresses the request asks for, or says the error code to refuse it with. */
export function planRelays(
  request: StunMessage,
  reservations: Reservations,
  username: string,
): RelayPlan | 400 | 440 | 508 {
  const isDual = request.has(Type.ADDITIONAL_ADDRESS_FAMILY)
  const hasFamily = request.has(Type.REQUESTED_ADDRESS_FAMILY)
  const hasEvenPort = request.has(Type.EVEN_PORT)
  if (request.has(Type.RESERVATION_TOKEN)) {
    if (hasEvenPort || hasFamily || isDual) return 400
    const token = decodeReservationToken(request)
    if (token === undefined) return 400
    const reservation = reservations.find(token, username)
    if (reservation === undefined) return 508
    return { families: [reservation.relayed.family], evenPort: undefined, reservation }
  }
  if (hasFamily && isDual) return 400
  const family = hasFamily ? decodeRequestedAddressFamily(request) : 4
  if (family === undefined) return 400
  if (family === 'unsupported') return 440
  const evenPort = decodeEvenPort(request)
  if (evenPort === undefined && hasEvenPort) return 400
  if (evenPort?.reserveNext && isDual) return 400
  if (isDual && decodeAdditionalAddressFamily(request) !== 6) return 400
  return { families: isDual ? [4, 6] : [family], evenPort, reservation: undefined }
}
