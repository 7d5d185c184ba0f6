import type { StunMessage, StunMessageWriter } from '@crowfly/stun'
import { type AddressFamily, decodeFamilyAttribute, encodeFamilyAttribute } from '../address-family.ts'
import { TurnAttributeType } from '../turn-attribute-type.ts'

/** REQUESTED-ADDRESS-FAMILY; undefined when absent or malformed. RFC 8656 §18.6. */
export function decodeRequestedAddressFamily(
  message: StunMessage,
): AddressFamily | 'unsupported' | undefined {
  return decodeFamilyAttribute(message, TurnAttributeType.REQUESTED_ADDRESS_FAMILY)
}

/** Writes REQUESTED-ADDRESS-FAMILY. */
export function encodeRequestedAddressFamily(writer: StunMessageWriter, family: AddressFamily): void {
  encodeFamilyAttribute(writer, TurnAttributeType.REQUESTED_ADDRESS_FAMILY, family)
}
