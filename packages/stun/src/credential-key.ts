import { encodeUtf8 } from '@crowfly/bytes'
import type { Crypto } from '@crowfly/sansio'
import { PasswordAlgorithmNumber } from './attributes/password-algorithm.ts'
import { prepareOpaqueString } from './opaque-string.ts'

// RFC 8489 §9.1.1: key = OpaqueString(password)
/** The HMAC key of a short-term credential; undefined when the password is no OpaqueString. */
export function deriveShortTermKey(password: string): Uint8Array | undefined {
  const prepared = prepareOpaqueString(password)
  return prepared === undefined ? undefined : encodeUtf8(prepared)
}

/** What a long-term credential is made of. */
export interface LongTermCredential {
  readonly username: string
  readonly realm: string
  readonly password: string
}

// RFC 8489 §9.2.2, §18.5.1: MD5 or SHA-256 of username ":" OpaqueString(realm) ":" OpaqueString(password)
//
// DEVIATION: §9.2.2 also strips "quotes and trailing nulls". OpaqueString refuses nulls; quotes stay, since REALM goes
// without enclosing ones (§14.9), and since coturn keeps them.
/**
 * The HMAC key of a long-term credential, 16 bytes for MD5 and 32 for SHA-256 (numbers of `PasswordAlgorithmNumber`);
 * undefined when a part of it is no OpaqueString, or for another algorithm.
 */
export function deriveLongTermKey(
  credential: LongTermCredential,
  algorithm: number,
  crypto: Crypto,
): Uint8Array | undefined {
  const username = prepareOpaqueString(credential.username)
  const realm = prepareOpaqueString(credential.realm)
  const password = prepareOpaqueString(credential.password)
  if (username === undefined || realm === undefined || password === undefined) return undefined
  const text = encodeUtf8(`${username}:${realm}:${password}`)
  if (algorithm === PasswordAlgorithmNumber.MD5) return crypto.md5(text)
  if (algorithm === PasswordAlgorithmNumber.SHA256) return crypto.sha256(text)
  return undefined
}
