import { wordlist } from '@scure/bip39/wordlists/english.js'
import { editDistance, mayBeWithin } from './edit-distance.ts'

/** The 2048 words of a code, sorted: the English list of BIP 39, no two of which share their first four letters. */
export const words: readonly string[] = wordlist

/** Letters that tell a word from all others. */
const tellingLetters = 4
/** Longer than any word, its typing error included. */
const maxTypedLetters = 12
const maxSuggestions = 5

/** The words that begin with `prefix` (lower case): what to offer while somebody types. Sorted, at most `limit`. */
export function completeWord(prefix: string, limit = maxSuggestions): readonly string[] {
  return words.filter((word) => word.startsWith(prefix)).slice(0, limit)
}

/**
 * The word that was meant: `typed` itself, the one that it begins with four or more letters of, or the only one that
 * is one typing error away. Undefined when that is none or several.
 */
export function recogniseWord(typed: string): string | undefined {
  if (words.includes(typed)) return typed
  const [completed, another] = typed.length < tellingLetters ? [] : completeWord(typed)
  if (completed !== undefined && another === undefined) return completed
  const [near, other] = wordsWithin(1, typed)
  return other === undefined ? near : undefined
}

/** Words that might have been meant, the likeliest first. */
export function suggestWords(typed: string): readonly string[] {
  const near = [...wordsWithin(1, typed), ...wordsWithin(2, typed), ...completeWord(typed.slice(0, 3))]
  return [...new Set(near)].slice(0, maxSuggestions)
}

function wordsWithin(distance: number, typed: string): readonly string[] {
  if (typed.length > maxTypedLetters) return []
  const isLike = (word: string): boolean =>
    mayBeWithin(distance, typed, word) && editDistance(typed, word, distance) <= distance
  return words.filter(isLike)
}
