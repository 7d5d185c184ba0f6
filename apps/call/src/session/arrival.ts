import { parseRoomLink, type RoomCode, type RoomCodeProblem } from '@crowfly/pairing'

/** What the home page begins with. */
export type Arrival =
  | { readonly kind: 'none' }
  /** Out of a link, or the code that was tried last. */
  | { readonly kind: 'code'; readonly code: RoomCode }
  /** What is left of a link that does not work: its room, and the words that can be mended. */
  | {
      readonly kind: 'broken'
      readonly room: string
      readonly words: string
      readonly problem: RoomCodeProblem
    }

/**
 * What an address brings. `room` is its path's text, `fragment` what stood behind `#`, null when there was no `#`;
 * then `recall` is asked for the code that this tab has seen before.
 */
export function readArrival(
  room: string,
  fragment: string | null,
  recall: (room: string) => RoomCode | null,
): Arrival {
  if (room === '') return { kind: 'none' }
  const kept = fragment === null ? recall(room) : null
  if (kept !== null) return { kind: 'code', code: kept }
  const code = parseRoomLink(`/${encodeURIComponent(room)}${fragment === null ? '' : `#${fragment}`}`)
  if (!('problem' in code)) return { kind: 'code', code }
  return { kind: 'broken', room, words: wordsIn(fragment ?? ''), problem: code }
}

/** A fragment as one would type it; a secret of one's own is not to be read on the screen. */
function wordsIn(fragment: string): string {
  if (fragment.startsWith('=')) return ''
  try {
    return decodeURIComponent(fragment)
      .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
      .trim()
      .slice(0, 64)
  } catch {
    return ''
  }
}
