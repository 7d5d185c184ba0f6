import { addressLength, type TransportAddress } from '@crowfly/sansio'
import { encodeMessageType, HEADER_BYTES, MAGIC_COOKIE } from '@crowfly/stun'
import { encodeFamilyCode } from './address-family.ts'
import { TurnAttributeType } from './turn-attribute-type.ts'
import { TurnMethod } from './turn-method.ts'

const ATTRIBUTE_HEADER_BYTES = 4
const COOKIE_AT = 4

const TYPES = {
  send: encodeMessageType(TurnMethod.SEND, 'indication'),
  data: encodeMessageType(TurnMethod.DATA, 'indication'),
} as const

/** Bytes in front of the payload of a Send or Data indication that has nothing but a peer and the payload: 36 or 48. */
export function indicationHeaderBytes(family: 4 | 6): number {
  return HEADER_BYTES + ATTRIBUTE_HEADER_BYTES + 4 + addressLength(family) + ATTRIBUTE_HEADER_BYTES
}

/**
 * Turns the payload `run.bytes[run.start..run.end)` into a Send or Data indication where it is: header,
 * XOR-PEER-ADDRESS and DATA in front of it, zeroed padding behind. `start` and `end` move. False when the buffer has no
 * room there, which at the end is up to `limit`, or the payload is longer than a message can be; then nothing has
 * changed. RFC 8656 §11.1, §11.3.
 *
 * `transactionId` is 12 bytes, copied.
 */
export function encodeIndicationInPlace(
  run: { readonly bytes: Uint8Array; start: number; end: number },
  kind: 'send' | 'data',
  peer: TransportAddress,
  transactionId: Uint8Array,
  limit: number = run.bytes.length,
): boolean {
  const { bytes, start, end } = run
  const dataLength = end - start
  const padding = -dataLength & 3
  const headerBytes = indicationHeaderBytes(peer.family)
  const at = start - headerBytes
  const length = headerBytes - HEADER_BYTES + dataLength + padding
  if (at < 0 || end + padding > limit || length > 0xfffc) return false
  writeU16(bytes, at, TYPES[kind])
  writeU16(bytes, at + 2, length)
  writeU16(bytes, at + COOKIE_AT, MAGIC_COOKIE >>> 16)
  writeU16(bytes, at + COOKIE_AT + 2, MAGIC_COOKIE)
  for (let i = 0; i < 12; i++) bytes[at + 8 + i] = transactionId[i] ?? 0
  writePeer(bytes, at, peer)
  const dataAt = start - ATTRIBUTE_HEADER_BYTES
  writeU16(bytes, dataAt, TurnAttributeType.DATA)
  writeU16(bytes, dataAt + 2, dataLength)
  for (let i = 0; i < padding; i++) bytes[end + i] = 0
  run.start = at
  run.end = end + padding
  return true
}

// RFC 8489 §14.2: the cookie and the transaction id, just written, are what the address is hidden with.
function writePeer(bytes: Uint8Array, at: number, peer: TransportAddress): void {
  const length = addressLength(peer.family)
  const peerAt = at + HEADER_BYTES
  writeU16(bytes, peerAt, TurnAttributeType.XOR_PEER_ADDRESS)
  writeU16(bytes, peerAt + 2, 4 + length)
  bytes[peerAt + 4] = 0
  bytes[peerAt + 5] = encodeFamilyCode(peer.family)
  writeU16(bytes, peerAt + 6, peer.port ^ (MAGIC_COOKIE >>> 16))
  for (let i = 0; i < length; i++) {
    bytes[peerAt + 8 + i] = (peer.address[i] ?? 0) ^ (bytes[at + COOKIE_AT + i] ?? 0)
  }
}

function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8
  bytes[at + 1] = value
}
