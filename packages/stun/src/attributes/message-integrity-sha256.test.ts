import { testCrypto } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { hasIntegrity, integrityAlgorithmOf } from '../integrity.ts'
import { StunMessage } from '../message.ts'
import { StunMessageWriter } from '../message-writer.ts'
import { encodeFingerprint } from './fingerprint.ts'
import { encodeMessageIntegrity, hasMessageIntegrity } from './message-integrity.ts'
import { encodeMessageIntegritySha256, hasMessageIntegritySha256 } from './message-integrity-sha256.ts'
import { encodeSoftware } from './software.ts'

const KEY = new Uint8Array(32).fill(7)
const OTHER_KEY = new Uint8Array(32).fill(8)

function messageWith(write: (writer: StunMessageWriter) => void): StunMessage {
  const writer = new StunMessageWriter(new Uint8Array(256))
  writer.writeHeader(0x001, 'request', new Uint8Array(12))
  encodeSoftware(writer, 'crowfly')
  write(writer)
  const message = new StunMessage()
  expect(message.decode(writer.message)).toBeUndefined()
  return message
}

describe('MESSAGE-INTEGRITY-SHA256', () => {
  it('is right under its key only', () => {
    const message = messageWith((writer) => encodeMessageIntegritySha256(writer, KEY, testCrypto))
    expect(hasMessageIntegritySha256(message, KEY, testCrypto)).toBe(true)
    expect(hasMessageIntegritySha256(message, OTHER_KEY, testCrypto)).toBe(false)
  })

  it('covers MESSAGE-INTEGRITY before it, and neither covers FINGERPRINT', () => {
    const message = messageWith((writer) => {
      encodeMessageIntegrity(writer, KEY, testCrypto)
      encodeMessageIntegritySha256(writer, KEY, testCrypto)
      encodeFingerprint(writer)
    })
    const before = message.bytes.slice()
    expect(hasMessageIntegrity(message, KEY, testCrypto)).toBe(true)
    expect(hasMessageIntegritySha256(message, KEY, testCrypto)).toBe(true)
    expect(message.bytes).toEqual(before)
  })

  it.each([16, 20, 28])('cut to %i bytes is taken only by a usage that allows it', (length) => {
    const message = messageWith((writer) => encodeMessageIntegritySha256(writer, KEY, testCrypto, length))
    expect(hasMessageIntegritySha256(message, KEY, testCrypto)).toBe(false)
    expect(hasMessageIntegritySha256(message, KEY, testCrypto, length)).toBe(true)
    expect(hasMessageIntegritySha256(message, KEY, testCrypto, length + 4)).toBe(false)
    expect(hasMessageIntegritySha256(message, OTHER_KEY, testCrypto, length)).toBe(false)
  })

  it.each([0, 12, 18, 36])('is never %i bytes', (length) => {
    expect(() =>
      messageWith((writer) => encodeMessageIntegritySha256(writer, KEY, testCrypto, length)),
    ).toThrow(expect.objectContaining({ code: 'STUN_ATTRIBUTE_VALUE' }))
    const forged = messageWith((writer) => writer.writeAttribute(0x001c, new Uint8Array(length)))
    expect(hasMessageIntegritySha256(forged, KEY, testCrypto, 0)).toBe(false)
  })

  it('decides alone when it is there', () => {
    const message = messageWith((writer) => {
      encodeMessageIntegrity(writer, KEY, testCrypto)
      encodeMessageIntegritySha256(writer, OTHER_KEY, testCrypto)
    })
    expect(integrityAlgorithmOf(message)).toBe('sha256')
    expect(hasIntegrity(message, KEY, testCrypto)).toBe(false)
    expect(hasIntegrity(message, OTHER_KEY, testCrypto)).toBe(true)
  })
})

describe('MESSAGE-INTEGRITY', () => {
  it('is not there, or of another length, and so not right', () => {
    const without = messageWith(() => {})
    expect(integrityAlgorithmOf(without)).toBeUndefined()
    expect(hasIntegrity(without, KEY, testCrypto)).toBe(false)
    const short = messageWith((writer) => writer.writeAttribute(0x0008, new Uint8Array(16)))
    expect(hasMessageIntegrity(short, KEY, testCrypto)).toBe(false)
  })
})
