import { type ByteWriter, decodeUtf8, encodeUtf8 } from '@crowfly/bytes'
import type { StunMessage } from '../message.ts'
import type { StunMessageWriter } from '../message-writer.ts'
import { StunError } from '../stun-error.ts'

// RFC 8489 §14.3, §14.8 to §14.10, §14.14: 127 characters of up to four bytes each when sending; up to 763 bytes
// when receiving, for RFC 5389's six-byte characters.
const MAX_ENCODED_BYTES = 508
const MAX_DECODED_BYTES = 763

/** UTF-8 text of at most 763 bytes; undefined when it is longer or not UTF-8. */
export function decodeText(value: Uint8Array): string | undefined {
  return value.length <= MAX_DECODED_BYTES ? decodeUtf8(value) : undefined
}

/** Writes text of at most 508 bytes of UTF-8; throws `StunError` when it is longer. */
export function writeText(body: ByteWriter, text: string): void {
  const bytes = encodeUtf8(text)
  if (bytes.length > MAX_ENCODED_BYTES) {
    throw new StunError('STUN_ATTRIBUTE_VALUE', `the text has ${bytes.length} bytes of UTF-8, over 508`)
  }
  body.write(bytes)
}

/** The text of the first attribute of this type; undefined when absent or malformed. */
export function decodeTextAttribute(message: StunMessage, type: number): string | undefined {
  const at = message.find(type)
  return at < 0 ? undefined : decodeText(message.valueAt(at))
}

/** Writes an attribute of this type with text of at most 508 bytes of UTF-8. */
export function encodeTextAttribute(writer: StunMessageWriter, type: number, text: string): void {
  writeText(writer.beginAttribute(type), text)
  writer.endAttribute()
}
