import { parseHex } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { isKnownAttribute, isKnownInResponse } from '../attribute-type.ts'
import { StunMessage } from '../message.ts'
import { StunMessageWriter } from '../message-writer.ts'
import {
  decodeUnknownAttributes,
  encodeUnknownAttributes,
  hasUnknownAttributes,
  listUnknownAttributes,
} from './unknown-attributes.ts'

function messageWith(...types: number[]): StunMessage {
  const writer = new StunMessageWriter(new Uint8Array(1024))
  writer.writeHeader(0x001, 'request', new Uint8Array(12))
  for (const type of types) writer.writeAttribute(type, new Uint8Array(type === 0x0008 ? 20 : 0))
  const message = new StunMessage()
  expect(message.decode(writer.message)).toBeUndefined()
  return message
}

describe('unknown attributes', () => {
  it('count when they are comprehension-required', () => {
    expect(hasUnknownAttributes(messageWith(0x0024), isKnownAttribute)).toBe(true)
    expect(hasUnknownAttributes(messageWith(0x7fff), isKnownAttribute)).toBe(true)
    expect(hasUnknownAttributes(messageWith(0x8000, 0xc057), isKnownAttribute)).toBe(false)
    expect(hasUnknownAttributes(messageWith(0x0006, 0x0014, 0x0020), isKnownAttribute)).toBe(false)
    expect(hasUnknownAttributes(messageWith(), isKnownAttribute)).toBe(false)
  })

  it('are listed once each, in order, up to a limit', () => {
    const message = messageWith(0x0024, 0x8022, 0x0025, 0x0024, 0x0003)
    expect(listUnknownAttributes(message, isKnownAttribute, 10)).toEqual([0x0024, 0x0025, 0x0003])
    expect(listUnknownAttributes(message, isKnownAttribute, 2)).toEqual([0x0024, 0x0025])
  })

  it('do not count in a response when only an RFC 3489 server knows them', () => {
    const message = messageWith(0x0004, 0x0005)
    expect(hasUnknownAttributes(message, isKnownAttribute)).toBe(true)
    expect(hasUnknownAttributes(message, isKnownInResponse)).toBe(false)
  })
})

describe('UNKNOWN-ATTRIBUTES', () => {
  it.each([[[]], [[0x0024]], [[0x0024, 0x7fff, 0x0003]]])('gives %j back', (types: number[]) => {
    const writer = new StunMessageWriter(new Uint8Array(64))
    writer.writeHeader(0x001, 'errorResponse', new Uint8Array(12))
    encodeUnknownAttributes(writer, types)
    const message = new StunMessage()
    expect(message.decode(writer.message)).toBeUndefined()
    expect(decodeUnknownAttributes(message)).toEqual(types)
  })

  it('is undefined when absent or of an odd length', () => {
    const message = messageWith()
    expect(decodeUnknownAttributes(message)).toBeUndefined()
    message.decode(parseHex('0111 0008 2112a442 000000000000000000000000 000a 0003 002400 00'))
    expect(message.has(0x000a)).toBe(true)
    expect(decodeUnknownAttributes(message)).toBeUndefined()
  })
})
