import { decodeUtf8 } from '@crowfly/bytes'
import { SeededRandom } from '@crowfly/testkit'
import { assert, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  codePassword,
  formatSpokenCode,
  formatWordsCode,
  generateStandingCode,
  generateWordsCode,
  parseChosenCode,
  parseRoomCode,
  words,
} from '../index.ts'
import { isRoomName, isServerNameplate } from './nameplate.ts'
import { normalize } from './normalize.ts'

const canoe = { kind: 'words', nameplate: '4821', words: ['canoe', 'velvet', 'maple'] } as const

describe('a room code', () => {
  it('is made of random words, every one as likely', () => {
    const random = new SeededRandom(1)
    const seen = new Set<string>()
    for (let i = 0; i < 10_000; i++)
      for (const word of generateWordsCode('4821', random).words) seen.add(word)
    expect(seen.size).toBe(words.length)
  })

  it('reads back from what people read, and from what they say', () => {
    const random = new SeededRandom(2)
    for (let i = 0; i < 100; i++) {
      const code = generateWordsCode('123456', random)
      expect(parseRoomCode(formatWordsCode(code))).toEqual(code)
      expect(parseRoomCode(formatSpokenCode(code))).toEqual(code)
    }
    expect(formatWordsCode(canoe)).toBe('4821-canoe-velvet-maple')
    expect(formatSpokenCode(canoe)).toBe('4821 canoe velvet maple')
  })

  it.each([
    ['4821-canoe-velvet-maple'],
    [' 4821  Canoe, VELVET & maple.\n'],
    ['4821–canoe–velvet–maple'],
    ['４８２１　ｃａｎｏｅ　velvet　maple'],
    ['#4821_canoe_velvet_maple'],
    ['4821 cano velv mapl'],
    ['4821 canooe vlevet maple'],
    ['https://call.example:8443/4821#canoe-velvet-maple'],
  ])('is found in %j', (text) => expect(parseRoomCode(text)).toEqual(canoe))

  it('is lowered alike in every locale', () => {
    expect(parseRoomCode('4821 INSIDE VELVET MAPLE')).toMatchObject({ words: ['inside', 'velvet', 'maple'] })
  })

  it.each([
    ['', { problem: 'empty' }],
    [' - ', { problem: 'empty' }],
    ['4821', { problem: 'onlyNameplate' }],
    ['4821-', { problem: 'onlyNameplate' }],
    // A code that was all nameplate let anyone in: magic-wormhole's issue 193.
    ['4821-17-22-96', { problem: 'onlyNameplate' }],
    ['canoe velvet maple', { problem: 'missingNameplate' }],
    ['482 canoe velvet maple', { problem: 'badNameplate' }],
    ['4821a canoe velvet maple', { problem: 'badNameplate' }],
    ['1234567890 canoe velvet maple', { problem: 'badNameplate' }],
    ['4821 canoe', { problem: 'missingWords', count: 1 }],
    ['4821 canoe velvet', { problem: 'missingWords', count: 2 }],
    ['4821 canoe velvet maple canoe', { problem: 'tooManyWords' }],
    ['x'.repeat(5000), { problem: 'tooLong' }],
  ])('says of %j what is wrong', (text, problem) => expect(parseRoomCode(text)).toEqual(problem))

  it('says which word is unknown, and what might have been meant', () => {
    const problem = parseRoomCode('4821 canoe velxxt maple')
    expect(problem).toMatchObject({ problem: 'unknownWord', position: 1, word: 'velxxt' })
    expect(problem).toHaveProperty('suggestions', expect.arrayContaining(['velvet']))
  })
})

describe('a password', () => {
  it('is the words, the chosen secret or the random octets, without the nameplate', () => {
    expect(decodeUtf8(codePassword(canoe))).toBe('canoe-velvet-maple')
    expect(decodeUtf8(codePassword({ kind: 'chosen', nameplate: 'team', secret: 'Ünder the rug' }))).toBe(
      'Ünder the rug',
    )
    const standing = generateStandingCode('team', new SeededRandom(3))
    expect(standing.secret).toHaveLength(16)
    expect(codePassword(standing)).toEqual(standing.secret)
    expect(codePassword(standing)).not.toBe(standing.secret)
  })
})

describe('an own room', () => {
  it('has a name in one form and a secret by RFC 8265', () => {
    expect(parseChosenCode(' Team  STANDUP! ', 'Under\u00a0the rug')).toEqual({
      kind: 'chosen',
      nameplate: 'team-standup',
      secret: 'Under the rug',
    })
    expect(parseChosenCode('Rüdiger’s हिन्दी', 'he\u0301ron he\u0301ron')).toMatchObject({
      nameplate: 'rüdiger-s-हिन्दी',
      secret: 'héron héron',
    })
  })

  it.each([
    ['', '0123456789', 'missingNameplate'],
    ['--', '0123456789', 'missingNameplate'],
    ['4821', '0123456789', 'nameWithoutLetter'],
    ['n'.repeat(65), '0123456789', 'nameTooLong'],
    ['n'.repeat(5000), '0123456789', 'nameTooLong'],
    ['team', '', 'emptySecret'],
    ['team', '012345678', 'secretTooShort'],
    ['team', '🐦'.repeat(9), 'secretTooShort'],
    ['team', '01234567\u0000', 'secretNotAllowed'],
    ['team', 'x'.repeat(257), 'secretTooLong'],
    ['team', 'x'.repeat(5000), 'secretTooLong'],
  ])('named %j with the secret %j has a %s', (name, secret, problem) => {
    expect(parseChosenCode(name, secret)).toEqual({ problem })
  })
})

describe('normalising', () => {
  it('does nothing to what is normal, for any text', () => {
    assert(
      property(string({ unit: 'binary', maxLength: 40 }), (text) => {
        const once = normalize(text)
        expect(normalize(once)).toBe(once)
        expect(isServerNameplate(once) && isRoomName(once)).toBe(false)
      }),
      { numRuns: 300 },
    )
  })
})
