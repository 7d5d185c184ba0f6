import { expect, test } from 'vitest'
import { nodeCrypto } from './crypto.ts'
import { nodeRandom } from './random.ts'

const utf8 = (text: string) => new TextEncoder().encode(text)
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

test('RFC 2202 §3 test case 2: HMAC-SHA-1', () => {
  const mac = nodeCrypto.hmacSha1(utf8('Jefe'), utf8('what do ya want for nothing?'))
  expect(hex(mac)).toBe('effcdf6ae5eb2fa2d27416d5f184df9c259a7c79')
})

test('RFC 4231 §4.3 test case 2: HMAC-SHA-256', () => {
  const mac = nodeCrypto.hmacSha256(utf8('Jefe'), utf8('what do ya want for nothing?'))
  expect(hex(mac)).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843')
})

test('FIPS 180-4: SHA-256 of "abc"', () => {
  const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
  expect(hex(nodeCrypto.sha256(utf8('abc')))).toBe(digest)
})

test('RFC 1321 §A.5: MD5 of "abc"', () => {
  expect(hex(nodeCrypto.md5(utf8('abc')))).toBe('900150983cd24fb0d6963f7d28e17f72')
})

test('random bytes do not come twice, whatever the size of the piece', () => {
  const seen = new Set<string>()
  let pieces = 0
  for (const size of [16, 33, 4096, 5000]) {
    for (let i = 0; i < 500; i++) {
      const target = new Uint8Array(size)
      nodeRandom.fill(target)
      seen.add(hex(target.subarray(0, 16)))
      pieces++
    }
  }
  expect(seen.size).toBe(pieces)
})
