import type { MediaProblem } from '@crowfly/client'
import type { RoomCodeProblem } from '@crowfly/pairing'
import { describe, expect, it } from 'vitest'
import {
  type CodeOrigin,
  codeProblemWords,
  copy,
  endActionLabel,
  endWords,
  mediaProblemWords,
  noticeWords,
  trustWords,
  wordsOfEnd,
} from './copy.ts'

const problems: readonly MediaProblem[] = [
  'insecureContext',
  'denied',
  'dismissed',
  'notFound',
  'inUse',
  'unsupported',
  'ended',
]

/** Every text in a nest of texts and of functions that make them. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value === 'function') return [String(value('Ann'))]
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(textsIn)
  return []
}

const deviceTexts = problems.flatMap((problem) =>
  (['camera', 'microphone', 'both'] as const).flatMap((device) =>
    textsIn(mediaProblemWords(problem, device)),
  ),
)
const simpleProblems = [
  'empty',
  'tooLong',
  'missingNameplate',
  'badNameplate',
  'onlyNameplate',
  'linkWithoutSecret',
  'emptySecret',
  'badSecret',
  'tooManyWords',
  'nameWithoutLetter',
  'nameTooLong',
  'secretTooShort',
  'secretTooLong',
  'secretNotAllowed',
] as const
const codeProblems: readonly RoomCodeProblem[] = [
  ...simpleProblems.map((problem) => ({ problem })),
  { problem: 'missingWords', count: 1 },
  { problem: 'missingWords', count: 2 },
  { problem: 'unknownWord', position: 1, word: 'velxxt', suggestions: ['velvet'] },
  { problem: 'unknownWord', position: 1, word: 'velxxt', suggestions: [] },
]
const origins: readonly CodeOrigin[] = ['typed', 'link', 'own']
const codeTexts = origins.flatMap((origin) =>
  codeProblems.map((problem) => codeProblemWords(problem, origin)),
)

const starts = wordsOfEnd('tooManyTries', 'create')
const everything = [...textsIn(copy), ...textsIn(endWords), ...textsIn(starts), ...deviceTexts, ...codeTexts]

describe('the words of the app', () => {
  it('give each dead end a title of its own, a meaning, and something to do', () => {
    const ends = [...Object.values(endWords), starts]
    const titles = ends.map(({ title }) => title)
    expect(new Set(titles).size).toBe(titles.length)
    for (const { body, actions } of ends) {
      expect(body).toMatch(/\.$/)
      expect(actions.length).toBeGreaterThan(0)
      expect(actions.every((action) => endActionLabel[action] !== '')).toBe(true)
    }
  })

  it('speak of guessed codes only to who tried a code', () => {
    expect(wordsOfEnd('tooManyTries', 'join').body).toContain('guess codes')
    expect(starts.body).not.toContain('code')
    expect(wordsOfEnd('left', 'create')).toBe(endWords.left)
  })

  it('give each problem with a device a title of its own', () => {
    const titles = problems.map((problem) => mediaProblemWords(problem, 'camera').title)
    expect(new Set(titles).size).toBe(problems.length)
  })

  it('say of each problem with a code what it is, and where its words or its secret belong', () => {
    for (const text of codeTexts) expect(text).toMatch(/[.?]$/)
    expect(new Set(codeProblems.map((problem) => codeProblemWords(problem, 'typed'))).size).toBe(
      codeProblems.length,
    )
    expect(codeProblemWords({ problem: 'linkWithoutSecret' }, 'link')).toContain('add the words')
    expect(codeProblemWords({ problem: 'linkWithoutSecret' }, 'own')).not.toContain('words')
  })

  it('claim no more than is so, and never shout or blame', () => {
    expect(everything.length).toBeGreaterThan(150)
    for (const text of everything)
      expect(text).not.toMatch(/encrypt|secure call|anonym|nobody can join|100 ?%|!|oops|sorry/i)
  })

  it('claim encryption in one sentence, and only of a connection that is proven', () => {
    expect(trustWords('code')).toBe('End-to-end encrypted: only people with this code')
    expect(trustWords('pending')).not.toMatch(/encrypt|verified|secure|private|safe/i)
  })

  it('never say that a code is right or wrong where nobody vouches for it', () => {
    expect(endWords.wrongCode.title).toBe('Wrong code, or the server refuses')
    expect(endWords.nobodyThere.body).not.toMatch(/code is right/)
  })

  it('name who was cut off or sees more than oneself, and what to do', () => {
    expect(noticeWords({ kind: 'memberHidden', name: 'Bob' })).toMatch(/^Bob sees .*Ask who it is\.$/)
    expect(noticeWords({ kind: 'peerUnproven', name: 'Bob' })).toMatch(/^Bob was cut off.*make a new code\.$/)
  })
})
