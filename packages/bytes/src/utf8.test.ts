import { assert, property, string, uint8Array } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeUtf8, encodeUtf8, encodeUtf8Into } from './utf8.ts'

describe('utf8', () => {
  // RFC 3629 §7
  it.each([
    ['A≢Α.', [0x41, 0xe2, 0x89, 0xa2, 0xce, 0x91, 0x2e]],
    ['한국어', [0xed, 0x95, 0x9c, 0xea, 0xb5, 0xad, 0xec, 0x96, 0xb4]],
    ['日本語', [0xe6, 0x97, 0xa5, 0xe6, 0x9c, 0xac, 0xe8, 0xaa, 0x9e]],
    ['\uFEFF𣎴', [0xef, 0xbb, 0xbf, 0xf0, 0xa3, 0x8e, 0xb4]],
  ])('writes %s as the RFC does and reads it back, byte order mark included', (text, bytes) => {
    expect([...encodeUtf8(text)]).toEqual(bytes)
    expect(decodeUtf8(Uint8Array.from(bytes))).toBe(text)
  })

  it.each([
    ['a lone continuation byte', [0x80]],
    ['a cut sequence', [0xe2, 0x89]],
    ['an overlong form', [0xc0, 0x80]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['more than U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['a byte that never occurs', [0xff]],
  ])('refuses %s', (_, bytes) => {
    expect(decodeUtf8(Uint8Array.from(bytes))).toBeUndefined()
    // A failed decode leaves nothing behind in the decoder.
    expect(decodeUtf8(encodeUtf8('ok'))).toBe('ok')
  })

  it('replaces a lone surrogate', () => {
    expect([...encodeUtf8('\ud800')]).toEqual([0xef, 0xbf, 0xbd])
  })

  it('encodes into a buffer only if all of it fits, for any text', () => {
    assert(
      property(string({ unit: 'binary', maxLength: 20 }), (text) => {
        const bytes = encodeUtf8(text)
        const target = new Uint8Array(bytes.length)
        expect(encodeUtf8Into(text, target)).toBe(bytes.length)
        expect(target).toEqual(bytes)
        if (bytes.length > 0) expect(encodeUtf8Into(text, target.subarray(1))).toBe(-1)
      }),
    )
  })

  it('decodes exactly what encodes back to the same bytes, for any bytes', () => {
    assert(
      property(uint8Array({ maxLength: 8 }), (bytes) => {
        const text = decodeUtf8(bytes)
        if (text !== undefined) expect(encodeUtf8(text)).toEqual(bytes)
      }),
    )
  })
})
