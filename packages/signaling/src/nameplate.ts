import { encodeUtf8 } from '@crowfly/bytes'
import { type Random, randomInteger } from '@crowfly/sansio'

/** Octets of the longest nameplate. */
export const maxNameplateBytes = 192

/** Digits of the shortest and of the longest nameplate that a server hands out. */
export const minDigits = 4
export const maxDigits = 9

/** A nameplate of so many digits out of the CSPRNG. */
export function generateNameplate(random: Random, digits: number): string {
  return String(randomInteger(random, 10 ** digits)).padStart(digits, '0')
}

/** Whether this is of the form that a server hands out, as opposed to a room's own name: four to nine digits. */
export function isServerNameplate(text: string): boolean {
  return /^[0-9]{4,9}$/.test(text)
}

/**
 * Whether a room can have this nameplate: what a server hands out, or a room's own name, which is anything that is not
 * digits only. How people's spellings of a name become one is the client's business.
 */
export function isNameplate(text: string): boolean {
  if (isServerNameplate(text)) return true
  return text !== '' && !/^[0-9]+$/.test(text) && encodeUtf8(text).length <= maxNameplateBytes
}
