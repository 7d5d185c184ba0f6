import type { TransportAddress } from '@crowfly/sansio'
import { decodeXorAddress, encodeXorAddress, type StunMessage, type StunMessageWriter } from '@crowfly/stun'
import { TurnAttributeType } from '../turn-attribute-type.ts'

/**
 * XOR-PEER-ADDRESS, as a copy; undefined when absent or malformed. A CreatePermission request may have several: go
 * through them with `message.find(TurnAttributeType.XOR_PEER_ADDRESS)` and `message.findNext`. RFC 8656 §18.3.
 */
export function decodeXorPeerAddress(
  message: StunMessage,
  at: number = message.find(TurnAttributeType.XOR_PEER_ADDRESS),
): TransportAddress | undefined {
  return decodeXorAddress(message, at)
}

/** Writes XOR-PEER-ADDRESS; the header must be written before. */
export function encodeXorPeerAddress(writer: StunMessageWriter, peer: TransportAddress): void {
  encodeXorAddress(writer, TurnAttributeType.XOR_PEER_ADDRESS, peer)
}
