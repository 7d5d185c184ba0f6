import { decodeUtf8, encodeUtf8 } from '@crowfly/bytes'
import type { StunMessage } from '../message.ts'
import type { StunMessageWriter } from '../message-writer.ts'
import { StunError } from '../stun-error.ts'

// RFC 8489 §14.3: USERNAME has fewer than 509 bytes. §14.8 to §14.10, §14.14: phrase, realm, nonce and software have
// fewer than 128 characters, which is 508 bytes at the most. All may have 763 when they come from RFC 5389.
const MAX_ENCODED_BYTES = 508
const MAX_CHARACTERS = 127
const MAX_DECODED_BYTES = 763

/** UTF-8 text of at most 763 bytes; undefined when it is longer or not UTF-8. */
export function decodeText(value: Uint8Array): string | undefined {
  return value.length <= MAX_DECODED_BYTES ? decodeUtf8(value) : undefined
}

/** Text of at most `maxCharacters` code points and 508 bytes as UTF-8; throws `StunError` when it is longer. */
export function encodeText(text: string, maxCharacters: number = MAX_CHARACTERS): Uint8Array {
  const bytes = encodeUtf8(text)
  if (bytes.length > MAX_ENCODED_BYTES || Array.from(text).length > maxCharacters) {
    throw new StunError(
      'STUN_ATTRIBUTE_VALUE',
      `the text is longer than ${Math.min(maxCharacters, MAX_ENCODED_BYTES)} characters or 508 bytes`,
    )
  }
  return bytes
}

/** The text of the first attribute of this type; undefined when absent or malformed. */
export function decodeTextAttribute(message: StunMessage, type: number): string | undefined {
  const at = message.find(type)
  return at < 0 ? undefined : decodeText(message.valueAt(at))
}

/** Writes an attribute of this type with text, as `encodeText` takes it. */
export function encodeTextAttribute(
  writer: StunMessageWriter,
  type: number,
  text: string,
  maxCharacters: number = MAX_CHARACTERS,
): void {
  writer.writeAttribute(type, encodeText(text, maxCharacters))
}
