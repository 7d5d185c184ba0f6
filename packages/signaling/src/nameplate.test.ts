import { SeededRandom } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { generateNameplate, isNameplate, isServerNameplate } from './nameplate.ts'

describe('nameplates of a server', () => {
  it('have as many digits as asked for, the leading zeros too', () => {
    const random = new SeededRandom(1)
    const nameplates = Array.from({ length: 2000 }, () => generateNameplate(random, 4))
    expect(nameplates.every((nameplate) => /^[0-9]{4}$/.test(nameplate))).toBe(true)
    expect(nameplates.some((nameplate) => nameplate.startsWith('0'))).toBe(true)
    expect(generateNameplate(random, 9)).toMatch(/^[0-9]{9}$/)
  })

  it('are spread over all that there are', () => {
    const random = new SeededRandom(2)
    const thousands = new Set(Array.from({ length: 500 }, () => generateNameplate(random, 4).charAt(0)))
    expect(thousands.size).toBe(10)
  })
})

describe('what a room can be called', () => {
  it('is four to nine digits, or a name that is not digits only', () => {
    for (const text of ['4821', '000000000', 'kitchen', 'raum-1', 'küche'])
      expect(isNameplate(text)).toBe(true)
    for (const text of ['', '482', '0000000000', 'ü'.repeat(97)]) expect(isNameplate(text)).toBe(false)
    expect(isNameplate('ü'.repeat(96))).toBe(true)
    expect(isServerNameplate('kitchen')).toBe(false)
  })
})
