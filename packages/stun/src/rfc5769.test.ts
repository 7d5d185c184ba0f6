import { formatTransportAddress } from '@crowfly/sansio'
import { formatHex, parseHex, testCrypto } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { AttributeType } from './attribute-type.ts'
import { checkFingerprint, encodeFingerprint } from './attributes/fingerprint.ts'
import { encodeMessageIntegrity, hasMessageIntegrity } from './attributes/message-integrity.ts'
import { decodeNonce, encodeNonce } from './attributes/nonce.ts'
import { PasswordAlgorithmNumber } from './attributes/password-algorithm.ts'
import { decodeRealm, encodeRealm } from './attributes/realm.ts'
import { decodeSoftware } from './attributes/software.ts'
import { decodeUsername, encodeUsername } from './attributes/username.ts'
import { decodeXorMappedAddress } from './attributes/xor-mapped-address.ts'
import { deriveLongTermKey, deriveShortTermKey } from './credential-key.ts'
import { StunMessage } from './message.ts'
import { StunMessageWriter } from './message-writer.ts'

// RFC 5769 §2.1
const REQUEST = `
  00 01 00 58 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae
  80 22 00 10 53 54 55 4e 20 74 65 73 74 20 63 6c 69 65 6e 74
  00 24 00 04 6e 00 01 ff
  80 29 00 08 93 2f f9 b1 51 26 3b 36
  00 06 00 09 65 76 74 6a 3a 68 36 76 59 20 20 20
  00 08 00 14 9a ea a7 0c bf d8 cb 56 78 1e f2 b5 b2 d3 f2 49 c1 b5 71 a2
  80 28 00 04 e5 7a 3b cf`

// RFC 5769 §2.2
const IPV4_RESPONSE = `
  01 01 00 3c 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae
  80 22 00 0b 74 65 73 74 20 76 65 63 74 6f 72 20
  00 20 00 08 00 01 a1 47 e1 12 a6 43
  00 08 00 14 2b 91 f5 99 fd 9e 90 c3 8c 74 89 f9 2a f9 ba 53 f0 6b e7 d7
  80 28 00 04 c0 7d 4c 96`

// RFC 5769 §2.3
const IPV6_RESPONSE = `
  01 01 00 48 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae
  80 22 00 0b 74 65 73 74 20 76 65 63 74 6f 72 20
  00 20 00 14 00 02 a1 47 01 13 a9 fa a5 d3 f1 79 bc 25 f4 b5 be d2 b9 d9
  00 08 00 14 a3 82 95 4e 4b e6 7b f1 17 84 c9 7c 82 92 c2 75 bf e3 ed 41
  80 28 00 04 c8 fb 0b 4c`

// RFC 5769 §2.4
const LONG_TERM_REQUEST = `
  00 01 00 60 21 12 a4 42 78 ad 34 33 c6 ad 72 c0 29 da 41 2e
  00 06 00 12 e3 83 9e e3 83 88 e3 83 aa e3 83 83 e3 82 af e3 82 b9 00 00
  00 15 00 1c 66 2f 2f 34 39 39 6b 39 35 34 64 36 4f 4c 33 34 6f 4c 39 46 53 54 76 79 36 34 73 41
  00 14 00 0b 65 78 61 6d 70 6c 65 2e 6f 72 67 00
  00 08 00 14 f6 70 24 65 6d d6 4a 3e 02 b8 e0 71 2e 85 c9 a2 8c a8 96 66`

const SHORT_TERM_KEY = deriveShortTermKey('VOkJxbRl1RmTxUk/WvJxBt') ?? new Uint8Array(0)

function decode(hex: string): StunMessage {
  const message = new StunMessage()
  expect(message.decode(parseHex(hex))).toBeUndefined()
  return message
}

/** The types of the attributes that are seen, in order. */
function types(message: StunMessage): number[] {
  const found: number[] = []
  for (let at = message.firstAttribute; at !== -1; at = message.nextAttribute(at))
    found.push(message.typeAt(at))
  return found
}

/** Copies the attributes before MESSAGE-INTEGRITY with the vector's padding, and signs anew. */
function signAgain(message: StunMessage, key: Uint8Array): string {
  const prefixEnd = message.find(AttributeType.MESSAGE_INTEGRITY)
  const writer = new StunMessageWriter(new Uint8Array(256))
  writer.writeHeader(message.method, message.messageClass, message.transactionId)
  writer.writeAttributes(message.bytes.subarray(message.start + 20, prefixEnd))
  encodeMessageIntegrity(writer, key, testCrypto)
  if (message.has(AttributeType.FINGERPRINT)) encodeFingerprint(writer)
  expect(writer.failed).toBe(false)
  return formatHex(writer.message)
}

describe('RFC 5769 §2.1, sample request', () => {
  const message = decode(REQUEST)

  it('is a Binding request with the six attributes in their order', () => {
    expect(message.method).toBe(0x001)
    expect(message.messageClass).toBe('request')
    expect(formatHex(message.transactionId)).toBe('b7e7a701bc34d686fa87dfae')
    expect(types(message)).toEqual([0x8022, 0x0024, 0x8029, 0x0006, 0x0008, 0x8028])
    expect(decodeSoftware(message)).toBe('STUN test client')
    expect(decodeUsername(message)).toBe('evtj:h6vY')
    expect(formatHex(message.valueAt(message.find(0x0024)))).toBe('6e0001ff')
    expect(formatHex(message.valueAt(message.find(0x8029)))).toBe('932ff9b151263b36')
  })

  it('has the right integrity and fingerprint', () => {
    expect(hasMessageIntegrity(message, SHORT_TERM_KEY, testCrypto)).toBe(true)
    expect(checkFingerprint(message)).toBe('right')
  })

  it('gets the same integrity and fingerprint from the encoder', () => {
    expect(signAgain(message, SHORT_TERM_KEY)).toBe(formatHex(parseHex(REQUEST)))
  })

  it('fails with another key, and with any bit before the integrity flipped', () => {
    expect(hasMessageIntegrity(message, new Uint8Array(22), testCrypto)).toBe(false)
    const bytes = parseHex(REQUEST)
    for (let at = 0; at < 76; at++) {
      bytes[at] = (bytes[at] ?? 0) ^ 0x04
      const changed = new StunMessage()
      // A changed attribute header may leave no message, or no integrity attribute.
      if (changed.decode(bytes) === undefined) {
        expect(hasMessageIntegrity(changed, SHORT_TERM_KEY, testCrypto)).toBe(false)
        expect(checkFingerprint(changed)).toBe('wrong')
      }
      bytes[at] = (bytes[at] ?? 0) ^ 0x04
    }
    expect(bytes).toEqual(parseHex(REQUEST))
  })
})

describe.each([
  ['RFC 5769 §2.2, sample IPv4 response', IPV4_RESPONSE, '192.0.2.1:32853'],
  ['RFC 5769 §2.3, sample IPv6 response', IPV6_RESPONSE, '[2001:db8:1234:5678:11:2233:4455:6677]:32853'],
])('%s', (_, hex, address) => {
  const message = decode(hex)

  it('is a Binding success response with the mapped address', () => {
    expect(message.method).toBe(0x001)
    expect(message.messageClass).toBe('successResponse')
    expect(decodeSoftware(message)).toBe('test vector')
    const mapped = decodeXorMappedAddress(message)
    expect(mapped && formatTransportAddress(mapped)).toBe(address)
  })

  it('has the right integrity and fingerprint', () => {
    expect(hasMessageIntegrity(message, SHORT_TERM_KEY, testCrypto)).toBe(true)
    expect(checkFingerprint(message)).toBe('right')
  })

  it('gets the same integrity and fingerprint from the encoder', () => {
    expect(signAgain(message, SHORT_TERM_KEY)).toBe(formatHex(parseHex(hex)))
  })
})

describe('RFC 5769 §2.4, sample request with long-term authentication', () => {
  const username = '\u30DE\u30C8\u30EA\u30C3\u30AF\u30B9'
  const realm = 'example.org'
  const nonce = 'f//499k954d6OL34oL9FSTvy64sA'
  // The password as SASLprep leaves it: "The<U+00AD>M<U+00AA>tr<U+2168>" before.
  const key = deriveLongTermKey(
    { username, realm, password: 'TheMatrIX' },
    PasswordAlgorithmNumber.MD5,
    testCrypto,
  )

  it('has the user name, nonce, realm and the right integrity', () => {
    const message = decode(LONG_TERM_REQUEST)
    expect(decodeUsername(message)).toBe(username)
    expect(decodeNonce(message)).toBe(nonce)
    expect(decodeRealm(message)).toBe(realm)
    expect(key && hasMessageIntegrity(message, key, testCrypto)).toBe(true)
    expect(checkFingerprint(message)).toBe('absent')
  })

  it('is what the encoder makes of these values', () => {
    const writer = new StunMessageWriter(new Uint8Array(256))
    writer.writeHeader(0x001, 'request', parseHex('78ad3433c6ad72c029da412e'))
    encodeUsername(writer, username)
    encodeNonce(writer, nonce)
    encodeRealm(writer, realm)
    encodeMessageIntegrity(writer, key ?? new Uint8Array(0), testCrypto)
    expect(formatHex(writer.message)).toBe(formatHex(parseHex(LONG_TERM_REQUEST)))
  })
})
