import type { MediaProblem } from '@crowfly/client'
import { describe, expect, it } from 'vitest'
import { copy, endActionLabel, endWords, mediaProblemWords, wordsOfEnd } from './copy.ts'

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
const starts = wordsOfEnd('tooManyTries', 'create')
const everything = [...textsIn(copy), ...textsIn(endWords), ...textsIn(starts), ...deviceTexts]

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

  it('never claim what is not so yet, shout or blame', () => {
    expect(everything.length).toBeGreaterThan(100)
    for (const text of everything) expect(text).not.toMatch(/encrypt|secure call|anonym|!|oops|sorry/i)
  })
})
