import { expect, test } from 'vitest'
import { formatPeerMessage, MAX_CHAT_LENGTH, type PeerMessage, parsePeerMessage } from './peer-message.ts'

const id = 'AAAAAAAAAAAAAAAAAAAAAA'
const media = { microphone: 'muted', camera: 'none', screen: 'on' } as const

test.for<PeerMessage>([
  { type: 'state', name: 'Ann', media },
  { type: 'state', name: '', media },
  { type: 'chat', id, text: 'x' },
  // The longest text in its longest spelling.
  { type: 'chat', id, text: '\u0000'.repeat(MAX_CHAT_LENGTH) },
  { type: 'leave' },
])('$type comes back as it was sent', (message) => {
  expect(parsePeerMessage(formatPeerMessage(message))).toEqual(message)
})

test.for([
  ['no text', new ArrayBuffer(4)],
  ['no JSON', '{'],
  ['no object', '[]'],
  ['no type', '{}'],
  ['a type that is no text', '{"type":1}'],
  ['a chat without id', '{"type":"chat","text":"x"}'],
  ['a chat with another id', '{"type":"chat","id":"short","text":"x"}'],
  ['an empty chat', JSON.stringify({ type: 'chat', id, text: '' })],
  ['a chat too long', JSON.stringify({ type: 'chat', id, text: 'x'.repeat(MAX_CHAT_LENGTH + 1) })],
  ['a chat of an object', JSON.stringify({ type: 'chat', id, text: { length: 1 } })],
  ['a name too long', JSON.stringify({ type: 'state', name: 'x'.repeat(65), media })],
  ['a state without media', JSON.stringify({ type: 'state', name: 'x' })],
  [
    'a media state unknown',
    JSON.stringify({ type: 'state', name: 'x', media: { ...media, camera: 'toString' } }),
  ],
  ['more than any message has', ' '.repeat(30_000)],
])('%s is malformed', ([, text]) => {
  expect(parsePeerMessage(text)).toBe('malformed')
})

test('a type of a later version is unknown, not malformed', () => {
  expect(parsePeerMessage('{"type":"file","name":"x"}')).toBe('unknown')
})

test('fields that a message does not have are left out', () => {
  const text = JSON.stringify({
    type: 'state',
    name: 'Ann',
    media: { ...media, extra: 1 },
    __proto__: 1,
    more: 2,
  })
  expect(parsePeerMessage(text)).toEqual({ type: 'state', name: 'Ann', media })
})
