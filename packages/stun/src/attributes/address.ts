import { addressLength, type TransportAddress } from '@crowfly/sansio'
import { MAGIC_COOKIE, type StunMessage } from '../message.ts'
import type { StunMessageWriter } from '../message-writer.ts'

/**
 * The value of MAPPED-ADDRESS and its like:
 *
 * ```
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |0 0 0 0 0 0 0 0|    Family     |           Port                |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                 Address (32 bits or 128 bits)                 |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 * RFC 8489 §14.1.
 */
const FAMILY_IPV4 = 0x01
const FAMILY_IPV6 = 0x02

/** The plain address in the attribute at `at`, as a copy; undefined when it is malformed or `at` is -1. */
export function decodeAddress(message: StunMessage, at: number): TransportAddress | undefined {
  if (at < 0) return undefined
  const value = message.valueAt(at)
  const [, familyCode = 0, high = 0, low = 0] = value
  const family = familyCode === FAMILY_IPV4 ? 4 : familyCode === FAMILY_IPV6 ? 6 : undefined
  if (family === undefined || value.length !== 4 + addressLength(family)) return undefined
  return { family, address: value.slice(4), port: (high << 8) | low }
}

/** The address in the attribute at `at` with the XOR of RFC 8489 §14.2 undone; otherwise like `decodeAddress`. */
export function decodeXorAddress(message: StunMessage, at: number): TransportAddress | undefined {
  const plain = decodeAddress(message, at)
  if (plain === undefined) return undefined
  xor(plain.address, message.bytes, message.start + 4)
  return { ...plain, port: plain.port ^ (MAGIC_COOKIE >>> 16) }
}

/** Writes an attribute of this type with the plain address. */
export function encodeAddress(writer: StunMessageWriter, type: number, address: TransportAddress): void {
  const body = writer.beginAttribute(type)
  body.u8(0)
  body.u8(address.family === 4 ? FAMILY_IPV4 : FAMILY_IPV6)
  body.u16(address.port)
  body.write(address.address)
  writer.endAttribute()
}

/** Writes an attribute of this type with the address under the XOR of RFC 8489 §14.2. */
export function encodeXorAddress(writer: StunMessageWriter, type: number, address: TransportAddress): void {
  const bytes = address.address.slice()
  xor(bytes, writer.message, 4)
  encodeAddress(writer, type, { ...address, address: bytes, port: address.port ^ (MAGIC_COOKIE >>> 16) })
}

// RFC 8489 §14.2: IPv4 addresses with the magic cookie, IPv6 ones with the cookie and the transaction id.
function xor(address: Uint8Array, bytes: Uint8Array, cookieAt: number): void {
  for (let i = 0; i < address.length; i++) address[i] = (address[i] ?? 0) ^ (bytes[cookieAt + i] ?? 0)
}
