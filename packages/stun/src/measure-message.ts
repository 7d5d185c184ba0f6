import type { FramingFault } from './frame-cutter.ts'
import { HEADER_BYTES, hasMagicCookie } from './message.ts'

/** Type, length and magic cookie: enough to tell STUN from anything else, and where the message ends. */
const MEASURE_BYTES = 8

// RFC 8489 §5: two zero bits, a length that is a multiple of four, the cookie. RFC 3489 knew STUN over UDP only, so
// that a stream without the cookie is none.
/**
 * How many bytes of the message that begins at `at` are wanted next, given that `available` are there: all of them once
 * its length is known. Or why it is none. For `FrameCutterOptions.measure`.
 */
export function measureMessage(
  bytes: Uint8Array,
  at: number,
  available: number,
  maxMessageBytes: number,
): number | FramingFault {
  if (available < MEASURE_BYTES) return MEASURE_BYTES
  if ((bytes[at] ?? 0) >= 0x40 || !hasMagicCookie(bytes, at)) return 'notStun'
  const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
  if ((length & 3) !== 0) return 'badLength'
  return HEADER_BYTES + length > maxMessageBytes ? 'tooLong' : HEADER_BYTES + length
}
