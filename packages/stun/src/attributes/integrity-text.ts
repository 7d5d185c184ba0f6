import { HEADER_BYTES, type StunMessage } from '../message.ts'

/**
 * Calls `take` with the text that the integrity attribute at `at` protects: the message before it, with the header's
 * length as if the message ended with it. The borrowed buffer is as before when this returns. RFC 8489 §14.5, §14.6.
 */
export function withLengthUpTo(
  message: StunMessage,
  at: number,
  take: (text: Uint8Array) => Uint8Array,
): Uint8Array {
  const { bytes, start } = message
  const high = bytes[start + 2] ?? 0
  const low = bytes[start + 3] ?? 0
  const length = at + 4 + message.lengthAt(at) - start - HEADER_BYTES
  bytes[start + 2] = length >>> 8
  bytes[start + 3] = length
  try {
    return take(bytes.subarray(start, at))
  } finally {
    bytes[start + 2] = high
    bytes[start + 3] = low
  }
}
