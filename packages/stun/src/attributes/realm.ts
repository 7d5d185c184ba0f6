import { AttributeType } from '../attribute-type.ts'
import type { StunMessage } from '../message.ts'
import type { StunMessageWriter } from '../message-writer.ts'
import { decodeTextAttribute, encodeTextAttribute } from './text.ts'

/** REALM; undefined when absent or malformed. RFC 8489 §14.9. */
export function decodeRealm(message: StunMessage): string | undefined {
  return decodeTextAttribute(message, AttributeType.REALM)
}

/** Writes REALM: under 128 characters, prepared by `prepareOpaqueString`. */
export function encodeRealm(writer: StunMessageWriter, realm: string): void {
  encodeTextAttribute(writer, AttributeType.REALM, realm)
}
