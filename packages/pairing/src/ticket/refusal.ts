import { ByteReader } from '@crowfly/bytes'
import { concat } from '../cpace/length-value.ts'
import { type MalformedMessage, ticketIdBytes } from './ticket.ts'

/*
 *  0    1                17
 * +----+----------------+--------+
 * | 05 | ticket id (16) | reason |
 * +----+----------------+--------+
 */

/** First octet of a refusal. */
export const refusalKind = 5

const reasons = [
  /** The proof is wrong: another code. */
  'wrongCode',
  /** There is no such ticket, or no more: ask for another. */
  'spentTicket',
  /** Nobody new is admitted under this code. */
  'closed',
  /** Too many wrong codes lately: send the same `open` again later. */
  'later',
  /** The ids are not those of the sender and the addressee, or the two are paired. */
  'misdirected',
  /** Another version would have been possible. */
  'wrongVersion',
] as const

/** Why a member does not answer an `open`. Nobody vouches for it: the server may have said so. */
export type RefusalReason = (typeof reasons)[number]

export interface Refusal {
  readonly ticketId: Uint8Array
  readonly reason: RefusalReason
}

export function encodeRefusal({ ticketId, reason }: Refusal): Uint8Array {
  return concat(Uint8Array.of(refusalKind), ticketId, Uint8Array.of(reasons.indexOf(reason)))
}

/** The refusal, borrowed, or why these octets are none. */
export function decodeRefusal(octets: Uint8Array): Refusal | MalformedMessage | 'unknownReason' {
  const reader = new ByteReader(octets)
  if (reader.u8() !== refusalKind) return 'wrongKind'
  const ticketId = reader.view(ticketIdBytes)
  const reason = reasons[reader.u8()]
  if (reader.failed || reader.remaining > 0) return 'badLength'
  return reason === undefined ? 'unknownReason' : { ticketId, reason }
}
