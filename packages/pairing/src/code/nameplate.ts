import { normalize } from './normalize.ts'

/** Characters of an own room's name, at most. */
export const maxRoomNameLength = 64

/** Whether this is a nameplate as a server hands it out: four to nine digits. */
export function isServerNameplate(text: string): boolean {
  return /^[0-9]{4,9}$/.test(text)
}

/**
 * Whether this is an own room's name in its one form. It has a letter, so that it is never taken for a nameplate of
 * the server's.
 */
export function isRoomName(text: string): boolean {
  return text.length <= maxRoomNameLength && /\p{L}/u.test(text) && normalize(text) === text
}
