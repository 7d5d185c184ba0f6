import { ByteReader } from '@crowfly/bytes'
import { concat, prependLength, readLengthValue } from '../cpace/length-value.ts'
import { elementBytes } from '../cpace/ristretto.ts'
import {
  decodeMemberAssociated,
  type MalformedAssociated,
  type MemberAssociated,
  maxAssociatedBytes,
} from './associated-data.ts'

/*
 *  0    1         2         18         50        82
 * +----+---------+---------+----------+---------+---------+-----+
 * | 02 | version | id (16) | sid (32) | Ya (32) | length  | ADa |
 * +----+---------+---------+----------+---------+---------+-----+
 */

/** First octet of a ticket. */
export const ticketKind = 2
/** Octets of a ticket's id, and of a CPace run's. */
export const ticketIdBytes = 16
export const sidBytes = 32

/** What a member leaves with the server, for one newcomer. */
export interface Ticket {
  readonly version: number
  readonly id: Uint8Array
  readonly sid: Uint8Array
  /** CPace's Ya. */
  readonly share: Uint8Array
  /** CPace's ADa, and what it says. */
  readonly associated: Uint8Array
  readonly member: MemberAssociated
}

/** Why octets are no ticket, `open` or `reply`. */
export type MalformedMessage = 'wrongKind' | 'badLength' | MalformedAssociated

export function encodeTicket(ticket: Omit<Ticket, 'member'>): Uint8Array {
  const head = Uint8Array.of(ticketKind, ticket.version)
  return concat(head, ticket.id, ticket.sid, ticket.share, prependLength(ticket.associated))
}

/** The ticket, the caller's to keep, or why these octets are none. */
export function decodeTicket(octets: Uint8Array): Ticket | MalformedMessage {
  const reader = new ByteReader(octets)
  if (reader.u8() !== ticketKind) return 'wrongKind'
  const version = reader.u8()
  const id = reader.view(ticketIdBytes).slice()
  const sid = reader.view(sidBytes).slice()
  const share = reader.view(elementBytes).slice()
  const associated = readLengthValue(reader, maxAssociatedBytes).slice()
  if (reader.failed || reader.remaining > 0) return 'badLength'
  const member = decodeMemberAssociated(associated)
  if (typeof member === 'string') return member
  return { version, id, sid, share, associated, member }
}
