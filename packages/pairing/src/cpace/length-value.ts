import type { ByteReader } from '@crowfly/bytes'

// CPace A.1.1: seven bits an octet, the lowest first; the highest bit says that another octet follows.
function lengthOctets(length: number): number[] {
  const octets: number[] = []
  let rest = length
  for (; rest > 0x7f; rest >>>= 7) octets.push((rest & 0x7f) | 0x80)
  return [...octets, rest]
}

/** CPace A.1.1 `prepend_len`: the octets behind their number in LEB128. */
export function prependLength(octets: Uint8Array): Uint8Array {
  const length = lengthOctets(octets.length)
  const result = new Uint8Array(length.length + octets.length)
  result.set(length)
  result.set(octets, length.length)
  return result
}

/** CPace A.1.3 `lv_cat`: every part behind its length, so that no two lists of parts look the same. */
export function concatLengthValue(...parts: readonly Uint8Array[]): Uint8Array {
  return concat(...parts.map(prependLength))
}

/** One run of octets after the other. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    result.set(part, at)
    at += part.length
  }
  return result
}

/**
 * Reads one `prepend_len`, borrowed from the reader's bytes. Fails on a length above `maxLength`, and on one that is
 * written in more octets than it needs: every list of parts has exactly one form.
 */
export function readLengthValue(reader: ByteReader, maxLength: number): Uint8Array {
  let length = 0
  for (let shift = 0; shift < 21; shift += 7) {
    const octet = reader.u8()
    length |= (octet & 0x7f) << shift
    if (octet > 0x7f) continue
    const isMinimal = octet > 0 || shift === 0
    if (!isMinimal || length > maxLength) reader.fail()
    return reader.view(length)
  }
  reader.fail()
  return reader.view(0)
}
