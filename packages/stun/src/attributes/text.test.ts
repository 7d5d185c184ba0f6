import { parseHex } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { AttributeType } from '../attribute-type.ts'
import { StunMessage } from '../message.ts'
import { StunMessageWriter } from '../message-writer.ts'
import { decodeAlternateDomain, encodeAlternateDomain } from './alternate-domain.ts'
import { decodeErrorCode, ErrorCode, encodeErrorCode } from './error-code.ts'
import { decodeNonce, encodeNonce } from './nonce.ts'
import { decodeRealm, encodeRealm } from './realm.ts'
import { decodeSoftware, encodeSoftware } from './software.ts'
import { decodeUsername, encodeUsername } from './username.ts'

function messageWith(write: (writer: StunMessageWriter) => void): StunMessage {
  const writer = new StunMessageWriter(new Uint8Array(2048))
  writer.writeHeader(0x001, 'errorResponse', new Uint8Array(12))
  write(writer)
  const message = new StunMessage()
  expect(message.decode(writer.message)).toBeUndefined()
  return message
}

function messageWithValue(type: number, value: Uint8Array): StunMessage {
  return messageWith((writer) => writer.writeAttribute(type, value))
}

describe.each([
  ['USERNAME', AttributeType.USERNAME, encodeUsername, decodeUsername],
  ['REALM', AttributeType.REALM, encodeRealm, decodeRealm],
  ['NONCE', AttributeType.NONCE, encodeNonce, decodeNonce],
  ['SOFTWARE', AttributeType.SOFTWARE, encodeSoftware, decodeSoftware],
])('%s', (_, type, encode, decode) => {
  it.each(['a', 'héron', '\u30DE\u30C8', '🐦'.repeat(127)])('gives %s back', (text) => {
    expect(decode(messageWith((writer) => encode(writer, text)))).toBe(text)
  })

  it('is undefined when absent, too long or not UTF-8', () => {
    expect(decode(messageWith(() => {}))).toBeUndefined()
    expect(decode(messageWithValue(type, new Uint8Array(763).fill(0x61)))?.length).toBe(763)
    expect(decode(messageWithValue(type, new Uint8Array(764).fill(0x61)))).toBeUndefined()
    expect(decode(messageWithValue(type, parseHex('61 ff')))).toBeUndefined()
  })

  it('refuses to send more than it may have', () => {
    const longest = encode === encodeUsername ? 508 : 127
    expect(decode(messageWith((writer) => encode(writer, 'a'.repeat(longest))))?.length).toBe(longest)
    for (const text of ['a'.repeat(longest + 1), '🐦'.repeat(128)]) {
      expect(() => messageWith((writer) => encode(writer, text))).toThrow(
        expect.objectContaining({ code: 'STUN_ATTRIBUTE_VALUE' }),
      )
    }
  })
})

describe('ALTERNATE-DOMAIN', () => {
  it.each(['turn.example.org', 'xn--bcher-kva.example', 'a', `${'a.'.repeat(127)}b`])(
    'takes %s',
    (domain) => {
      expect(decodeAlternateDomain(messageWith((writer) => encodeAlternateDomain(writer, domain)))).toBe(
        domain,
      )
    },
  )

  it.each(['', '-a.example', 'a..b', 'bücher.example', `${'a'.repeat(64)}.example`, 'a '])(
    'refuses "%s"',
    (domain) => {
      expect(() => messageWith((writer) => encodeAlternateDomain(writer, domain))).toThrow()
      const value = new Uint8Array(Array.from(domain, (character) => character.charCodeAt(0)))
      expect(decodeAlternateDomain(messageWithValue(0x8003, value))).toBeUndefined()
    },
  )
})

describe('ERROR-CODE', () => {
  it.each(Object.values(ErrorCode))('carries %i with the registry’s phrase', (code) => {
    const error = decodeErrorCode(messageWith((writer) => encodeErrorCode(writer, code)))
    expect(error?.code).toBe(code)
    expect(error?.reason).not.toBe('')
  })

  it.each([300, 399, 600, 699])('carries %i with a phrase of one’s own', (code) => {
    const message = messageWith((writer) => encodeErrorCode(writer, code, 'so it is'))
    expect(decodeErrorCode(message)).toEqual({ code, reason: 'so it is' })
  })

  it.each([299, 700, 400.5, Number.NaN])('refuses to send %d', (code) => {
    expect(() => messageWith((writer) => encodeErrorCode(writer, code))).toThrow(
      expect.objectContaining({ code: 'STUN_ATTRIBUTE_VALUE' }),
    )
  })

  it.each([
    ['class 2', '00 00 02 00'],
    ['class 7', '00 00 07 00'],
    ['number 100', '00 00 04 64'],
    ['three bytes', '00 00 04'],
  ])('is undefined with %s', (_, value) => {
    expect(decodeErrorCode(messageWithValue(0x0009, parseHex(value)))).toBeUndefined()
  })

  it('has an empty phrase when that is not UTF-8', () => {
    const message = messageWithValue(0x0009, parseHex('00 00 04 00 ff'))
    expect(decodeErrorCode(message)).toEqual({ code: 400, reason: '' })
  })

  it('ignores the reserved bits', () => {
    const message = messageWithValue(0x0009, parseHex('ff ff fc 14'))
    expect(decodeErrorCode(message)).toEqual({ code: 420, reason: '' })
  })
})
