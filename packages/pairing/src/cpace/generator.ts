import { encodeUtf8 } from '@crowfly/bytes'
import { sha512 } from '@noble/hashes/sha2.js'
import { concatLengthValue, prependLength } from './length-value.ts'
import { deriveElement } from './ristretto.ts'

// CPace §8.3
/** CPace's DSI of its group. */
export const domain = encodeUtf8('CPaceRistretto255')

/** Octets that SHA-512 takes at a time. */
const hashBlockBytes = 128

/** What the two sides have to have in common beforehand. */
export interface CpaceInput {
  /** PRS: what only they know. */
  readonly password: Uint8Array
  /** CI: what the key is for. */
  readonly channel: Uint8Array
  readonly sid: Uint8Array
}

/** CPace §8.1 `generator_string`, the caller's to wipe. Zeros fill the first block of the hash behind the password. */
export function generatorString({ password, channel, sid }: CpaceInput): Uint8Array {
  const used = prependLength(password).length + prependLength(domain).length + 1
  const zeros = new Uint8Array(Math.max(0, hashBlockBytes - used))
  return concatLengthValue(domain, password, zeros, channel, sid)
}

/** CPace §8.3 `calculate_generator`, encoded, the caller's to wipe: it stands for the password. */
export function calculateGenerator(input: CpaceInput): Uint8Array {
  const string = generatorString(input)
  const hash = sha512(string)
  const generator = deriveElement(hash)
  string.fill(0)
  hash.fill(0)
  return generator
}
