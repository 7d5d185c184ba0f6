import { createHash, createHmac } from 'node:crypto'
import type { Crypto } from '@crowfly/sansio'

/** The real primitives, for the tests of packages below node-io. */
export const testCrypto: Crypto = {
  hmacSha1: (key, message) => createHmac('sha1', key).update(message).digest(),
  hmacSha256: (key, message) => createHmac('sha256', key).update(message).digest(),
  sha256: (message) => createHash('sha256').update(message).digest(),
  md5: (message) => createHash('md5').update(message).digest(),
}
