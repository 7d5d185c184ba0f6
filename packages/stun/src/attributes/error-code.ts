import { AttributeType } from '../attribute-type.ts'
import type { StunMessage } from '../message.ts'
import type { StunMessageWriter } from '../message-writer.ts'
import { StunError } from '../stun-error.ts'
import { decodeText, encodeText } from './text.ts'

/** The error codes that RFC 8489 §14.8 defines, from IANA's "STUN Error Codes" registry (§18.4). */
export const ErrorCode = {
  TRY_ALTERNATE: 300,
  BAD_REQUEST: 400,
  UNAUTHENTICATED: 401,
  UNKNOWN_ATTRIBUTE: 420,
  STALE_NONCE: 438,
  SERVER_ERROR: 500,
} as const

const REASONS: ReadonlyMap<number, string> = new Map([
  [ErrorCode.TRY_ALTERNATE, 'Try Alternate'],
  [ErrorCode.BAD_REQUEST, 'Bad Request'],
  [ErrorCode.UNAUTHENTICATED, 'Unauthenticated'],
  [ErrorCode.UNKNOWN_ATTRIBUTE, 'Unknown Attribute'],
  [ErrorCode.STALE_NONCE, 'Stale Nonce'],
  [ErrorCode.SERVER_ERROR, 'Server Error'],
])

/** The registry's phrase for a code; empty for one that RFC 8489 does not define. */
export function reasonPhrase(code: number): string {
  return REASONS.get(code) ?? ''
}

/**
 * ERROR-CODE: 300 to 699, and a phrase for people; undefined when absent or malformed. A phrase that is no text does
 * not spoil the code: it is left empty.
 *
 * ```
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |           Reserved, should be 0         |Class|     Number    |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |      Reason Phrase (variable)                                ..
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 * RFC 8489 §14.8.
 */
export function decodeErrorCode(message: StunMessage): { code: number; reason: string } | undefined {
  const at = message.find(AttributeType.ERROR_CODE)
  if (at < 0) return undefined
  const value = message.valueAt(at)
  if (value.length < 4) return undefined
  const hundreds = (value[2] ?? 0) & 0b111
  const number = value[3] ?? 0
  if (hundreds < 3 || hundreds > 6 || number > 99) return undefined
  return { code: hundreds * 100 + number, reason: decodeText(value.subarray(4)) ?? '' }
}

/** Writes ERROR-CODE with a code of 300 to 699, and the registry's phrase unless another is given. */
export function encodeErrorCode(
  writer: StunMessageWriter,
  code: number,
  reason: string = reasonPhrase(code),
): void {
  if (!Number.isInteger(code) || code < 300 || code > 699) {
    throw new StunError('STUN_ATTRIBUTE_VALUE', `an error code is an integer from 300 to 699, not ${code}`)
  }
  const phrase = encodeText(reason)
  const body = writer.beginAttribute(AttributeType.ERROR_CODE)
  body.u16(0)
  body.u8(Math.floor(code / 100))
  body.u8(code % 100)
  body.write(phrase)
  writer.endAttribute()
}
