import { crc32 } from '@crowfly/bytes'
import type { Crypto } from '@crowfly/sansio'
import { AttributeType } from '@crowfly/stun'

/** Stands for the real primitives where their strength does not matter: millions of inputs want something quick. */
export const quickCrypto: Crypto = {
  hmacSha1: (key, message) => spread(crc32(message) ^ crc32(key), 20),
  hmacSha256: (key, message) => spread(~crc32(message) ^ crc32(key), 32),
  sha256: (message) => spread(crc32(message), 32),
  md5: (message) => spread(crc32(message), 16),
}

export const KEY = Uint8Array.of(1, 2, 3, 4)

const HEADER_BYTES = 20

/** The input without the last bytes that no message can have: lengths are multiples of four. */
export function wholeWords(input: Uint8Array): Uint8Array {
  return input.subarray(0, input.length & ~3)
}

/** Gives the input the header of a message of its length, and sound lengths, integrity and fingerprint. */
export function repairMessage(input: Uint8Array): void {
  if (input.length < HEADER_BYTES) return
  const length = (input.length - HEADER_BYTES) & ~3
  input[0] = (input[0] ?? 0) & 0x3f
  writeU16(input, 2, length)
  input.set([0x21, 0x12, 0xa4, 0x42], 4)
  const end = HEADER_BYTES + length
  for (let at = HEADER_BYTES; at < end; ) {
    const available = end - at - 4
    if (readU16(input, at + 2) > available) writeU16(input, at + 2, available)
    repairValue(input, at)
    at += 4 + ((readU16(input, at + 2) + 3) & ~3)
  }
  writeU16(input, 2, length)
}

/** Gives a stream a message's header at `at`, of at most 80 bytes with it. Returns where the message ends. */
export function repairHeader(stream: Uint8Array, at: number): number {
  const length = (stream[at + 3] ?? 0) & 0x3c
  stream[at] = (stream[at] ?? 0) & 0x3f
  stream.set([0, length, 0x21, 0x12, 0xa4, 0x42], at + 2)
  return at + HEADER_BYTES + length
}

/** Fills in what an attribute says of the message before it. */
function repairValue(input: Uint8Array, at: number): void {
  const type = readU16(input, at)
  const length = readU16(input, at + 2)
  const end = at + 4 + length
  writeU16(input, 2, end - HEADER_BYTES)
  const text = input.subarray(0, at)
  if (type === AttributeType.MESSAGE_INTEGRITY && length === 20) {
    input.set(quickCrypto.hmacSha1(KEY, text), at + 4)
  } else if (type === AttributeType.MESSAGE_INTEGRITY_SHA256 && length <= 32) {
    input.set(quickCrypto.hmacSha256(KEY, text).subarray(0, length), at + 4)
  } else if (type === AttributeType.FINGERPRINT && length === 4) {
    const value = crc32(text) ^ 0x5354554e
    writeU16(input, at + 4, value >>> 16)
    writeU16(input, at + 6, value)
  }
}

function spread(word: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (Math.imul(word + index, 0x9e3779b1) >>> 24) ^ index)
}

function readU16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
}

function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8
  bytes[at + 1] = value
}
