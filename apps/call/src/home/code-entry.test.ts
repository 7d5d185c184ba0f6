import { describe, expect, it } from 'vitest'
import { codeEntryHint, readCodeEntry, tidyCodeEntry } from './code-entry.ts'

const complete = { state: 'complete', code: 'k7qf2x9m4d' }

describe('what is typed or pasted into the code field', () => {
  it.each([
    'k7qf2x9m4d',
    'K7QF2-X9M4D',
    '  k7qf2 x9m4d ',
    'https://call.example:8443/k7qf2x9m4d',
    'call.example/k7qf2-x9m4d/',
    'http://10.0.0.7:8443/K7QF2X9M4D?from=mail#top',
  ])('is read as the code in %s', (text) => {
    expect(readCodeEntry(text)).toEqual(complete)
  })

  it('is forgiven what sounds or looks alike', () => {
    expect(readCodeEntry('o1lI0abcde')).toEqual({ state: 'complete', code: '01110abcde' })
  })

  it('counts what is missing', () => {
    expect(readCodeEntry('k7qf2-x9')).toEqual({ state: 'incomplete', missing: 3 })
    expect(codeEntryHint(readCodeEntry('k7qf2-x9m4'))).toBe('One more character')
  })

  it('is told what is wrong with it', () => {
    expect(codeEntryHint(readCodeEntry('k7qu'))).toContain('letter u')
    expect(codeEntryHint(readCodeEntry('k7q!'))).toContain('“!”')
    expect(codeEntryHint(readCodeEntry('k7qf2x9m4dd'))).toContain('longer than a code')
    expect(codeEntryHint(readCodeEntry('https://call.example/about'))).toContain('no code at its end')
  })

  it('is called a broken link where it came out of one', () => {
    for (const text of ['hello', 'k7qf2u', 'k7qf2x9m4dd']) {
      expect(codeEntryHint(readCodeEntry(text), true)).toContain('This link holds no whole code')
    }
    expect(codeEntryHint(readCodeEntry('k7qf2x9m4d'), true)).toBe('')
    expect(codeEntryHint(readCodeEntry(''), true)).toBe('')
  })

  it('has nothing to say of an empty or a complete field', () => {
    for (const text of [' ', 'k7qf2x9m4d']) expect(codeEntryHint(readCodeEntry(text))).toBe('')
  })
})

describe('the text that the code field shows', () => {
  it('gets its hyphen as one types', () => {
    expect(tidyCodeEntry('k7qf', 'k7q')).toBe('k7qf')
    expect(tidyCodeEntry('k7qf2', 'k7qf')).toBe('k7qf2-')
    expect(tidyCodeEntry('k7qf2-x', 'k7qf2-')).toBe('k7qf2-x')
  })

  it('lets the hyphen be deleted', () => {
    expect(tidyCodeEntry('k7qf2', 'k7qf2-')).toBe('k7qf2')
  })

  it('becomes the code alone when a link is pasted', () => {
    expect(tidyCodeEntry('https://call.example/K7QF2X9M4D', '')).toBe('k7qf2-x9m4d')
  })

  it('stays as it is while something is wrong with it', () => {
    expect(tidyCodeEntry('K7qu', 'K7q')).toBe('K7qu')
  })
})
