import { parseRoomCode } from '@crowfly/pairing'
import { describe, expect, it } from 'vitest'
import { readArrival } from './arrival.ts'

const code = parseRoomCode('4821-canoe-velvet-maple')
const words = 'problem' in code ? null : code
const nothing = () => null

describe('what an address brings', () => {
  it('is nothing at the home page', () => {
    expect(readArrival('', null, nothing)).toEqual({ kind: 'none' })
    expect(readArrival('', 'canoe-velvet-maple', nothing)).toEqual({ kind: 'none' })
  })

  it('is the code of a link', () => {
    expect(readArrival('4821', 'canoe-velvet-maple', nothing)).toEqual({ kind: 'code', code })
    expect(readArrival('4821', 'Canoe%20velvet%20maple', nothing)).toEqual({ kind: 'code', code })
  })

  it('is the code that the tab has seen where the link was taken out of the address', () => {
    expect(readArrival('4821', null, () => words)).toEqual({ kind: 'code', code })
  })

  it('is the link’s own secret, whatever the tab has seen', () => {
    expect(readArrival('4821', 'acid-acid-acid', () => words)).toMatchObject({
      kind: 'code',
      code: { words: ['acid', 'acid', 'acid'] },
    })
  })

  it('keeps what can be mended of a link that does not work', () => {
    expect(readArrival('4821', 'canoe-vxlvxt-maple', nothing)).toMatchObject({
      kind: 'broken',
      room: '4821',
      words: 'canoe vxlvxt maple',
      problem: { problem: 'unknownWord', word: 'vxlvxt' },
    })
    expect(readArrival('4821', null, nothing)).toMatchObject({ problem: { problem: 'linkWithoutSecret' } })
    expect(readArrival('4821', '', nothing)).toMatchObject({ problem: { problem: 'emptySecret' } })
    expect(readArrival('about-us', null, nothing)).toMatchObject({ kind: 'broken', room: 'about-us' })
    expect(readArrival('4821', '%', nothing)).toMatchObject({ kind: 'broken', words: '' })
  })

  it('shows nothing of a secret that somebody made up', () => {
    expect(readArrival('book-club', '=too%20short', nothing)).toMatchObject({ kind: 'broken', words: '' })
  })
})
