import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { completeWord, recogniseWord, suggestWords, words } from '../index.ts'
import { editDistance, mayBeWithin } from './edit-distance.ts'

describe('the words', () => {
  it('are 2048 of three to eight small letters, and four letters tell them apart', () => {
    expect(words).toHaveLength(2048)
    for (const word of words) expect(word).toMatch(/^[a-z]{3,8}$/)
    expect(new Set(words.map((word) => word.slice(0, 4))).size).toBe(2048)
  })

  it('come from a module that brings nothing else', () => {
    const file = new URL(import.meta.resolve('@scure/bip39/wordlists/english.js'))
    expect(readFileSync(file, 'utf8')).not.toMatch(/\b(import|require)\b[^\n]*['"]/)
  })

  it('are offered while somebody types', () => {
    expect(completeWord('cano')).toEqual(['canoe'])
    expect(completeWord('can')).toEqual(['can', 'canal', 'cancel', 'candy', 'cannon'])
    expect(completeWord('can', 2)).toEqual(['can', 'canal'])
    expect(completeWord('canoes')).toEqual([])
  })
})

describe('a typed word', () => {
  it('is taken as it is, also where it begins another or is near one', () => {
    for (const word of words) expect(recogniseWord(word)).toBe(word)
  })

  it('is completed from its first four letters', () => {
    for (const word of words) expect(recogniseWord(word.slice(0, 4))).toBe(word)
    expect(recogniseWord('can')).toBe('can')
    expect(recogniseWord('velv')).toBe('velvet')
  })

  it.each([
    ['canooe', 'canoe'],
    ['vevet', 'velvet'],
    ['vlevet', 'velvet'],
    ['canow', 'canoe'],
    ['zebrs', 'zebra'],
  ])('is mended: %s is %s', (typed, word) => expect(recogniseWord(typed)).toBe(word))

  it.each(['', 'c', 'zzzzzz', 'aple', 'caño', 'mapke'])('is not guessed: %s', (typed) => {
    expect(recogniseWord(typed)).toBeUndefined()
  })

  it('that is unknown brings what might have been meant, the nearest first', () => {
    expect(suggestWords('cofee')[0]).toBe('coffee')
    expect(suggestWords('velxxt')).toContain('velvet')
    expect(suggestWords('zzzzzz')).toEqual([])
    for (const typed of ['ba', 'cat', 'wall', 'x'.repeat(5000)])
      expect(suggestWords(typed).length).toBeLessThanOrEqual(5)
  })
})

describe('the edit distance', () => {
  it.each([
    ['', '', 0],
    ['abc', 'abc', 0],
    ['abc', 'ab', 1],
    ['abc', 'xabc', 1],
    ['abc', 'axc', 1],
    ['abc', 'bac', 1],
    ['abc', '', 3],
    ['canoe', 'maple', 3],
  ])('of %j and %j is %i', (a, b, distance) => {
    for (const limit of [0, 1, 2, 3, 9]) {
      const known = distance > limit ? Infinity : distance
      expect(editDistance(a, b, limit)).toBe(known)
      expect(editDistance(b, a, limit)).toBe(known)
      expect(mayBeWithin(limit, a, b) || known > limit).toBe(true)
    }
  })

  it('is never too small for words that do not share their letters', () => {
    let passed = 0
    for (const a of words.slice(0, 200)) {
      for (const b of words.slice(100, 300)) {
        if (mayBeWithin(1, a, b)) passed++
        else expect(editDistance(a, b, 1)).toBe(Infinity)
      }
    }
    expect(passed).toBeLessThan(4000)
  })
})
