import { formatHex, parseHex, testCrypto } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import {
  encodeMessageIntegritySha256,
  hasMessageIntegritySha256,
} from './attributes/message-integrity-sha256.ts'
import { decodeNonce, encodeNonce } from './attributes/nonce.ts'
import {
  decodePasswordAlgorithm,
  encodePasswordAlgorithm,
  PasswordAlgorithmNumber,
} from './attributes/password-algorithm.ts'
import { decodeRealm, encodeRealm } from './attributes/realm.ts'
import { decodeUserhash, deriveUserhash, encodeUserhash } from './attributes/userhash.ts'
import { deriveLongTermKey } from './credential-key.ts'
import { StunMessage } from './message.ts'
import { StunMessageWriter } from './message-writer.ts'
import { decodeNonceCookie, SecurityFeature } from './nonce-cookie.ts'
import { prepareOpaqueString } from './opaque-string.ts'

const TRANSACTION_ID = '78 ad 34 33 c6 ad 72 c0 29 da 41 2e'

const USERHASH = `
  4a 3c f3 8f ef 69 92 bd a9 52 c6 78 04 17 da 0f 24 81 94 15 56 9e 60 b2 05 c4 6e 41 40 7f 17 04`

const USERHASH_NONCE_REALM = `
  00 1e 00 20 ${USERHASH}
  00 15 00 29
  6f 62 4d 61 74 4a 6f 73 32 41 41 41 43 66 2f 2f 34 39 39 6b 39 35 34 64
  36 4f 4c 33 34 6f 4c 39 46 53 54 76 79 36 34 73 41 00 00 00
  00 14 00 0b 65 78 61 6d 70 6c 65 2e 6f 72 67 00`

// Appendix B.1 as erratum 6268 corrects it: the RFC prints a length that does not fit, leaves PASSWORD-ALGORITHM out,
// and so has another HMAC.
const CORRECTED = `
  00 01 00 90 21 12 a4 42 ${TRANSACTION_ID}
  ${USERHASH_NONCE_REALM}
  00 1d 00 04 00 02 00 00
  00 1c 00 20
  b5 c7 bf 00 5b 6c 52 a2 1c 51 c5 e8 92 f8 19 24 13 62 96 cb 92 7c 43 14 93 09 27 8c c6 51 8e 65`

// Appendix B.1 as printed.
const PRINTED = `
  00 01 00 9c 21 12 a4 42 ${TRANSACTION_ID}
  ${USERHASH_NONCE_REALM}
  00 1c 00 20
  e4 68 6c 8f 0e de b5 90 13 e0 70 90 01 0a 93 ef cc bc cc 54 4c 0a 45 d9 f8 30 aa 6d 6f 73 5a 01`

const username = '\u30DE\u30C8\u30EA\u30C3\u30AF\u30B9'
const realm = 'example.org'
const nonce = 'obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA'
const key =
  deriveLongTermKey({ username, realm, password: 'TheMatrIX' }, PasswordAlgorithmNumber.SHA256, testCrypto) ??
  new Uint8Array(0)

describe('RFC 8489 Appendix B.1, request with MESSAGE-INTEGRITY-SHA256 and USERHASH', () => {
  it('decodes, with the right integrity under the SHA-256 key', () => {
    const message = new StunMessage()
    expect(message.decode(parseHex(CORRECTED))).toBeUndefined()
    expect(formatHex(decodeUserhash(message) ?? new Uint8Array(0))).toBe(formatHex(parseHex(USERHASH)))
    expect(decodeNonce(message)).toBe(nonce)
    expect(decodeRealm(message)).toBe(realm)
    expect(decodePasswordAlgorithm(message)?.number).toBe(PasswordAlgorithmNumber.SHA256)
    expect(hasMessageIntegritySha256(message, key, testCrypto)).toBe(true)
  })

  it('is what the encoder makes of these values', () => {
    const writer = new StunMessageWriter(new Uint8Array(256))
    writer.writeHeader(0x001, 'request', parseHex(TRANSACTION_ID))
    encodeUserhash(writer, deriveUserhash(username, realm, testCrypto) ?? new Uint8Array(0))
    encodeNonce(writer, nonce)
    encodeRealm(writer, realm)
    encodePasswordAlgorithm(writer, {
      number: PasswordAlgorithmNumber.SHA256,
      parameters: new Uint8Array(0),
    })
    encodeMessageIntegritySha256(writer, key, testCrypto)
    expect(formatHex(writer.message)).toBe(formatHex(parseHex(CORRECTED)))
  })

  it('has a nonce cookie, though one without features', () => {
    // "AAAC" is 24 bits with the last but one set, which no feature has.
    expect(decodeNonceCookie(nonce)).toBe(0x000002)
    expect((decodeNonceCookie(nonce) ?? 0) & SecurityFeature.USERNAME_ANONYMITY).toBe(0)
  })

  it('is refused as printed, since its length is 20 bytes too long', () => {
    expect(new StunMessage().decode(parseHex(PRINTED))).toBe('badLength')
  })

  it('has a password that SASLprep would have mapped, and OpaqueString refuses', () => {
    expect(prepareOpaqueString('The\u00ADM\u00AAtr\u2168')).toBeUndefined()
    expect(prepareOpaqueString('TheMatrIX')).toBe('TheMatrIX')
  })
})

describe('RFC 8489 §9.2.2, HMAC key', () => {
  it('is the MD5 of user:realm:pass in the RFC’s example', () => {
    const example = { username: 'user', realm: 'realm', password: 'pass' }
    const md5 = deriveLongTermKey(example, PasswordAlgorithmNumber.MD5, testCrypto)
    expect(md5 && formatHex(md5)).toBe('8493fbc53ba582fb4c044c456bdc40eb')
  })

  it('is 32 bytes for SHA-256 and none for an algorithm that nobody knows', () => {
    const example = { username: 'user', realm: 'realm', password: 'pass' }
    expect(deriveLongTermKey(example, PasswordAlgorithmNumber.SHA256, testCrypto)?.length).toBe(32)
    expect(deriveLongTermKey(example, 3, testCrypto)).toBeUndefined()
  })
})
