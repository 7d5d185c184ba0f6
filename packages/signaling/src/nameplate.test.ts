import { SeededRandom } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { formatNameplate, generateNameplate, parseNameplate } from './index.ts'

describe('a nameplate', () => {
  it('is ten characters of Crockford base32, and reads back from the form that people see', () => {
    const random = new SeededRandom(1)
    for (let i = 0; i < 100; i++) {
      const nameplate = generateNameplate(random)
      expect(nameplate).toMatch(/^[0-9a-hjkmnp-tv-z]{10}$/)
      expect(parseNameplate(formatNameplate(nameplate))).toBe(nameplate)
    }
  })

  it('is shown in two halves', () => {
    expect(formatNameplate('k7qf2x9m4d')).toBe('k7qf2-x9m4d')
  })

  it.each([
    ['k7qf2x9m4d'],
    ['K7QF2X9M4D'],
    [' k7qf2-x9m4d\n'],
    ['k7 qf2 x9 m4d'],
    ['K7QF2–X9M4D'],
    ['https://call.example:8443/k7qf2x9m4d'],
    ['https://call.example/k7qf2-x9m4d/?a=b#secret'],
    ['call.example/k7qf2x9m4d'],
  ])('is found in %j', (text) => {
    expect(parseNameplate(text)).toBe('k7qf2x9m4d')
  })

  it('takes the letters for digits that people mistake for them', () => {
    expect(parseNameplate('OoIiLl2345')).toBe('0011112345')
  })

  it.each([
    [''],
    ['k7qf2x9m4'],
    ['k7qf2x9m4dd'],
    ['k7qf2x9m4u'],
    ['k7qf2x9m4é'],
    ['https://call.example/'],
    ['x'.repeat(5000)],
  ])('is not found in %j', (text) => {
    expect(parseNameplate(text)).toBeNull()
  })
})
