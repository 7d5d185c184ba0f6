import type { Crypto } from '@crowfly/sansio'
import { AttributeType } from './attribute-type.ts'
import { ErrorCode } from './attributes/error-code.ts'
import { decodeUsername } from './attributes/username.ts'
import { hasIntegrity, type IntegrityAlgorithm, integrityAlgorithmOf } from './integrity.ts'
import type { StunMessage } from './message.ts'

/** What to think of a response: take it, act as if it never came, or the same and it was forged or damaged. */
export type ResponseVerdict = 'accepted' | 'ignored' | 'violated'

/**
 * Checks a request or an indication under the short-term mechanism: undefined when it is authentic, else the error code
 * to refuse a request with (an indication is dropped). `keyOf` gives the key of a user name that is valid now.
 * The refusal must carry no integrity attribute. RFC 8489 §9.1.3.
 */
export function checkShortTermRequest(
  message: StunMessage,
  keyOf: (username: string) => Uint8Array | undefined,
  crypto: Crypto,
): 400 | 401 | undefined {
  const isComplete = integrityAlgorithmOf(message) !== undefined && message.has(AttributeType.USERNAME)
  if (!isComplete) return ErrorCode.BAD_REQUEST
  const username = decodeUsername(message)
  const key = username === undefined ? undefined : keyOf(username)
  if (key === undefined || !hasIntegrity(message, key, crypto)) return ErrorCode.UNAUTHENTICATED
  return undefined
}

/**
 * Checks a response under the short-term mechanism; `sent` are the integrity attributes that the request had.
 * RFC 8489 §9.1.4.
 */
export function checkShortTermResponse(
  response: StunMessage,
  sent: readonly IntegrityAlgorithm[],
  key: Uint8Array,
  crypto: Crypto,
): ResponseVerdict {
  const algorithm = integrityAlgorithmOf(response)
  // With one attribute sent the response has to have the same one; with both, either.
  if (algorithm === undefined || !sent.includes(algorithm)) return 'violated'
  return hasIntegrity(response, key, crypto) ? 'accepted' : 'violated'
}
