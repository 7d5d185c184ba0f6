import { addressLength, type TransportAddress } from '@crowfly/sansio'
import { MAGIC_COOKIE, type StunMessage } from '@crowfly/stun'
import { decodeFamilyCode } from '../proto/address-family.ts'

const WORDS = 4

/** A peer's transport address as five integers, so that a packet's is read and compared without allocating. */
export class PeerAddress {
  family: 4 | 6 = 4
  port = 0
  a = 0
  b = 0
  c = 0
  d = 0

  /** The same as `address`, as a copy. */
  static of(address: TransportAddress): PeerAddress {
    const peer = new PeerAddress()
    peer.assign(address)
    return peer
  }

  assign(address: TransportAddress): void {
    this.family = address.family
    this.port = address.port
    this.#readWords(address.address, 0, addressLength(address.family))
  }

  // RFC 8489 §14.2
  /** Takes the XORed address out of the attribute at `at`, and says whether there is a sound one. */
  readXor(message: StunMessage, at: number): boolean {
    if (at < 0) return false
    const { bytes, start } = message
    const family = decodeFamilyCode(bytes[at + 5] ?? 0)
    const length = message.lengthAt(at)
    if (family === 'unsupported' || length !== 4 + addressLength(family)) return false
    this.family = family
    this.port = (((bytes[at + 6] ?? 0) << 8) | (bytes[at + 7] ?? 0)) ^ (MAGIC_COOKIE >>> 16)
    this.#readWords(bytes, at + 8, length - 4)
    this.a ^= readWord(bytes, start + 4)
    if (family === 6) {
      this.b ^= readWord(bytes, start + 8)
      this.c ^= readWord(bytes, start + 12)
      this.d ^= readWord(bytes, start + 16)
    }
    return true
  }

  copy(): PeerAddress {
    const peer = new PeerAddress()
    peer.family = this.family
    peer.port = this.port
    peer.a = this.a
    peer.b = this.b
    peer.c = this.c
    peer.d = this.d
    return peer
  }

  hasSameIp(other: PeerAddress): boolean {
    return (
      this.a === other.a &&
      this.b === other.b &&
      this.c === other.c &&
      this.d === other.d &&
      this.family === other.family
    )
  }

  equals(other: PeerAddress): boolean {
    return this.port === other.port && this.hasSameIp(other)
  }

  /** The IP address, 4 or 16 new bytes. */
  ip(): Uint8Array {
    const bytes = new Uint8Array(addressLength(this.family))
    const words = [this.a, this.b, this.c, this.d]
    for (let word = 0; word < WORDS && word * 4 < bytes.length; word++) {
      const value = words[word] ?? 0
      for (let i = 0; i < 4; i++) bytes[word * 4 + i] = value >>> (24 - 8 * i)
    }
    return bytes
  }

  toTransportAddress(): TransportAddress {
    return { family: this.family, address: this.ip(), port: this.port }
  }

  #readWords(bytes: Uint8Array, at: number, length: number): void {
    this.a = readWord(bytes, at)
    const isLong = length === 16
    this.b = isLong ? readWord(bytes, at + 4) : 0
    this.c = isLong ? readWord(bytes, at + 8) : 0
    this.d = isLong ? readWord(bytes, at + 12) : 0
  }
}

/** Four bytes as a signed integer. */
export function readWord(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) << 24) |
    ((bytes[at + 1] ?? 0) << 16) |
    ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0)
  )
}
