import { gzipSync } from 'node:zlib'
import { assert, property, uint8Array } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crc32 } from './crc32.ts'

const check = new TextEncoder().encode('123456789')

describe('crc32', () => {
  it('gives the catalogued check value', () => {
    expect(crc32(check) >>> 0).toBe(0xcbf43926)
  })

  it('is zero for nothing', () => {
    expect(crc32(new Uint8Array())).toBe(0)
  })

  it('covers only the range it is given', () => {
    const padded = Uint8Array.of(7, 7, ...check, 7)
    expect(crc32(padded, 2, 11) >>> 0).toBe(0xcbf43926)
  })

  it('agrees with the trailer that zlib writes, for any bytes', () => {
    assert(
      property(uint8Array({ maxLength: 600 }), (bytes) => {
        const file = gzipSync(bytes)
        expect(crc32(bytes) >>> 0).toBe(file.readUInt32LE(file.length - 8))
      }),
    )
  })
})
