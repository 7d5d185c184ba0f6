import { SeededRandom } from '@crowfly/testkit'
import { assert, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatRoomLink,
  generateStandingCode,
  generateWordsCode,
  parseChosenCode,
  parseRoomCode,
  parseRoomLink,
  type RoomCode,
} from '../index.ts'

const host = 'https://call.example'
const canoe = { kind: 'words', nameplate: '4821', words: ['canoe', 'velvet', 'maple'] } as const

describe('a link', () => {
  it('has the words behind the #', () => {
    expect(formatRoomLink(host, canoe)).toBe('https://call.example/4821#canoe-velvet-maple')
    expect(formatRoomLink('https://a.example/call/', canoe)).toBe(
      'https://a.example/call/4821#canoe-velvet-maple',
    )
  })

  it('carries every kind of code, and nothing of the secret before the #', () => {
    const random = new SeededRandom(1)
    const chosen = parseChosenCode('Équipe', 'Under the rug, (50 %)!')
    const codes = [
      canoe,
      generateWordsCode('987654321', random),
      generateStandingCode('team', random),
      chosen,
    ]
    for (const code of codes) {
      expect(code).not.toHaveProperty('problem')
      const link = formatRoomLink(host, code as RoomCode)
      expect(parseRoomLink(link)).toEqual(code)
      expect(parseRoomCode(link)).toEqual(code)
      expect(link).toMatch(/^https:\/\/call\.example\/[\w%]+#=?[a-zA-Z0-9%-]*[a-zA-Z0-9]$/)
    }
  })

  it('carries any secret that is allowed', () => {
    assert(
      property(string({ unit: 'grapheme', minLength: 10, maxLength: 40 }), (secret) => {
        const code = parseChosenCode('team', secret)
        if ('problem' in code) return
        expect(parseRoomLink(formatRoomLink(host, code))).toEqual(code)
      }),
    )
  })

  it.each([
    ['call.example/4821#canoe-velvet-maple'],
    [' http://[::1]:8080/app/4821/?a=b#Canoe%20velvet%20maple '],
    ['https://call.example/4821/#cano-velv-mapl'],
  ])('is found in %j', (text) => expect(parseRoomLink(text)).toEqual(canoe))

  it.each([
    ['https://call.example/4821', 'linkWithoutSecret'],
    ['https://call.example/4821#', 'emptySecret'],
    ['https://call.example/4821#%zz', 'badSecret'],
    ['https://call.example/4821#-', 'badSecret'],
    ['https://call.example/4821#canoe-velvet', 'missingWords'],
    ['https://call.example/4821#canoe-velvet-xxxxx', 'unknownWord'],
    ['https://call.example/team#canoe-velvet-maple', 'badSecret'],
    ['https://call.example/team#=short', 'secretTooShort'],
    ['https://call.example/team#=%ff', 'badSecret'],
    ['https://call.example/4821#=0123456789', 'nameWithoutLetter'],
    ['https://call.example/', 'missingNameplate'],
    ['https://call.example#canoe-velvet-maple', 'missingNameplate'],
    ['https://call.example/48#canoe-velvet-maple', 'badNameplate'],
    ['https://call.example/%ff#canoe-velvet-maple', 'badNameplate'],
  ])('%j has the problem %s', (link, problem) =>
    expect(parseRoomLink(link)).toHaveProperty('problem', problem),
  )
})
