import { crc32 } from '@crowfly/bytes'
import { AttributeType } from '../attribute-type.ts'
import type { StunMessage } from '../message.ts'
import type { StunMessageWriter } from '../message-writer.ts'

/** What the CRC is XORed with, so that another protocol's CRC-32 is none: "STUN" in ASCII. RFC 8489 §14.7. */
export const FINGERPRINT_XOR = 0x5354554e

const VALUE_BYTES = 4

/**
 * What FINGERPRINT says of the message. When it is wrong, drop the message silently (RFC 8489 §6.3).
 * The value is the CRC-32 of all before the attribute, XORed with `FINGERPRINT_XOR`.
 */
export function checkFingerprint(message: StunMessage): 'absent' | 'right' | 'wrong' {
  const at = message.find(AttributeType.FINGERPRINT)
  if (at < 0) return 'absent'
  if (message.lengthAt(at) !== VALUE_BYTES) return 'wrong'
  const { bytes } = message
  const claimed =
    ((bytes[at + 4] ?? 0) << 24) |
    ((bytes[at + 5] ?? 0) << 16) |
    ((bytes[at + 6] ?? 0) << 8) |
    (bytes[at + 7] ?? 0)
  // The header's length counts the attribute already: it is the last one.
  return (crc32(bytes, message.start, at) ^ FINGERPRINT_XOR) === claimed ? 'right' : 'wrong'
}

/** Writes FINGERPRINT; nothing can follow it. */
export function encodeFingerprint(writer: StunMessageWriter): void {
  const value = crc32(writer.declareAttribute(AttributeType.FINGERPRINT, VALUE_BYTES)) ^ FINGERPRINT_XOR
  writer.beginAttribute(AttributeType.FINGERPRINT).u32(value)
  writer.endAttribute()
}
