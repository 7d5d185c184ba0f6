import { ByteReader, type ByteWriter } from '@crowfly/bytes'
import { AttributeType } from '../attribute-type.ts'
import type { StunMessage } from '../message.ts'
import type { StunMessageWriter } from '../message-writer.ts'

/** How a long-term key is made of a password, from IANA's "STUN Password Algorithms" registry (RFC 8489 §18.5). */
export const PasswordAlgorithmNumber = { MD5: 0x0001, SHA256: 0x0002 } as const

/** One entry of PASSWORD-ALGORITHMS. `number` may be one that nobody knows; both known ones have no parameters. */
export interface PasswordAlgorithm {
  readonly number: number
  readonly parameters: Uint8Array
}

/**
 * PASSWORD-ALGORITHM, the one that a client chose; undefined when absent or malformed. Parameters are borrowed.
 *
 * ```
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |          Algorithm           |  Algorithm Parameters Length   |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                    Algorithm Parameters (variable)
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 * RFC 8489 §14.12.
 */
export function decodePasswordAlgorithm(message: StunMessage): PasswordAlgorithm | undefined {
  const at = message.find(AttributeType.PASSWORD_ALGORITHM)
  if (at < 0) return undefined
  const reader = new ByteReader(message.valueAt(at))
  const algorithm = readAlgorithm(reader)
  return reader.failed || reader.remaining > 0 ? undefined : algorithm
}

/** Writes PASSWORD-ALGORITHM. */
export function encodePasswordAlgorithm(writer: StunMessageWriter, algorithm: PasswordAlgorithm): void {
  writeAlgorithm(writer.beginAttribute(AttributeType.PASSWORD_ALGORITHM), algorithm)
  writer.endAttribute()
}

/** Reads one algorithm with its padding; the last one of an attribute may come without. */
export function readAlgorithm(reader: ByteReader): PasswordAlgorithm {
  const number = reader.u16()
  const length = reader.u16()
  const parameters = reader.view(length)
  reader.skip(Math.min(-length & 3, reader.remaining))
  return { number, parameters }
}

/** Writes one algorithm with its padding. */
export function writeAlgorithm(body: ByteWriter, algorithm: PasswordAlgorithm): void {
  body.u16(algorithm.number)
  body.u16(algorithm.parameters.length)
  body.write(algorithm.parameters)
  body.zeros(-algorithm.parameters.length & 3)
}

/** Whether two entries are the same, parameters and all. */
export function equalPasswordAlgorithm(a: PasswordAlgorithm, b: PasswordAlgorithm): boolean {
  if (a.number !== b.number || a.parameters.length !== b.parameters.length) return false
  return a.parameters.every((byte, index) => byte === b.parameters[index])
}
