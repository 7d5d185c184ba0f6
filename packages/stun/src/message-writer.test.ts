import { formatHex, parseHex, testCrypto } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { AttributeType } from './attribute-type.ts'
import { encodeFingerprint } from './attributes/fingerprint.ts'
import { encodeMessageIntegrity } from './attributes/message-integrity.ts'
import { encodeMessageIntegritySha256 } from './attributes/message-integrity-sha256.ts'
import { encodeSoftware } from './attributes/software.ts'
import { StunMessage } from './message.ts'
import { StunMessageWriter } from './message-writer.ts'
import { StunError } from './stun-error.ts'

const ID = parseHex('01 02 03 04 05 06 07 08 09 0a 0b 0c')
const KEY = new Uint8Array(16)

function writerOf(capacity: number): StunMessageWriter {
  const writer = new StunMessageWriter(new Uint8Array(capacity).fill(0xff))
  writer.writeHeader(0x001, 'request', ID)
  return writer
}

describe('StunMessageWriter', () => {
  it('writes a header alone', () => {
    expect(formatHex(writerOf(20).message)).toBe('000100002112a4420102030405060708090a0b0c')
  })

  it('pads with zeros and keeps the length right after each attribute', () => {
    const writer = writerOf(64)
    for (const [index, length] of [1, 2, 3, 4, 5].entries()) {
      writer.writeAttribute(0x8000 + index, new Uint8Array(length).fill(0xaa))
      const message = new StunMessage()
      expect(message.decode(writer.message)).toBeUndefined()
    }
    expect(formatHex(writer.message.subarray(20))).toBe(
      '80000001aa000000' +
        '80010002aaaa0000' +
        '80020003aaaaaa00' +
        '80030004aaaaaaaa' +
        '80040005aaaaaaaaaa000000',
    )
  })

  it('writes in the middle of a buffer and touches nothing else', () => {
    const buffer = new Uint8Array(100).fill(0xff)
    const writer = new StunMessageWriter(buffer, 10, 40)
    writer.writeHeader(0x001, 'indication', ID)
    encodeFingerprint(writer)
    expect(writer.end).toBe(38)
    expect(buffer.subarray(0, 10).every((byte) => byte === 0xff)).toBe(true)
    expect(buffer.subarray(38).every((byte) => byte === 0xff)).toBe(true)
    expect(new StunMessage().decode(buffer, 10, 38)).toBeUndefined()
  })

  it('fails rather than write past the end', () => {
    const writer = writerOf(27)
    encodeSoftware(writer, 'abcd')
    expect(writer.failed).toBe(true)
    expect(writer.message.length).toBeLessThanOrEqual(27)
  })

  it('answers with the request’s method and transaction id, cookie or not', () => {
    const request = new StunMessage()
    request.decodeWithClassic(parseHex('0004 0000 00112233 0102030405060708090a0b0c'))
    const writer = new StunMessageWriter(new Uint8Array(20))
    writer.writeResponseHeader(request, 'errorResponse')
    expect(formatHex(writer.message)).toBe('01140000001122330102030405060708090a0b0c')
  })

  it('refuses a transaction id that is not 12 bytes', () => {
    const writer = new StunMessageWriter(new Uint8Array(64))
    expect(() => writer.writeHeader(0x001, 'request', new Uint8Array(16))).toThrow(StunError)
  })

  it.each<[string, (writer: StunMessageWriter) => void]>([
    ['an attribute behind MESSAGE-INTEGRITY', (writer) => encodeMessageIntegrity(writer, KEY, testCrypto)],
    [
      'an attribute behind MESSAGE-INTEGRITY-SHA256',
      (writer) => encodeMessageIntegritySha256(writer, KEY, testCrypto),
    ],
    ['an attribute behind FINGERPRINT', encodeFingerprint],
  ])('refuses %s, which receivers would ignore', (_, last) => {
    const writer = writerOf(128)
    last(writer)
    expect(() => encodeSoftware(writer, 'late')).toThrow(
      expect.objectContaining({ code: 'STUN_ATTRIBUTE_ORDER' }),
    )
  })

  it('takes both integrity attributes and FINGERPRINT in their order only', () => {
    const writer = writerOf(256)
    encodeMessageIntegrity(writer, KEY, testCrypto)
    encodeMessageIntegritySha256(writer, KEY, testCrypto)
    expect(() => encodeMessageIntegrity(writer, KEY, testCrypto)).toThrow(StunError)
    encodeFingerprint(writer)
    expect(() => encodeFingerprint(writer)).toThrow(StunError)
    const message = new StunMessage()
    expect(message.decode(writer.message)).toBeUndefined()
    expect(message.has(AttributeType.FINGERPRINT)).toBe(true)
  })
})
