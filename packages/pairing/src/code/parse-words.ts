import type { WordsCode } from './room-code.ts'
import type { RoomCodeProblem } from './room-code-problem.ts'
import { recogniseWord, suggestWords } from './words.ts'

/** The words of a code, normalised and split. */
export function parseWords(nameplate: string, typed: readonly string[]): WordsCode | RoomCodeProblem {
  if (typed.length > 3) return { problem: 'tooManyWords' }
  const found: string[] = []
  for (const [index, word] of typed.entries()) {
    const known = recogniseWord(word)
    const position = index === 0 ? 0 : index === 1 ? 1 : 2
    if (known === undefined) {
      return { problem: 'unknownWord', position, word, suggestions: suggestWords(word) }
    }
    found.push(known)
  }
  const [first, second, third] = found
  if (first === undefined) return { problem: 'onlyNameplate' }
  if (second === undefined) return { problem: 'missingWords', count: 1 }
  if (third === undefined) return { problem: 'missingWords', count: 2 }
  return { kind: 'words', nameplate, words: [first, second, third] }
}
