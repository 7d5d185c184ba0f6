import {
  completeWord,
  formatSpokenCode,
  parseRoomCode,
  type RoomCode,
  type RoomCodeProblem,
  recogniseWord,
  suggestWords,
} from '@crowfly/pairing'
import { codeProblemWords, copy } from '../copy.ts'

/** A stretch of the text, from `start` to before `end`, and how it is drawn. */
export interface CodePart {
  readonly start: number
  readonly end: number
  /** `open` is being typed and may still become a word. */
  readonly kind: 'number' | 'word' | 'open' | 'wrong'
}

/** Words to put in the place of a stretch of the text. */
export interface WordOffer {
  readonly start: number
  readonly end: number
  readonly words: readonly string[]
  /** What stands there is no word; otherwise it is one that is being typed. */
  readonly isCorrection: boolean
}

/** What the text in the code field amounts to. */
export interface CodeEntry {
  readonly state: 'empty' | 'incomplete' | 'complete' | 'wrong'
  /** The code of a complete entry. */
  readonly code: RoomCode | null
  /** Why it is not complete. */
  readonly problem: RoomCodeProblem | null
  readonly parts: readonly CodePart[]
  readonly offer: WordOffer | null
  /** Words that are still to come, beside the one that is being typed; 0 when the number is not finished either. */
  readonly wordsLeft: number
}

interface Token {
  readonly start: number
  readonly end: number
  /** In the form in which words are compared. */
  readonly text: string
}

/** From this many letters on, the words that begin with them are few enough to be offered. */
const offeredFrom = 2

/** Reads what was typed, pasted or scanned: a code, a part of one, or a link. `caret` is where one types. */
export function readCodeEntry(text: string, caret: number = text.length): CodeEntry {
  const parsed = parseRoomCode(text)
  const problem = 'problem' in parsed ? parsed : null
  const code = 'problem' in parsed ? null : parsed
  const tokens = text.includes('/') ? [] : tokensIn(text)
  const parts = tokens.map((token, index) => partOf(token, index, tokens.length, caret))
  return {
    state: code !== null ? 'complete' : stateOf(problem, parts),
    code,
    problem,
    parts,
    // A whole code needs no words; what lies over Connect would be in the way.
    offer: code === null ? offerFor(tokens, parts, caret) : null,
    wordsLeft:
      parts[0]?.kind === 'number' ? Math.max(0, 3 - parts.filter(({ kind }) => kind === 'word').length) : 0,
  }
}

/** The line under the field; empty when there is nothing to say. `isPressed`: Connect was pressed with this. */
export function codeEntryHint(entry: CodeEntry, text: string, isPressed: boolean): string {
  if (entry.code !== null) {
    if (entry.code.kind !== 'words') return ''
    const understood = formatSpokenCode(entry.code)
    const typed = tokensIn(text).map((token) => token.text)
    return text.includes('/') || typed.join(' ') === understood ? '' : copy.code.readAs(understood)
  }
  const { problem } = entry
  if (problem === null || (entry.state === 'empty' && !isPressed)) return ''
  if (entry.state === 'wrong') return codeProblemWords(problem, text.includes('/') ? 'link' : 'typed')
  if (isPressed) return pressedHint(entry, problem)
  return entry.wordsLeft > 0 ? copy.code.wordsLeft(entry.wordsLeft) : ''
}

/** The text with an offered word in its place, and where one types on. */
export function takeWord(text: string, offer: WordOffer, word: string): { text: string; caret: number } {
  const rest = text.slice(offer.end)
  const before = `${text.slice(0, offer.start)}${word}`
  const isLast = tokensIn(before).length > 3
  const separated = isLast || rest !== '' ? before : `${before} `
  return { text: `${separated}${rest}`, caret: separated.length }
}

/** The text of a code as the field shows it when nobody is typing; anything else stays as it is. */
export function tidyCodeEntry(text: string): string {
  const parsed = parseRoomCode(text)
  if (!('problem' in parsed)) return parsed.kind === 'words' ? formatSpokenCode(parsed) : text
  // A link with a word that is none: its words can be mended here.
  const [, room, words] = /\/([0-9]{4,9})\/?#([^=].*)$/s.exec(text.trim()) ?? []
  return room === undefined || words === undefined ? text : `${room} ${spaced(words)}`
}

function spaced(words: string): string {
  return words.replace(/%20|[^\p{L}\p{M}\p{N}%]+/gu, ' ').trim()
}

function pressedHint(entry: CodeEntry, problem: RoomCodeProblem): string {
  if (problem.problem === 'badNameplate' || problem.problem === 'onlyNameplate')
    return copy.code.example(codeProblemWords(problem, 'typed'))
  return problem.problem === 'unknownWord' && entry.wordsLeft > 1
    ? copy.code.wordsLeft(entry.wordsLeft)
    : codeProblemWords(problem, 'typed')
}

function tokensIn(text: string): Token[] {
  return Array.from(text.matchAll(/[\p{L}\p{M}\p{N}]+/gu), ({ 0: token, index }) => ({
    start: index,
    end: index + token.length,
    text: token.normalize('NFKC').toLowerCase(),
  }))
}

function partOf(token: Token, index: number, count: number, caret: number): CodePart {
  const { start, end, text } = token
  return { start, end, kind: index === 0 ? kindOfNumber(text, count === 1) : kindOfWord(token, index, caret) }
}

function kindOfNumber(text: string, isAlone: boolean): CodePart['kind'] {
  if (/^[0-9]{4,9}$/.test(text)) return 'number'
  return isAlone && /^[0-9]{1,3}$/.test(text) ? 'open' : 'wrong'
}

function kindOfWord(token: Token, index: number, caret: number): CodePart['kind'] {
  if (index > 3) return 'wrong'
  if (recogniseWord(token.text) !== undefined) return 'word'
  return isAt(token, caret) && completeWord(token.text, 1).length > 0 ? 'open' : 'wrong'
}

function isAt(token: Token, caret: number): boolean {
  return caret > token.start && caret <= token.end
}

function stateOf(
  problem: RoomCodeProblem | null,
  parts: readonly CodePart[],
): 'empty' | 'incomplete' | 'wrong' {
  if (problem?.problem === 'empty') return 'empty'
  return parts.length > 0 && parts.every(({ kind }) => kind !== 'wrong') ? 'incomplete' : 'wrong'
}

/** Completions of the word that is being typed, or else what may have been meant by the first that is none. */
function offerFor(tokens: readonly Token[], parts: readonly CodePart[], caret: number): WordOffer | null {
  if (parts[0]?.kind !== 'number') return null
  const isOffered = (_: Token, index: number): boolean => index >= 1 && index <= 3
  const typed = tokens.find((token, index) => isOffered(token, index) && isAt(token, caret))
  if (typed !== undefined && typed.text.length >= offeredFrom) {
    const words = completeWord(typed.text, 6).filter((word) => word !== typed.text)
    if (words.length > 0) return offer(typed, words.slice(0, 5), false)
  }
  const wrong = tokens.find((token, index) => isOffered(token, index) && parts[index]?.kind === 'wrong')
  return wrong === undefined ? null : offer(wrong, suggestWords(wrong.text), true)
}

function offer({ start, end }: Token, words: readonly string[], isCorrection: boolean): WordOffer | null {
  return words.length === 0 ? null : { start, end, words, isCorrection }
}
