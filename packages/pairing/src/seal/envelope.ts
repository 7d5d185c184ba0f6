import { ByteReader, ByteWriter } from '@crowfly/bytes'
import { maxPlaintextBytes, paddingBytes } from './plaintext.ts'

/*
 *  0    1          9          17
 * +----+----------+----------+--------------------+----------+
 * | 01 | pid (64) | seq (64) | ciphertext         | tag (128)|
 * +----+----------+----------+--------------------+----------+
 */

/** First octet of an envelope. */
export const envelopeKind = 1
/** Octets of the name of a pairing on the wire. */
export const pidBytes = 8
/** Octets before the ciphertext; they are authenticated with it. */
export const envelopeHeaderBytes = 17
const tagBytes = 16

/** Numbers of envelopes end here, for lengths of 32 bits are plenty: the pair has to pair again. */
export const endOfSequence = 2 ** 32

/** Octets of an envelope besides its plaintext. */
export const envelopeOverhead = envelopeHeaderBytes + tagBytes

/** Octets of the largest envelope. */
export const maxEnvelopeBytes = maxPlaintextBytes + envelopeOverhead

/** An envelope that nobody has opened. All of it is borrowed. */
export interface Envelope {
  readonly pid: Uint8Array
  /** From 1. */
  readonly seq: number
  readonly header: Uint8Array
  /** Ciphertext and tag. */
  readonly sealed: Uint8Array
  /** Of all of it. */
  readonly length: number
}

/** Why octets are no envelope. */
export type MalformedEnvelope = 'empty' | 'wrongKind' | 'badSequence' | 'badLength'

/** The header of the `seq`-th envelope of a pairing. */
export function encodeEnvelopeHeader(pid: Uint8Array, seq: number): Uint8Array {
  const writer = new ByteWriter(new Uint8Array(envelopeHeaderBytes))
  writer.u8(envelopeKind)
  writer.write(pid)
  writer.u32(0)
  writer.u32(seq)
  return writer.written()
}

/** The parts of an envelope, or why there is none. Its length has to be one that padding gives. */
export function decodeEnvelope(bytes: Uint8Array): Envelope | MalformedEnvelope {
  if (bytes.length === 0) return 'empty'
  const reader = new ByteReader(bytes)
  if (reader.u8() !== envelopeKind) return 'wrongKind'
  const pid = reader.view(pidBytes)
  const high = reader.u32()
  const seq = reader.u32()
  const plaintextBytes = reader.remaining - tagBytes
  if (reader.failed || plaintextBytes < paddingBytes || plaintextBytes > maxPlaintextBytes) return 'badLength'
  if (plaintextBytes % paddingBytes !== 0) return 'badLength'
  if (high !== 0 || seq === 0) return 'badSequence'
  const header = bytes.subarray(0, envelopeHeaderBytes)
  return { pid, seq, header, sealed: bytes.subarray(envelopeHeaderBytes), length: bytes.length }
}
