import { describe, expect, it } from 'vitest'
import { codeEntryHint, readCodeEntry, takeWord, tidyCodeEntry, type WordOffer } from './code-entry.ts'

const code = { kind: 'words', nameplate: '4821', words: ['canoe', 'velvet', 'maple'] }
const hint = (text: string, isPressed = false) => codeEntryHint(readCodeEntry(text), text, isPressed)

function offerOf(text: string, caret?: number): WordOffer {
  const { offer } = readCodeEntry(text, caret)
  if (offer === null) throw new RangeError(`nothing is offered for ${text}`)
  return offer
}

describe('what is typed, said or pasted into the code field', () => {
  it.each([
    '4821-canoe-velvet-maple',
    '4821 canoe velvet maple',
    ' 4821  Canoe, Velvet & MAPLE. ',
    '4821 cano velv mapl',
    '4821-canoe-velvet-mapel',
    '４８２１ canoe velvet maple',
    'https://call.example:8443/4821#canoe-velvet-maple',
    'call.example/4821/#Canoe%20velvet%20maple',
  ])('is read as the code in %s', (text) => {
    expect(readCodeEntry(text)).toMatchObject({ state: 'complete', code, problem: null })
  })

  it.each([
    ['', 'empty'],
    [' - ', 'empty'],
    ['4', 'incomplete'],
    ['482', 'incomplete'],
    ['4821', 'incomplete'],
    ['4821 ', 'incomplete'],
    ['4821 c', 'incomplete'],
    ['4821 canoe ve', 'incomplete'],
    ['canoe', 'wrong'],
    ['482 canoe', 'wrong'],
    ['4821 canoe vxl', 'wrong'],
    ['4821 canoe velvet maple acid', 'wrong'],
    ['1234567890', 'wrong'],
    ['k7qf2-x9m4d', 'wrong'],
    ['https://call.example/4821', 'wrong'],
    ['https://call.example/4821#', 'wrong'],
    ['https://call.example/', 'wrong'],
  ])('is, as %j, %s', (text, state) => {
    expect(readCodeEntry(text).state).toBe(state)
  })

  it('may be the link of a room of one’s own or of a standing one', () => {
    expect(readCodeEntry('https://call.example/book-club#=ten%20letters').code?.kind).toBe('chosen')
    expect(readCodeEntry(`call.example/4821#${'0af3'.repeat(8)}`).code?.kind).toBe('standing')
  })
})

describe('the line under the field', () => {
  it('counts the words that are missing', () => {
    expect(['4821', '4821 cano', '4821 canoe ve', '4821 canoe velvet '].map((text) => hint(text))).toEqual([
      'Three words follow.',
      'Two more words.',
      'Two more words.',
      'One more word.',
    ])
  })

  it('says in plain words what is wrong', () => {
    expect(hint('canoe velvet')).toContain('begins with its number')
    expect(hint('48 canoe')).toContain('four to nine digits')
    expect(hint('4821 canoe vxlvxt maple')).toContain('“vxlvxt” is no word of a code')
    expect(hint('4821 canoe velvet maple acid')).toContain('three words')
    expect(hint('https://call.example/4821')).toContain('lost its end')
    expect(hint('https://call.example/4821#')).toContain('lost what stood behind')
    expect(hint('https://call.example/about-us#=%zz')).toContain('no secret')
  })

  it('says what is missing once Connect is pressed', () => {
    expect(hint('', true)).toBe('Enter the code that you were sent.')
    expect(hint('4821', true)).toContain('three words after the number are missing. A code looks like')
    expect(hint('4821 canoe', true)).toBe('Two words are missing.')
    expect(hint('4821 canoe ve', true)).toBe('Two more words.')
    expect(hint('4821 canoe velvet ma', true)).toContain('“ma” is no word')
  })

  it('tells how a mended word was understood, and nothing of what was right', () => {
    expect(hint('4821-canoe-velvt-mapl')).toBe('Read as 4821 canoe velvet maple')
    expect(hint('4821-Canoe-velvet-maple')).toBe('')
    expect(hint('https://call.example/4821#canoe-velvet-maple')).toBe('')
    expect(hint('')).toBe('')
  })
})

describe('the parts that are drawn', () => {
  it('are the number and its words, with what is open or wrong apart', () => {
    const drawn = (text: string, caret?: number) =>
      readCodeEntry(text, caret).parts.map(({ start, end, kind }) => `${text.slice(start, end)} ${kind}`)
    expect(drawn('4821-canoe vxl ma')).toEqual(['4821 number', 'canoe word', 'vxl wrong', 'ma open'])
    expect(drawn('48')).toEqual(['48 open'])
    expect(drawn('4821 ma canoe', 13)).toEqual(['4821 number', 'ma wrong', 'canoe word'])
    expect(drawn('https://call.example/4821#canoe')).toEqual([])
  })
})

describe('the words that are offered', () => {
  it('are at most five that begin with what is typed', () => {
    expect(offerOf('4821 ca').words).toHaveLength(5)
    expect(offerOf('4821 can').words.every((word) => word.startsWith('can') && word !== 'can')).toBe(true)
    expect(offerOf('4821 velv')).toMatchObject({ words: ['velvet'], isCorrection: false })
  })

  it('are those for the word where one types', () => {
    const text = '4821 canoe velve zzz'
    expect(offerOf(text, text.indexOf(' zzz')).words).toEqual(['velvet'])
  })

  it('are those that may be meant by a word that is none', () => {
    const { words, isCorrection } = offerOf('4821 canoe velxxt maple')
    expect(isCorrection).toBe(true)
    expect(words).toContain('velvet')
  })

  it('are none for one letter, a whole word, a number or a link', () => {
    for (const text of ['4821 c', '4821 canoe', '4821', '48 can', 'a.example/4821#ca'])
      expect(readCodeEntry(text).offer).toBeNull()
  })

  it('are none for a whole code, although its last word begins others', () => {
    expect(readCodeEntry('4821 canoe velvet can')).toMatchObject({ state: 'complete', offer: null })
    expect(readCodeEntry('4821 canoe velvet mapl')).toMatchObject({ state: 'complete', offer: null })
  })

  it('take the place of what was typed', () => {
    expect(takeWord('4821 ca', offerOf('4821 ca'), 'canoe')).toEqual({ text: '4821 canoe ', caret: 11 })
    const last = '4821 canoe velvet map'
    expect(takeWord(last, offerOf(last), 'maple')).toEqual({ text: '4821 canoe velvet maple', caret: 23 })
    const middle = '4821 canoe velxxt maple'
    expect(takeWord(middle, offerOf(middle), 'velvet').text).toBe('4821 canoe velvet maple')
  })
})

describe('the text that the field shows when nobody types', () => {
  it.each([
    ['4821-cano-velv-mapl', '4821 canoe velvet maple'],
    ['https://call.example/4821#canoe-velvet-maple', '4821 canoe velvet maple'],
    ['https://call.example/4821#canoe-vxlvxt%20maple', '4821 canoe vxlvxt maple'],
    ['https://call.example/4821', 'https://call.example/4821'],
    ['4821 canoe', '4821 canoe'],
    ['call.example/book-club#=ten%20letters', 'call.example/book-club#=ten%20letters'],
  ])('of %s is %s', (text, shown) => {
    expect(tidyCodeEntry(text)).toBe(shown)
  })
})
