import type { StunMessage, StunMessageWriter } from '@crowfly/stun'
import { type AddressFamily, decodeFamilyAttribute, encodeFamilyAttribute } from '../address-family.ts'
import { TurnAttributeType } from '../turn-attribute-type.ts'

/**
 * ADDITIONAL-ADDRESS-FAMILY; undefined when absent or malformed. Only IPv6 is allowed there (§7.2), which is the
 * caller's to check. RFC 8656 §18.11.
 */
export function decodeAdditionalAddressFamily(
  message: StunMessage,
): AddressFamily | 'unsupported' | undefined {
  return decodeFamilyAttribute(message, TurnAttributeType.ADDITIONAL_ADDRESS_FAMILY)
}

/** Writes ADDITIONAL-ADDRESS-FAMILY. */
export function encodeAdditionalAddressFamily(writer: StunMessageWriter, family: AddressFamily): void {
  encodeFamilyAttribute(writer, TurnAttributeType.ADDITIONAL_ADDRESS_FAMILY, family)
}
