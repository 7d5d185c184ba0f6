/** What a connection carries, by its first bytes. */
export type FirstBytes = 'tls' | 'stun' | 'http' | 'undecided'

// RFC 8489 §5: the magic cookie, bytes 4 to 7 of every STUN message.
const MAGIC_COOKIE = [0x21, 0x12, 0xa4, 0x42]

const TLS_HANDSHAKE = 0x16

/** After so many bytes `classifyFirstBytes` has decided. */
export const decidingBytes = 8

/**
 * Tells TLS, STUN and HTTP apart; everything that is neither TLS nor STUN goes to HTTP, which refuses what is not.
 * `undecided` asks for more bytes, and is not returned for `decidingBytes` or more.
 */
export function classifyFirstBytes(bytes: Uint8Array): FirstBytes {
  const first = bytes[0]
  if (first === undefined) return 'undecided'
  if (first === TLS_HANDSHAKE) return 'tls'
  // RFC 8489 §5: the two most significant bits of a STUN message are zero. The methods in use, and all up to 0xff,
  // keep the first byte under 4.
  if (first > 0x03) return 'http'
  for (const [index, expected] of MAGIC_COOKIE.entries()) {
    const byte = bytes[4 + index]
    if (byte === undefined) return 'undecided'
    if (byte !== expected) return 'http'
  }
  return 'stun'
}
