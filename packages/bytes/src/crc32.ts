// CRC-32 as in ITU-T V.42 §8.1.1.6.2, Ethernet and zlib: reflected, polynomial 0x04c11db7.
const POLYNOMIAL = 0xedb88320

const TABLE = new Int32Array(256)
for (let byte = 0; byte < 256; byte++) {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? POLYNOMIAL : 0)
  TABLE[byte] = value
}

/**
 * The CRC-32 of `bytes[start..end)`, as a signed 32-bit integer, which engines hand over without putting it on the heap;
 * `>>> 0` makes it unsigned.
 */
export function crc32(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = -1
  for (let i = start; i < end; i++) crc = (crc >>> 8) ^ (TABLE[(crc ^ (bytes[i] ?? 0)) & 0xff] ?? 0)
  return ~crc
}
