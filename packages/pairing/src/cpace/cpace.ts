/*
 * CPace, draft-irtf-cfrg-cpace-21, in the suite CPACE-RISTR255-SHA512 and in the setting with an initiator A and a
 * responder B. Sections are the draft's.
 */

import { encodeUtf8 } from '@crowfly/bytes'
import type { Random } from '@crowfly/sansio'
import { hmac } from '@noble/hashes/hmac.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { type CpaceInput, calculateGenerator, domain } from './generator.ts'
import { concat, concatLengthValue } from './length-value.ts'
import { multiply, sampleScalar } from './ristretto.ts'

/** Octets of a confirmation tag. */
export const tagBytes = 64

const sessionKeyDomain = concat(domain, encodeUtf8('_ISK'))
const tagKeyDomain = encodeUtf8('CPaceMac')
const sidOutputDomain = encodeUtf8('CPaceSidOutput')

/** One side's secret and what it sends of it. */
export interface CpaceShare {
  /** ya or yb: for one run only (§10.9). Wipe it. */
  readonly scalar: Uint8Array
  /** Ya or Yb. */
  readonly share: Uint8Array
}

/** What one side sends: its share and its associated data. */
export interface CpaceMessage {
  readonly share: Uint8Array
  readonly associated: Uint8Array
}

/** §7.2, the first step of either side. */
export function makeShare(input: CpaceInput, random: Random): CpaceShare {
  const generator = calculateGenerator(input)
  for (;;) {
    const scalar = sampleScalar(random)
    const share = multiply(scalar, generator)
    if (share === undefined) continue
    generator.fill(0)
    return { scalar, share }
  }
}

/** A.3.4 `transcript_ir`. */
export function transcript(a: CpaceMessage, b: CpaceMessage): Uint8Array {
  return concat(concatLengthValue(a.share, a.associated), concatLengthValue(b.share, b.associated))
}

/**
 * §7.2: the intermediate session key, 64 octets, the caller's to wipe, and the transcript's. Undefined when the other
 * side's share does not decode or gives the identity, and then the run is over. The scalar is wiped either way.
 */
export function sessionKey(
  sid: Uint8Array,
  scalar: Uint8Array,
  theirShare: Uint8Array,
  spoken: Uint8Array,
): Uint8Array | undefined {
  const secret = multiply(scalar, theirShare)
  scalar.fill(0)
  if (secret === undefined) return undefined
  const string = concat(concatLengthValue(sessionKeyDomain, sid, secret), spoken)
  const key = sha512(string)
  secret.fill(0)
  string.fill(0)
  return key
}

/** §10.4: the key of both tags, the caller's to wipe. */
export function confirmationKey(sid: Uint8Array, key: Uint8Array): Uint8Array {
  const string = concat(tagKeyDomain, sid, key)
  const result = sha512(string)
  string.fill(0)
  return result
}

/** §10.4: the tag of what a side has sent. */
export function confirmationTag(tagKey: Uint8Array, message: CpaceMessage): Uint8Array {
  return hmac(sha512, tagKey, concatLengthValue(message.share, message.associated))
}

/** §10.6: a public name of the run, 64 octets, unique for honest sides. */
export function sidOutput(spoken: Uint8Array): Uint8Array {
  return sha512(concat(sidOutputDomain, spoken))
}
