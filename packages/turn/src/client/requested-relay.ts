import type { StunMessageWriter } from '@crowfly/stun'
import { encodeAdditionalAddressFamily } from '../proto/attributes/additional-address-family.ts'
import { encodeEvenPort } from '../proto/attributes/even-port.ts'
import { encodeRequestedAddressFamily } from '../proto/attributes/requested-address-family.ts'
import { encodeReservationToken } from '../proto/attributes/reservation-token.ts'

/**
 * The relayed transport address that a client asks for; what RFC 8656 §7.1 forbids to combine can not be said.
 *
 * - `single`: one address. `evenPort` asks for an even port, and to keep the next one for another allocation.
 * - `dual`: one IPv4 and one IPv6 address; the server may give only one.
 * - `reserved`: the address that an earlier allocation had reserved, by its token.
 */
export type RequestedRelay =
  | { readonly type: 'single'; readonly family: 4 | 6; readonly evenPort?: { readonly reserveNext: boolean } }
  | { readonly type: 'dual'; readonly evenPort?: { readonly reserveNext: false } }
  | { readonly type: 'reserved'; readonly token: Uint8Array }

/** Writes the attributes of an Allocate request that say which relayed address is wanted. */
export function encodeRequestedRelay(writer: StunMessageWriter, relay: RequestedRelay): void {
  if (relay.type === 'reserved') {
    encodeReservationToken(writer, relay.token)
    return
  }
  // IPv4 is what a server gives that is not asked, and one of RFC 5766 would refuse the attribute.
  if (relay.type === 'single' && relay.family === 6) encodeRequestedAddressFamily(writer, 6)
  if (relay.type === 'dual') encodeAdditionalAddressFamily(writer, 6)
  if (relay.evenPort !== undefined) encodeEvenPort(writer, relay.evenPort)
}
