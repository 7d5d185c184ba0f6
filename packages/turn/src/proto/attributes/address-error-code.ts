import { decodeUtf8, encodeUtf8 } from '@crowfly/bytes'
import type { StunMessage, StunMessageWriter } from '@crowfly/stun'
import { TurnError } from '../../turn-error.ts'
import { type AddressFamily, decodeFamilyCode, encodeFamilyCode } from '../address-family.ts'
import { TurnAttributeType } from '../turn-attribute-type.ts'
import { turnReasonPhrase } from '../turn-error-code.ts'

// RFC 8656 §18.12: fewer than 128 characters, which may be 763 bytes when they come from elsewhere.
const MAX_REASON_CHARACTERS = 127
const MAX_REASON_BYTES = 763

/** Why a dual allocation lacks one of its families. */
export interface AddressError {
  readonly family: AddressFamily
  /** 300 to 699. */
  readonly code: number
  /** For people. */
  readonly reason: string
}

/**
 * ADDRESS-ERROR-CODE; undefined when absent, malformed, or of a family that is neither. A phrase that is no text does
 * not spoil the code: it is left empty.
 *
 * ```
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Family       |    Reserved             |Class|     Number    |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |      Reason Phrase (variable)                                ..
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 * RFC 8656 §18.12.
 */
export function decodeAddressErrorCode(message: StunMessage): AddressError | undefined {
  const at = message.find(TurnAttributeType.ADDRESS_ERROR_CODE)
  if (at < 0) return undefined
  const value = message.valueAt(at)
  if (value.length < 4) return undefined
  const family = decodeFamilyCode(value[0] ?? 0)
  const hundreds = (value[2] ?? 0) & 0b111
  const number = value[3] ?? 0
  if (family === 'unsupported' || hundreds < 3 || hundreds > 6 || number > 99) return undefined
  const phrase = value.subarray(4)
  const reason = phrase.length <= MAX_REASON_BYTES ? (decodeUtf8(phrase) ?? '') : ''
  return { family, code: hundreds * 100 + number, reason }
}

/** Writes ADDRESS-ERROR-CODE with a code of 300 to 699, and the registry's phrase unless another is given. */
export function encodeAddressErrorCode(
  writer: StunMessageWriter,
  error: { family: AddressFamily; code: number; reason?: string },
): void {
  const { family, code, reason = turnReasonPhrase(code) } = error
  if (!Number.isInteger(code) || code < 300 || code > 699) {
    throw new TurnError('TURN_ATTRIBUTE_VALUE', `an error code is an integer from 300 to 699, not ${code}`)
  }
  if (Array.from(reason).length > MAX_REASON_CHARACTERS) {
    throw new TurnError('TURN_ATTRIBUTE_VALUE', 'a reason phrase has at most 127 characters')
  }
  const body = writer.beginAttribute(TurnAttributeType.ADDRESS_ERROR_CODE)
  body.u8(encodeFamilyCode(family))
  body.u8(0)
  body.u8(Math.floor(code / 100))
  body.u8(code % 100)
  body.write(encodeUtf8(reason))
  writer.endAttribute()
}
