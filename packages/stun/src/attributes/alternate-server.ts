import type { TransportAddress } from '@crowfly/sansio'
import { AttributeType } from '../attribute-type.ts'
import type { StunMessage } from '../message.ts'
import type { StunMessageWriter } from '../message-writer.ts'
import { decodeAddress, encodeAddress } from './address.ts'

/**
 * The first ALTERNATE-SERVER, of this family if one is given (RFC 8489 §14.15), as a copy; undefined when there is none.
 * A server may send one of each family, that of the request first (§10); believe it only in an authenticated 300
 * response (§14.8).
 */
export function decodeAlternateServer(message: StunMessage, family?: 4 | 6): TransportAddress | undefined {
  let at = message.find(AttributeType.ALTERNATE_SERVER)
  for (; at !== -1; at = message.findNext(at)) {
    const address = decodeAddress(message, at)
    if (address !== undefined && (family ?? address.family) === address.family) return address
  }
  return undefined
}

/** Writes ALTERNATE-SERVER. */
export function encodeAlternateServer(writer: StunMessageWriter, address: TransportAddress): void {
  encodeAddress(writer, AttributeType.ALTERNATE_SERVER, address)
}
