import type { TransportAddress } from '@crowfly/sansio'
import { decodeXorAddress, encodeXorAddress, type StunMessage, type StunMessageWriter } from '@crowfly/stun'
import { TurnAttributeType } from '../turn-attribute-type.ts'

/**
 * XOR-RELAYED-ADDRESS, as a copy; undefined when absent or malformed. A dual allocation has two: go through them with
 * `message.find(TurnAttributeType.XOR_RELAYED_ADDRESS)` and `message.findNext`. RFC 8656 §18.5.
 */
export function decodeXorRelayedAddress(
  message: StunMessage,
  at: number = message.find(TurnAttributeType.XOR_RELAYED_ADDRESS),
): TransportAddress | undefined {
  return decodeXorAddress(message, at)
}

/** Writes XOR-RELAYED-ADDRESS; the header must be written before. */
export function encodeXorRelayedAddress(writer: StunMessageWriter, relayed: TransportAddress): void {
  encodeXorAddress(writer, TurnAttributeType.XOR_RELAYED_ADDRESS, relayed)
}
