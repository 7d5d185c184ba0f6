import { assert, property, uint8Array } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { equalConstantTime } from './equal.ts'

describe('equalConstantTime', () => {
  it('is true for the same bytes and false when any one bit differs', () => {
    assert(
      property(uint8Array({ minLength: 1, maxLength: 32 }), (bytes) => {
        expect(equalConstantTime(bytes, Uint8Array.from(bytes))).toBe(true)
        for (let bit = 0; bit < bytes.length * 8; bit++) {
          const other = Uint8Array.from(bytes)
          other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7))
          expect(equalConstantTime(bytes, other)).toBe(false)
        }
      }),
      { numRuns: 20 },
    )
  })

  it('is false for another length and true for nothing', () => {
    expect(equalConstantTime(Uint8Array.of(1), Uint8Array.of(1, 0))).toBe(false)
    expect(equalConstantTime(new Uint8Array(), new Uint8Array())).toBe(true)
  })
})
