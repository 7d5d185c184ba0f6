import type { TransportAddress } from '@crowfly/sansio'
import { AttributeType } from '../attribute-type.ts'
import type { StunMessage } from '../message.ts'
import type { StunMessageWriter } from '../message-writer.ts'
import { decodeAddress, encodeAddress } from './address.ts'

/** MAPPED-ADDRESS (RFC 8489 §14.1), as a copy; undefined when absent or malformed. Sent to RFC 3489 clients only. */
export function decodeMappedAddress(message: StunMessage): TransportAddress | undefined {
  return decodeAddress(message, message.find(AttributeType.MAPPED_ADDRESS))
}

/** Writes MAPPED-ADDRESS. */
export function encodeMappedAddress(writer: StunMessageWriter, address: TransportAddress): void {
  encodeAddress(writer, AttributeType.MAPPED_ADDRESS, address)
}
