import { ByteReader } from '@crowfly/bytes'
import { tagBytes } from '../cpace/cpace.ts'
import { concat } from '../cpace/length-value.ts'
import type { MalformedMessage } from './ticket.ts'

/*
 *  0    1         65
 * +----+---------+----------+
 * | 04 | Ta (64) | envelope |
 * +----+---------+----------+
 */

/** First octet of a `reply`. */
export const replyKind = 4

/** A member's proof, and its first sealed message, whatever that is. */
export interface Reply {
  /** CPace's Ta. */
  readonly tag: Uint8Array
  readonly envelope: Uint8Array
}

export function encodeReply({ tag, envelope }: Reply): Uint8Array {
  return concat(Uint8Array.of(replyKind), tag, envelope)
}

/** The reply, borrowed, or why these octets are none. */
export function decodeReply(octets: Uint8Array): Reply | MalformedMessage {
  const reader = new ByteReader(octets)
  if (reader.u8() !== replyKind) return 'wrongKind'
  const tag = reader.view(tagBytes)
  const envelope = reader.view(reader.remaining)
  return reader.failed ? 'badLength' : { tag, envelope }
}
