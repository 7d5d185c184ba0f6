import type { PeerMedia } from './snapshot.ts'

/** Characters (UTF-16 code units) of a name and of a chat message at most. */
export const MAX_NAME_LENGTH = 64
export const MAX_CHAT_LENGTH = 4_000

/** Characters of a message at most: a chat text in which every character is escaped, and the rest. */
const MAX_MESSAGE_LENGTH = 6 * MAX_CHAT_LENGTH + 1_024

/** What two peers tell each other on their data channel, as JSON texts. */
export type PeerMessage =
  /** Who I am and what I send; on opening and after each change. */
  | { readonly type: 'state'; readonly name: string; readonly media: PeerMedia }
  /** `id`: 22 characters of base64url, new for each text. */
  | { readonly type: 'chat'; readonly id: string; readonly text: string }
  /** I am leaving; said here too, since the server may be down. */
  | { readonly type: 'leave' }

export function formatPeerMessage(message: PeerMessage): string {
  return JSON.stringify(message)
}

/** The message; `unknown` for a type of a later version, to be passed over; `malformed` for everything else. */
export function parsePeerMessage(text: unknown): PeerMessage | 'unknown' | 'malformed' {
  if (typeof text !== 'string' || text.length > MAX_MESSAGE_LENGTH) return 'malformed'
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'malformed'
  }
  switch (field(value, 'type')) {
    case 'state':
      return parseState(value) ?? 'malformed'
    case 'chat':
      return parseChat(value) ?? 'malformed'
    case 'leave':
      return { type: 'leave' }
    default:
      return typeof field(value, 'type') === 'string' ? 'unknown' : 'malformed'
  }
}

function parseState(value: unknown): PeerMessage | null {
  const name = field(value, 'name')
  const media = field(value, 'media')
  const microphone = oneOf(['on', 'muted', 'none'], field(media, 'microphone'))
  const camera = oneOf(['on', 'off', 'none'], field(media, 'camera'))
  const screen = oneOf(['on', 'off'], field(media, 'screen'))
  if (typeof name !== 'string' || name.length > MAX_NAME_LENGTH) return null
  if (microphone === null || camera === null || screen === null) return null
  return { type: 'state', name, media: { microphone, camera, screen } }
}

function parseChat(value: unknown): PeerMessage | null {
  const id = field(value, 'id')
  const text = field(value, 'text')
  if (typeof id !== 'string' || !/^[A-Za-z0-9_-]{22}$/.test(id)) return null
  if (typeof text !== 'string' || text === '' || text.length > MAX_CHAT_LENGTH) return null
  return { type: 'chat', id, text }
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined
}

function oneOf<const Choice extends string>(choices: readonly Choice[], value: unknown): Choice | null {
  return choices.find((choice) => choice === value) ?? null
}
