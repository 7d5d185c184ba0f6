import { parseHex } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { AttributeType } from './attribute-type.ts'
import { StunMessage } from './message.ts'

const ID = '01 02 03 04 05 06 07 08 09 0a 0b 0c'
const COOKIE = '21 12 a4 42'

function bytesOf(attributes: string, header = `00 01 LLLL ${COOKIE} ${ID}`): Uint8Array {
  const length = parseHex(attributes).length.toString(16).padStart(4, '0')
  return parseHex(header.replace('LLLL', length) + attributes)
}

function decoded(attributes: string): StunMessage {
  const message = new StunMessage()
  expect(message.decode(bytesOf(attributes))).toBeUndefined()
  return message
}

function seen(message: StunMessage): string[] {
  const types: string[] = []
  for (let at = message.firstAttribute; at !== -1; at = message.nextAttribute(at))
    types.push(message.typeAt(at).toString(16).padStart(4, '0'))
  return types
}

const SOFTWARE = '80 22 00 01 61 00 00 00'
const PRIORITY = '00 24 00 04 00 00 00 01'
const INTEGRITY = `00 08 00 14 ${'00 '.repeat(20)}`
const INTEGRITY_SHA256 = `00 1c 00 20 ${'00 '.repeat(32)}`
const FINGERPRINT = '80 28 00 04 00 00 00 00'

describe('StunMessage', () => {
  it('sees a message in the middle of a buffer without copying it', () => {
    const whole = bytesOf(SOFTWARE)
    const buffer = new Uint8Array(100).fill(0xff)
    buffer.set(whole, 64)
    const message = new StunMessage()
    expect(message.decode(buffer, 64, 64 + whole.length)).toBeUndefined()
    expect(message.transactionId.buffer).toBe(buffer.buffer)
    expect(message.valueAt(message.firstAttribute)).toEqual(Uint8Array.of(0x61))
    buffer[64 + 24] = 0x62
    expect(message.valueAt(message.firstAttribute)).toEqual(Uint8Array.of(0x62))
  })

  it('has no attributes when there are none', () => {
    const message = decoded('')
    expect(message.firstAttribute).toBe(-1)
    expect(message.has(AttributeType.SOFTWARE)).toBe(false)
  })

  it('takes any padding', () => {
    expect(seen(decoded('80 22 00 01 61 ff ff ff 80 22 00 00'))).toEqual(['8022', '8022'])
  })

  it('finds the first of several attributes of one type, and the next ones', () => {
    const message = decoded(`${PRIORITY} 80 22 00 00 ${PRIORITY}`)
    const first = message.find(0x0024)
    expect(first).toBe(20)
    expect(message.findNext(first)).toBe(32)
    expect(message.findNext(32)).toBe(-1)
  })

  it('knows its transaction id', () => {
    const message = decoded('')
    expect(message.hasTransactionId(parseHex(ID))).toBe(true)
    expect(message.hasTransactionId(parseHex(ID.replace('0c', '0d')))).toBe(false)
  })

  it.each([
    ['tooShort', parseHex('')],
    ['tooShort', bytesOf('').subarray(0, 19)],
    ['notStun', bytesOf('', `40 01 LLLL ${COOKIE} ${ID}`)],
    ['notStun', bytesOf('', `80 01 LLLL ${COOKIE} ${ID}`)],
    ['noMagicCookie', bytesOf('', `00 01 LLLL 21 12 a4 43 ${ID}`)],
    ['badLength', bytesOf('', `00 01 00 04 ${COOKIE} ${ID}`)],
    ['badLength', bytesOf('00 00 00', `00 01 00 03 ${COOKIE} ${ID}`)],
    ['badLength', bytesOf(SOFTWARE, `00 01 00 04 ${COOKIE} ${ID}`)],
    ['attributeOverrun', bytesOf('80 22 00 05 61 62 63 64')],
    ['attributeOverrun', bytesOf('80 22 ff ff')],
    ['fingerprintNotLast', bytesOf(FINGERPRINT + SOFTWARE)],
    ['fingerprintNotLast', bytesOf(FINGERPRINT + FINGERPRINT)],
  ])('refuses what is %s', (fault, bytes) => {
    const message = new StunMessage()
    message.decode(bytesOf(SOFTWARE))
    expect(message.decode(bytes)).toBe(fault)
    expect(message.firstAttribute).toBe(-1)
    expect(message.has(AttributeType.SOFTWARE)).toBe(false)
  })

  it('takes RFC 3489 messages when asked to', () => {
    const bytes = bytesOf(SOFTWARE, `00 01 LLLL 00 00 00 00 ${ID}`)
    const message = new StunMessage()
    expect(message.decodeWithClassic(bytes)).toBeUndefined()
    expect(message.isClassic).toBe(true)
    expect(message.decodeWithClassic(bytesOf(''))).toBeUndefined()
    expect(message.isClassic).toBe(false)
  })
})

// RFC 8489 §9
describe('attributes behind an integrity attribute', () => {
  it('are not seen, save MESSAGE-INTEGRITY-SHA256 and FINGERPRINT', () => {
    const message = decoded(SOFTWARE + INTEGRITY + PRIORITY + INTEGRITY_SHA256 + PRIORITY + FINGERPRINT)
    expect(seen(message)).toEqual(['8022', '0008', '001c', '8028'])
    expect(message.has(0x0024)).toBe(false)
  })

  it('are not seen behind MESSAGE-INTEGRITY-SHA256 alone', () => {
    const message = decoded(SOFTWARE + INTEGRITY_SHA256 + PRIORITY + FINGERPRINT)
    expect(seen(message)).toEqual(['8022', '001c', '8028'])
  })

  it('are not seen though MESSAGE-INTEGRITY follows MESSAGE-INTEGRITY-SHA256', () => {
    const message = decoded(INTEGRITY_SHA256 + PRIORITY + INTEGRITY + SOFTWARE)
    expect(seen(message)).toEqual(['001c'])
    expect(message.has(AttributeType.MESSAGE_INTEGRITY)).toBe(false)
  })

  it('are not seen if they are a second MESSAGE-INTEGRITY', () => {
    const message = decoded(INTEGRITY + INTEGRITY)
    expect(seen(message)).toEqual(['0008'])
    expect(message.findNext(20)).toBe(-1)
  })
})
