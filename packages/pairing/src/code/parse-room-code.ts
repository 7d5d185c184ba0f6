import { isServerNameplate } from './nameplate.ts'
import { normalize } from './normalize.ts'
import { parseWords } from './parse-words.ts'
import type { RoomCode } from './room-code.ts'
import type { RoomCodeProblem } from './room-code-problem.ts'
import { parseRoomLink } from './room-link.ts'

/** Longest text that is looked at: a link with a chosen secret is the longest thing that people paste. */
const maxTypedLength = 4096

/**
 * What a person typed, said to a machine, pasted or scanned: a code with whatever separators, or a whole link. Words
 * are completed and mended as `recogniseWord` says, so show the code that was understood.
 */
export function parseRoomCode(text: string): RoomCode | RoomCodeProblem {
  if (text.length > maxTypedLength) return { problem: 'tooLong' }
  if (text.includes('/')) return parseRoomLink(text)
  const [nameplate = '', ...typed] = normalize(text).split('-')
  if (nameplate === '') return { problem: 'empty' }
  if (/^\p{L}/u.test(nameplate)) return { problem: 'missingNameplate' }
  if (!isServerNameplate(nameplate)) return { problem: 'badNameplate' }
  if (typed.every((part) => /^\p{N}+$/u.test(part))) return { problem: 'onlyNameplate' }
  return parseWords(nameplate, typed)
}
