import { assert, constantFrom, property, string, uint8Array } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase64url, encodeBase64url } from './base64url.ts'

const ascii = (text: string) => new TextEncoder().encode(text)

describe('base64url', () => {
  // RFC 4648 §10, without the padding.
  it.each([
    ['', ''],
    ['f', 'Zg'],
    ['fo', 'Zm8'],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg'],
    ['fooba', 'Zm9vYmE'],
    ['foobar', 'Zm9vYmFy'],
  ])('writes %j as %j and reads it back', (plain, text) => {
    expect(encodeBase64url(ascii(plain))).toBe(text)
    expect(decodeBase64url(text)).toEqual(ascii(plain))
  })

  it('uses the characters that are safe in a URL', () => {
    expect(encodeBase64url(Uint8Array.of(0xfb, 0xff, 0xbf))).toBe('-_-_')
  })

  it('encodes only the range it is given', () => {
    expect(encodeBase64url(ascii('xfoobarx'), 1, 7)).toBe('Zm9vYmFy')
    expect(encodeBase64url(ascii('xfx'), 1, 2)).toBe('Zg')
  })

  it('writes 16 bytes as 22 characters', () => {
    expect(encodeBase64url(new Uint8Array(16))).toHaveLength(22)
  })

  it('reads back what it wrote, and agrees with Node, for any bytes', () => {
    assert(
      property(uint8Array({ maxLength: 100 }), (bytes) => {
        const text = encodeBase64url(bytes)
        expect(text).toBe(Buffer.from(bytes).toString('base64url'))
        expect(decodeBase64url(text)).toEqual(bytes)
      }),
    )
  })

  it.each(['A', 'AAAAA', 'Zg==', 'Zm9v\n', ' Zm9v', 'Zm+v', 'Zm/v', 'Zmé', 'Zm9v€', 'Z\u0000'])(
    'refuses %j',
    (text) => {
      expect(decodeBase64url(text)).toBeUndefined()
    },
  )

  it('writes a long run in pieces, the same as Node', () => {
    for (const length of [3071, 3072, 3073, 10_000]) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 31) & 0xff)
      expect(encodeBase64url(bytes)).toBe(Buffer.from(bytes).toString('base64url'))
    }
  })

  it('refuses set bits past the last byte', () => {
    expect(decodeBase64url('Zh')).toBeUndefined()
    expect(decodeBase64url('Zm9')).toBeUndefined()
  })

  it('accepts a text only if it is the one that encoding gives, for any text', () => {
    const text = string({ unit: constantFrom(...'AQgwZm9v-_+/=é'), maxLength: 12 })
    assert(
      property(text, (text) => {
        const bytes = decodeBase64url(text)
        if (bytes !== undefined) expect(encodeBase64url(bytes)).toBe(text)
      }),
    )
  })
})
