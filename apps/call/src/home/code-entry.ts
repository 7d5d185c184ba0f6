import { formatNameplate, parseNameplate } from '@crowfly/signaling'
import { copy } from '../copy.ts'

/** What the text in the code field amounts to; `hint` says what is wrong with it. */
export type CodeEntry =
  | { readonly state: 'empty' }
  | { readonly state: 'incomplete'; readonly missing: number }
  | { readonly state: 'complete'; readonly code: string }
  | { readonly state: 'wrong'; readonly hint: string }

/** Characters in a code. */
const length = 10
const separators = /[\s\-‐-―]/gu
const inCode = /^[0-9a-tv-z]$/i

/** Reads what was typed or pasted: a code, a part of one, or a link that ends in one. */
export function readCodeEntry(text: string): CodeEntry {
  const trimmed = text.trim()
  if (trimmed === '') return { state: 'empty' }
  const code = parseNameplate(trimmed)
  if (code !== null) return { state: 'complete', code }
  if (/[/:?#]/.test(trimmed)) return { state: 'wrong', hint: copy.code.otherLink }
  const characters = [...trimmed.replace(separators, '')]
  const odd = characters.find((character) => !inCode.test(character))
  if (odd !== undefined) return { state: 'wrong', hint: oddCharacterHint(odd) }
  if (characters.length > length) return { state: 'wrong', hint: copy.code.tooLong }
  return { state: 'incomplete', missing: length - characters.length }
}

/**
 * The text that the field shows after a change: a complete code or link in the written form, a part of a code with
 * its hyphen, anything else as it was typed. Deleting is left alone, or the hyphen could not be deleted.
 */
export function tidyCodeEntry(text: string, previous: string): string {
  const entry = readCodeEntry(text)
  if (entry.state === 'complete') return formatNameplate(entry.code)
  if (entry.state !== 'incomplete' || text.length < previous.length) return text
  const characters = text.trim().replace(separators, '').toLowerCase()
  if (characters.length < length / 2) return characters
  return `${characters.slice(0, length / 2)}-${characters.slice(length / 2)}`
}

/** The line under the field; empty when there is nothing to say. Text out of a link was not typed by anybody. */
export function codeEntryHint(entry: CodeEntry, isFromLink = false): string {
  switch (entry.state) {
    case 'empty':
    case 'complete':
      return ''
    case 'incomplete':
      return isFromLink ? copy.code.brokenLink : copy.code.more(entry.missing)
    case 'wrong':
      return isFromLink ? copy.code.brokenLink : entry.hint
  }
}

function oddCharacterHint(character: string): string {
  return character.toLowerCase() === 'u' ? copy.code.letterU : copy.code.character(character)
}
