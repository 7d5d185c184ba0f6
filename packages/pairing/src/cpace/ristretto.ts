import { equalConstantTime } from '@crowfly/bytes'
import type { Random } from '@crowfly/sansio'
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js'

/** Octets of a scalar and of an encoded element. */
export const elementBytes = 32

/** The encoding of the identity, CPace's G.I. */
const identity = new Uint8Array(elementBytes)

// CPace §8.3: little-endian, 252 random bits. Zero, which the draft leaves possible, would give the share away.
/** A scalar out of the CSPRNG, the caller's to wipe. */
export function sampleScalar(random: Random): Uint8Array {
  const scalar = new Uint8Array(elementBytes)
  do {
    random.fill(scalar)
    scalar[31] = (scalar[31] ?? 0) & 0x0f
  } while (equalConstantTime(scalar, identity))
  return scalar
}

// Its type leaves this open, since not every group has it; this one has.
const { deriveToCurve } = ristretto255_hasher as Required<typeof ristretto255_hasher>

/** RFC 9496 §4.3.4: the element of 64 octets, encoded. Not RFC 9380's hash_to_ristretto255, which hashes once more. */
export function deriveElement(hash: Uint8Array): Uint8Array {
  return deriveToCurve(hash).toBytes()
}

/**
 * CPace §8.3 `scalar_mult_vfy`: the multiple of an encoded element, the caller's to wipe. Undefined when the element
 * does not decode (RFC 9496 §4.3.1), and when the result is the identity: the protocol ends there.
 */
export function multiply(scalar: Uint8Array, element: Uint8Array): Uint8Array | undefined {
  const point = decode(element)
  if (point === undefined) return undefined
  const result = point.multiply(ristretto255.Point.Fn.fromBytes(scalar)).toBytes()
  return equalConstantTime(result, identity) ? undefined : result
}

function decode(element: Uint8Array): ReturnType<typeof ristretto255.Point.fromBytes> | undefined {
  try {
    return ristretto255.Point.fromBytes(element)
  } catch {
    return undefined
  }
}
