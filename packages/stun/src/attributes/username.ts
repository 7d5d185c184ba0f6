import { AttributeType } from '../attribute-type.ts'
import type { StunMessage } from '../message.ts'
import type { StunMessageWriter } from '../message-writer.ts'
import { decodeTextAttribute, encodeTextAttribute } from './text.ts'

/** USERNAME; undefined when absent or malformed. RFC 8489 §14.3. */
export function decodeUsername(message: StunMessage): string | undefined {
  return decodeTextAttribute(message, AttributeType.USERNAME)
}

/** Writes USERNAME: under 509 bytes of UTF-8, prepared by `prepareOpaqueString`. */
export function encodeUsername(writer: StunMessageWriter, username: string): void {
  encodeTextAttribute(writer, AttributeType.USERNAME, username, Number.POSITIVE_INFINITY)
}
