import { ByteReader } from '@crowfly/bytes'
import { AttributeType } from '../attribute-type.ts'
import type { StunMessage } from '../message.ts'
import type { StunMessageWriter } from '../message-writer.ts'
import {
  decodePasswordAlgorithm,
  equalPasswordAlgorithm,
  type PasswordAlgorithm,
  PasswordAlgorithmNumber,
  readAlgorithm,
  writeAlgorithm,
} from './password-algorithm.ts'

const MD5: PasswordAlgorithm = { number: PasswordAlgorithmNumber.MD5, parameters: new Uint8Array(0) }

/**
 * PASSWORD-ALGORITHMS, what the server offers, best first; undefined when absent, empty or malformed. Parameters are
 * borrowed.
 *
 * ```
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |         Algorithm 1           | Algorithm 1 Parameters Length |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                    Algorithm 1 Parameters (variable)
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |         Algorithm 2           | Algorithm 2 Parameters Length |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                    Algorithm 2 Parameters (variable)
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                                                             ...
 * ```
 * RFC 8489 §14.11.
 */
export function decodePasswordAlgorithms(message: StunMessage): PasswordAlgorithm[] | undefined {
  const at = message.find(AttributeType.PASSWORD_ALGORITHMS)
  if (at < 0) return undefined
  const reader = new ByteReader(message.valueAt(at))
  const algorithms: PasswordAlgorithm[] = []
  while (reader.remaining > 0) algorithms.push(readAlgorithm(reader))
  return reader.failed || algorithms.length === 0 ? undefined : algorithms
}

/** Writes PASSWORD-ALGORITHMS. */
export function encodePasswordAlgorithms(
  writer: StunMessageWriter,
  algorithms: readonly PasswordAlgorithm[],
): void {
  const body = writer.beginAttribute(AttributeType.PASSWORD_ALGORITHMS)
  for (const algorithm of algorithms) writeAlgorithm(body, algorithm)
  writer.endAttribute()
}

// RFC 8489 §9.2.5: the first on the list that the client supports.
/** What a client answers to the server's list; undefined when it supports none: then it must not try again. */
export function choosePasswordAlgorithm(
  offered: readonly PasswordAlgorithm[],
): PasswordAlgorithm | undefined {
  const supported: readonly number[] = Object.values(PasswordAlgorithmNumber)
  return offered.find(({ number, parameters }) => supported.includes(number) && parameters.length === 0)
}

/**
 * The algorithm by which a request was authenticated, given what the server offered with the nonce; undefined when the
 * two attributes do not agree with that, which is answered with 400. Undoes bids to a weaker one. RFC 8489 §9.2.4.
 */
export function agreedPasswordAlgorithm(
  request: StunMessage,
  offered: readonly PasswordAlgorithm[],
): PasswordAlgorithm | undefined {
  const hasList = request.has(AttributeType.PASSWORD_ALGORITHMS)
  const hasChoice = request.has(AttributeType.PASSWORD_ALGORITHM)
  if (!hasList && !hasChoice) return MD5
  const list = decodePasswordAlgorithms(request)
  const choice = decodePasswordAlgorithm(request)
  if (list === undefined || choice === undefined || list.length !== offered.length) return undefined
  if (!list.every((entry, index) => isSame(entry, offered[index]))) return undefined
  return offered.find((entry) => equalPasswordAlgorithm(entry, choice))
}

function isSame(a: PasswordAlgorithm, b: PasswordAlgorithm | undefined): boolean {
  return b !== undefined && equalPasswordAlgorithm(a, b)
}
