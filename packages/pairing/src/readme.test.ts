import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeUtf8 } from '@crowfly/bytes'
import { SeededRandom } from '@crowfly/testkit'
import { expect, it } from 'vitest'
import {
  CodeEntry,
  formatWordsCode,
  generateWordsCode,
  PairRegistry,
  parseRoomCode,
  TicketBook,
} from './index.ts'

const random = new SeededRandom(1)
const annId = random.bytes(16)
const bobId = random.bytes(16)
const sdp = encodeUtf8('v=0\r\n')
const now = 0

/** The example of the README, word for word from its first constant on. */
function runExample(console: { log(...values: unknown[]): void }): void {
  const code = generateWordsCode('4821', random)
  const ann = new TicketBook({ random, code, registry: new PairRegistry(annId) })
  const ticket = ann.make() // to the server, for whoever comes

  const typed = parseRoomCode(formatWordsCode(code)) // 4821-canoe-velvet-maple
  if ('problem' in typed) throw new TypeError(typed.problem)
  const bob = new CodeEntry({ random, code: typed, registry: new PairRegistry(bobId) })
  const examined = bob.examine(ticket, annId)
  if (typeof examined === 'string') throw new TypeError(examined)
  const opened = bob.open(examined, { type: 'offer', body: sdp })
  if (opened.type !== 'opened') throw new TypeError(opened.reason)

  const outcome = ann.handleOpen(opened.open, bobId, now)
  if (outcome.type !== 'proven') throw new TypeError(outcome.type)
  const reply = outcome.pairing.channel.seal({ type: 'answer', body: sdp })
  if (reply === undefined) throw new TypeError('full')

  const confirmed = bob.handleReply(reply, annId, now)
  if (confirmed.type !== 'confirmed') throw new TypeError(confirmed.reason)
  console.log(confirmed.pairing.channel.shift()?.type) // answer
  console.log(confirmed.pairing.emoji.map(({ symbol }) => symbol).join(' ')) // the same on both sides
}

it('the example of the README gets an answer, and emoji', () => {
  const logged: unknown[] = []
  runExample({ log: (value) => logged.push(value) })
  expect(logged[0]).toBe('answer')
  expect(String(logged[1]).split(' ')).toHaveLength(7)
})

it('the example of the README is the one that is tested', () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  const source = readFileSync(import.meta.filename, 'utf8')
  const example = readme.slice(readme.indexOf('```ts') + 5, readme.indexOf('\n```\n'))
  const start = source.indexOf('  const code = ')
  expect(example).toContain(source.slice(start, source.indexOf('\n}\n', start)).replaceAll(/^ {2}/gm, ''))
})
