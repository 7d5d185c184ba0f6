import type { Crypto } from '@crowfly/sansio'
import { AttributeType } from './attribute-type.ts'
import { decodeErrorCode, ErrorCode } from './attributes/error-code.ts'
import { decodeNonce } from './attributes/nonce.ts'
import { hasIntegrity, integrityAlgorithmOf } from './integrity.ts'
import type { StunMessage } from './message.ts'
import { decodeNonceCookie, SecurityFeature } from './nonce-cookie.ts'
import type { ResponseVerdict } from './short-term-credential.ts'

// RFC 8489 §9.2.1, §9.2.5
/**
 * Whether somebody on the path took PASSWORD-ALGORITHMS out: the nonce cookie promises it and it is not there.
 * After a 401 or 438 like that the request must not be tried again.
 */
export function isBidDown(response: StunMessage): boolean {
  const nonce = decodeNonce(response)
  const features = nonce === undefined ? undefined : decodeNonceCookie(nonce)
  if (features === undefined || (features & SecurityFeature.PASSWORD_ALGORITHMS) === 0) return false
  return !response.has(AttributeType.PASSWORD_ALGORITHMS)
}

/**
 * Checks the response to a request that was authenticated under the long-term mechanism. A 401 or 438 is accepted
 * without integrity, since the server could not compute it: ask `isBidDown` before trying again. RFC 8489 §9.2.5.
 */
export function checkLongTermResponse(
  response: StunMessage,
  key: Uint8Array,
  crypto: Crypto,
): ResponseVerdict {
  const code = response.messageClass === 'errorResponse' ? decodeErrorCode(response)?.code : undefined
  if (code === ErrorCode.UNAUTHENTICATED || code === ErrorCode.STALE_NONCE) return 'accepted'
  if (isBidDown(response)) return 'ignored'
  const isProtected = integrityAlgorithmOf(response) !== undefined
  if (code === ErrorCode.BAD_REQUEST && !isProtected) return 'ignored'
  return isProtected && hasIntegrity(response, key, crypto) ? 'accepted' : 'violated'
}
