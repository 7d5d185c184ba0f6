import { ByteReader } from '@crowfly/bytes'
import { tagBytes } from '../cpace/cpace.ts'
import { concat, prependLength, readLengthValue } from '../cpace/length-value.ts'
import { elementBytes } from '../cpace/ristretto.ts'
import { decodeNewcomerAssociated, maxAssociatedBytes, type NewcomerAssociated } from './associated-data.ts'
import { type MalformedMessage, ticketIdBytes } from './ticket.ts'

/*
 *  0    1                17        49        113
 * +----+----------------+---------+---------+--------+-----+----------+
 * | 03 | ticket id (16) | Yb (32) | Tb (64) | length | ADb | envelope |
 * +----+----------------+---------+---------+--------+-----+----------+
 */

/** First octet of an `open`. */
export const openKind = 3

/** A newcomer's answer to a ticket: share, proof, and the first sealed message. */
export interface OpenMessage {
  readonly ticketId: Uint8Array
  /** CPace's Yb. */
  readonly share: Uint8Array
  /** CPace's Tb. */
  readonly tag: Uint8Array
  /** CPace's ADb, and what it says. */
  readonly associated: Uint8Array
  readonly newcomer: NewcomerAssociated
  readonly envelope: Uint8Array
}

export function encodeOpen(open: Omit<OpenMessage, 'newcomer'>): Uint8Array {
  const head = Uint8Array.of(openKind)
  return concat(head, open.ticketId, open.share, open.tag, prependLength(open.associated), open.envelope)
}

/** The message, or why these octets are none. All but `newcomer` is borrowed. */
export function decodeOpen(octets: Uint8Array): OpenMessage | MalformedMessage {
  const reader = new ByteReader(octets)
  if (reader.u8() !== openKind) return 'wrongKind'
  const ticketId = reader.view(ticketIdBytes)
  const share = reader.view(elementBytes)
  const tag = reader.view(tagBytes)
  const associated = readLengthValue(reader, maxAssociatedBytes)
  const envelope = reader.view(reader.remaining)
  if (reader.failed) return 'badLength'
  const newcomer = decodeNewcomerAssociated(associated)
  if (typeof newcomer === 'string') return newcomer
  return { ticketId, share, tag, associated, newcomer, envelope }
}
