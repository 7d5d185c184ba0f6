import { reasonPhrase } from '@crowfly/stun'

/** The error codes that RFC 8656 §19 defines, from IANA's "STUN Error Codes" registry. */
export const TurnErrorCode = {
  FORBIDDEN: 403,
  ALLOCATION_MISMATCH: 437,
  ADDRESS_FAMILY_NOT_SUPPORTED: 440,
  WRONG_CREDENTIALS: 441,
  UNSUPPORTED_TRANSPORT: 442,
  PEER_FAMILY_MISMATCH: 443,
  ALLOCATION_QUOTA_REACHED: 486,
  INSUFFICIENT_CAPACITY: 508,
} as const

const REASONS: ReadonlyMap<number, string> = new Map([
  [TurnErrorCode.FORBIDDEN, 'Forbidden'],
  [TurnErrorCode.ALLOCATION_MISMATCH, 'Allocation Mismatch'],
  [TurnErrorCode.ADDRESS_FAMILY_NOT_SUPPORTED, 'Address Family not Supported'],
  [TurnErrorCode.WRONG_CREDENTIALS, 'Wrong Credentials'],
  [TurnErrorCode.UNSUPPORTED_TRANSPORT, 'Unsupported Transport Protocol'],
  [TurnErrorCode.PEER_FAMILY_MISMATCH, 'Peer Address Family Mismatch'],
  [TurnErrorCode.ALLOCATION_QUOTA_REACHED, 'Allocation Quota Reached'],
  [TurnErrorCode.INSUFFICIENT_CAPACITY, 'Insufficient Capacity'],
])

/** The registry's phrase for a code of RFC 8656 or RFC 8489; empty for any other. */
export function turnReasonPhrase(code: number): string {
  return REASONS.get(code) ?? reasonPhrase(code)
}
