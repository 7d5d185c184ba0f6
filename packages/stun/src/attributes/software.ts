import { AttributeType } from '../attribute-type.ts'
import type { StunMessage } from '../message.ts'
import type { StunMessageWriter } from '../message-writer.ts'
import { decodeTextAttribute, encodeTextAttribute } from './text.ts'

/** SOFTWARE, for people only; undefined when absent or malformed. RFC 8489 §14.14. */
export function decodeSoftware(message: StunMessage): string | undefined {
  return decodeTextAttribute(message, AttributeType.SOFTWARE)
}

/** Writes SOFTWARE: under 128 characters. */
export function encodeSoftware(writer: StunMessageWriter, software: string): void {
  encodeTextAttribute(writer, AttributeType.SOFTWARE, software)
}
