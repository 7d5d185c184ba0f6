import { describe, expect, it } from 'vitest'
import { prepareOpaqueString } from './opaque-string.ts'

// RFC 8265 §4.2.3, tables 7 and 8
describe('RFC 8265’s examples of OpaqueString', () => {
  it.each([
    'correct horse battery staple',
    'Correct Horse Battery Staple',
    '\u03C0\u00DF\u00E5',
    'Jack of \u2666s',
  ])('takes "%s" as it is', (text) => {
    expect(prepareOpaqueString(text)).toBe(text)
  })

  it('maps other spaces to U+0020', () => {
    expect(prepareOpaqueString('foo\u1680bar')).toBe('foo bar')
  })

  it('refuses the empty string and control characters', () => {
    expect(prepareOpaqueString('')).toBeUndefined()
    expect(prepareOpaqueString('my cat is a \u0009by')).toBeUndefined()
  })
})

describe('OpaqueString', () => {
  it('composes, but keeps case, width and compatibility characters', () => {
    expect(prepareOpaqueString('he\u0301ron')).toBe('h\u00E9ron')
    expect(prepareOpaqueString('\uFF21\u2168')).toBe('\uFF21\u2168')
  })

  it.each([
    ['a null', 'a\u0000'],
    ['a soft hyphen', 'a\u00ADb'],
    ['a zero width space', 'a\u200Bb'],
    ['a joiner, wherever it is', '\u0928\u094D\u200D'],
    ['a line separator', 'a\u2028b'],
    ['a lone surrogate', 'a\uD800'],
    ['a private character', 'a\uE000'],
    ['an unassigned one', 'a\u0378'],
    ['a noncharacter', 'a\uFFFE'],
    ['a conjoining jamo', '\u1100\u1161'],
    ['a tatweel', 'a\u0640'],
    ['a variation selector', '\u2764\uFE0F'],
  ])('refuses %s', (_, text) => {
    expect(prepareOpaqueString(text)).toBeUndefined()
  })

  it.each([
    ['a middle dot', 'l\u00B7l', 'a\u00B7l'],
    ['a Greek numeral sign', '\u0375\u03B1', '\u0375a'],
    ['a geresh', '\u05D0\u05F3', 'a\u05F3'],
    ['a katakana middle dot', '\u30DE\u30FB\u30C8', 'a\u30FBb'],
    ['Arabic-Indic digits', '\u0661\u0662', '\u0661\u06F2'],
  ])('takes %s only in its context', (_, right, wrong) => {
    expect(prepareOpaqueString(right)).toBe(right)
    expect(prepareOpaqueString(wrong)).toBeUndefined()
  })
})
