import { createHash, createHmac } from 'node:crypto'
import type { Crypto } from '@crowfly/sansio'
import { plainBytes } from './plain-bytes.ts'

/** The primitives of the pure layers on `node:crypto`. */
export const nodeCrypto: Crypto = {
  hmacSha1: (key, message) => plainBytes(createHmac('sha1', key).update(message).digest()),
  hmacSha256: (key, message) => plainBytes(createHmac('sha256', key).update(message).digest()),
  sha256: (message) => plainBytes(createHash('sha256').update(message).digest()),
  md5: (message) => plainBytes(createHash('md5').update(message).digest()),
}
