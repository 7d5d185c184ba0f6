import type { TransportAddress } from '@crowfly/sansio'
import { AttributeType } from '../attribute-type.ts'
import type { StunMessage } from '../message.ts'
import type { StunMessageWriter } from '../message-writer.ts'
import { decodeXorAddress, encodeXorAddress } from './address.ts'

/**
 * XOR-MAPPED-ADDRESS, the sender's address as the server sees it, as a copy; undefined when absent or malformed.
 *
 * ```
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |0 0 0 0 0 0 0 0|    Family     |         X-Port                |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                X-Address (Variable)
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 * RFC 8489 §14.2.
 */
export function decodeXorMappedAddress(message: StunMessage): TransportAddress | undefined {
  return decodeXorAddress(message, message.find(AttributeType.XOR_MAPPED_ADDRESS))
}

/** Writes XOR-MAPPED-ADDRESS; the header must be written before. */
export function encodeXorMappedAddress(writer: StunMessageWriter, address: TransportAddress): void {
  encodeXorAddress(writer, AttributeType.XOR_MAPPED_ADDRESS, address)
}
