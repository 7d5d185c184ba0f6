import { AttributeType } from '../attribute-type.ts'
import type { StunMessage } from '../message.ts'
import type { StunMessageWriter } from '../message-writer.ts'
import { decodeTextAttribute, encodeTextAttribute } from './text.ts'

/** NONCE, nonce cookie and all (see `decodeNonceCookie`); undefined when absent or malformed. RFC 8489 §14.10. */
export function decodeNonce(message: StunMessage): string | undefined {
  return decodeTextAttribute(message, AttributeType.NONCE)
}

/** Writes NONCE: under 128 characters. */
export function encodeNonce(writer: StunMessageWriter, nonce: string): void {
  encodeTextAttribute(writer, AttributeType.NONCE, nonce)
}
