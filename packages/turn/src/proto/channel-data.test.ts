import { parseHex } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import {
  ChannelDataMessage,
  encodeChannelDataInPlace,
  isChannelData,
  isChannelNumber,
  isClassicChannelNumber,
} from './channel-data.ts'

describe('ChannelData', () => {
  it('is told by its first byte', () => {
    const first = (byte: number) => isChannelData(Uint8Array.of(byte), 0, 1)
    for (const byte of [0x40, 0x4f, 0x50, 0x7f]) expect(first(byte)).toBe(true)
    for (const byte of [0x00, 0x3f, 0x80, 0xff]) expect(first(byte)).toBe(false)
    expect(isChannelData(Uint8Array.of(0x40), 0, 0)).toBe(false)
  })

  it('has numbers from 0x4000 to 0x4FFF, and to 0x7FFF in RFC 5766', () => {
    expect([0x3fff, 0x4000, 0x4fff, 0x5000].map(isChannelNumber)).toEqual([false, true, true, false])
    expect([0x3fff, 0x4000, 0x7fff, 0x8000].map(isClassicChannelNumber)).toEqual([false, true, true, false])
  })

  it('is seen where it lies, whatever follows it', () => {
    const bytes = parseHex('ffff 4abc 0003 010203 00 00')
    const message = new ChannelDataMessage()
    expect(message.decode(bytes, 2)).toBeUndefined()
    expect(message.bytes).toBe(bytes)
    expect([message.channel, message.dataStart, message.dataEnd]).toEqual([0x4abc, 6, 9])
  })

  it('may be empty', () => {
    const message = new ChannelDataMessage()
    expect(message.decode(parseHex('4000 0000'))).toBeUndefined()
    expect([message.dataStart, message.dataEnd]).toEqual([4, 4])
  })

  it.each([
    ['tooShort', ''],
    ['tooShort', '400000'],
    ['notChannelData', '0001 0000'],
    ['notChannelData', '8000 0000'],
    ['badLength', '4000 0001'],
    ['badLength', '4000 0004 010203'],
  ])('is refused as %s: %s', (fault, hex) => {
    const message = new ChannelDataMessage()
    message.decode(parseHex('4000 0000'))
    expect(message.decode(parseHex(hex))).toBe(fault)
    expect([message.channel, message.bytes.length]).toEqual([0, 0])
  })

  it('does not read past its end into the rest of the buffer', () => {
    expect(new ChannelDataMessage().decode(parseHex('4000 0004 01020304'), 0, 7)).toBe('badLength')
  })
})

describe('encodeChannelDataInPlace', () => {
  it('puts the header before the payload', () => {
    const run = { bytes: parseHex('ffffffff ff 010203 ff'), start: 5, end: 8 }
    expect(encodeChannelDataInPlace(run, 0x4001, false)).toBe(true)
    expect(run).toEqual({ bytes: parseHex('ff 40010003 010203 ff'), start: 1, end: 8 })
  })

  it.each([
    ['', ''],
    ['01', '01000000'],
    ['010203', '01020300'],
    ['01020304', '01020304'],
  ])('pads %j on a stream, with zeros', (payload, padded) => {
    const bytes = new Uint8Array(16).fill(0xff)
    const data = parseHex(payload)
    bytes.set(data, 4)
    const run = { bytes, start: 4, end: 4 + data.length }
    expect(encodeChannelDataInPlace(run, 0x4000, true)).toBe(true)
    expect(bytes.slice(run.start + 4, run.end)).toEqual(parseHex(padded))
    const message = new ChannelDataMessage()
    expect(message.decode(bytes, run.start, run.end)).toBeUndefined()
    expect(message.dataEnd - message.dataStart).toBe(data.length)
  })

  it.each([
    ['head', 3, 8],
    ['tail', 4, 9],
  ])('changes nothing without room at the %s', (_, start, end) => {
    const bytes = new Uint8Array(9).fill(0xff)
    const run = { bytes, start, end }
    expect(encodeChannelDataInPlace(run, 0x4000, true)).toBe(false)
    expect(run).toEqual({ bytes: new Uint8Array(9).fill(0xff), start, end })
  })

  it('writes nothing behind the limit', () => {
    const run = { bytes: new Uint8Array(16).fill(0xff), start: 4, end: 5 }
    expect(encodeChannelDataInPlace(run, 0x4000, true, 7)).toBe(false)
    expect(encodeChannelDataInPlace(run, 0x4000, true, 8)).toBe(true)
    expect(run.bytes[8]).toBe(0xff)
  })

  it('refuses a number that is no channel’s, and what no length can say', () => {
    const misuse = expect.objectContaining({ code: 'TURN_CHANNEL' })
    const run = { bytes: new Uint8Array(70_000), start: 4, end: 4 + 65_536 }
    expect(() => encodeChannelDataInPlace(run, 0x4000, false)).toThrow(misuse)
    expect(() => encodeChannelDataInPlace({ ...run, end: 8 }, 0x8000, false)).toThrow(misuse)
  })
})
