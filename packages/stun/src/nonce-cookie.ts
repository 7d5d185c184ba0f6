import { decodeBase64url, encodeBase64url } from '@crowfly/bytes'

const PREFIX = 'obMatJos2'
const FEATURE_CHARACTERS = 4

/** Length of a nonce cookie in characters. */
export const NONCE_COOKIE_CHARACTERS: number = PREFIX.length + FEATURE_CHARACTERS

/**
 * Bits of the 24-bit feature set, from IANA's "STUN Security Features" registry (RFC 8489 §18.1), where bit 0 is the
 * most significant one.
 */
export const SecurityFeature = {
  PASSWORD_ALGORITHMS: 1 << 23,
  USERNAME_ANONYMITY: 1 << 22,
} as const

// RFC 8489 §9.2: "obMatJos2" and the base64 of three bytes, in front of whatever the server makes its nonces of.
/** The 13 characters that a server puts in front of its nonces: `features` is a sum of `SecurityFeature` bits. */
export function encodeNonceCookie(features: number): string {
  const bytes = Uint8Array.of(features >>> 16, features >>> 8, features)
  return PREFIX + encodeBase64url(bytes).replaceAll('-', '+').replaceAll('_', '/')
}

/** The 24 bits of a nonce's cookie; undefined when it has none: the server does not know RFC 8489. */
export function decodeNonceCookie(nonce: string): number | undefined {
  if (!nonce.startsWith(PREFIX)) return undefined
  const features = nonce.slice(PREFIX.length, NONCE_COOKIE_CHARACTERS)
  // base64url differs from RFC 4648's base64 in two characters.
  if (features.length < FEATURE_CHARACTERS || /[-_]/.test(features)) return undefined
  const bytes = decodeBase64url(features.replaceAll('+', '-').replaceAll('/', '_'))
  if (bytes === undefined) return undefined
  const [high = 0, middle = 0, low = 0] = bytes
  return (high << 16) | (middle << 8) | low
}
