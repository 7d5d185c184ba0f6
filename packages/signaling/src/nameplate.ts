import type { Random } from '@crowfly/sansio'

/** Crockford's base32 digits, lower case: no i, l, o, u. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** Characters of a nameplate: 50 bits. */
export const nameplateLength = 10

/** A nameplate out of the CSPRNG, in canonical form. */
export function generateNameplate(random: Random): string {
  const octets = new Uint8Array(nameplateLength)
  random.fill(octets)
  let nameplate = ''
  // 32 divides 256, so that five bits of an octet are a fair draw.
  for (const octet of octets) nameplate += alphabet.charAt(octet & 31)
  return nameplate
}

/**
 * What a person typed, pasted or scanned, in canonical form (ten lower-case characters); `null` when it is no
 * nameplate. Case, spaces and hyphens do not matter, `o` is read as 0, `i` and `l` as 1, and of a link the last
 * part of the path counts.
 */
export function parseNameplate(text: string): string | null {
  if (text.length > 2048) return null
  const path = text
    .trim()
    .replace(/[?#].*$/s, '')
    .replace(/\/+$/, '')
  const last = path.slice(path.lastIndexOf('/') + 1)
  const canonical = last
    .replace(/[\s\-‐-―]/g, '')
    .toLowerCase()
    .replace(/o/g, '0')
    .replace(/[il]/g, '1')
  return isNameplate(canonical) ? canonical : null
}

/** For people to read: `k7qf2-x9m4d`. */
export function formatNameplate(nameplate: string): string {
  return `${nameplate.slice(0, nameplateLength / 2)}-${nameplate.slice(nameplateLength / 2)}`
}

/** Whether `text` is a nameplate in canonical form. */
export function isNameplate(text: string): boolean {
  return /^[0-9a-hjkmnp-tv-z]{10}$/.test(text)
}
