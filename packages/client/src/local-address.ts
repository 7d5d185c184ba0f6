import { parseAddress } from '@crowfly/sansio'

/**
 * Whether `text` is an address that is not routed on the internet: private, shared, link-local or loopback, or a
 * multicast DNS name. False for anything that is no address.
 */
export function isLocalAddress(text: string): boolean {
  // RFC 6762 §3: browsers hide a host's address behind such a name.
  if (/^.+\.local\.?$/i.test(text)) return true
  const bytes = parseAddress(text.replace(/^\[(.*)\]$/, '$1'))
  if (bytes === undefined) return false
  if (bytes.length === 4) return isLocalIPv4(bytes)
  // RFC 4291 §2.5.5.2
  const isMapped = bytes[10] === 0xff && bytes[11] === 0xff && isZero(bytes.subarray(0, 10))
  return isMapped ? isLocalIPv4(bytes.subarray(12)) : isLocalIPv6(bytes)
}

function isLocalIPv4(bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes
  switch (first) {
    case 10: // RFC 1918 §3
    case 127: // RFC 1122 §3.2.1.3
      return true
    case 172: // RFC 1918 §3
      return second >> 4 === 1
    case 192: // RFC 1918 §3
      return second === 168
    case 100: // RFC 6598 §7
      return second >> 6 === 1
    case 169: // RFC 3927 §2.1
      return second === 254
    default:
      return false
  }
}

function isLocalIPv6(bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes
  // RFC 4193 §3.1
  if (first >> 1 === 0xfc >> 1) return true
  // RFC 4291 §2.5.6
  if (first === 0xfe && second >> 6 === 0b10) return true
  // RFC 4291 §2.5.3
  return bytes[15] === 1 && isZero(bytes.subarray(0, 15))
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0)
}
