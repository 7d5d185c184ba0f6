import type { Datagram } from '@crowfly/sansio'
import { PollClient, PollServer } from '@crowfly/signaling'
import { decode, encode, pollAnswer, pollRequest, type Union } from '@crowfly/signaling/wire'
import { SeededRandom } from '@crowfly/testkit'
import { type FuzzTarget, invariant } from '../target.ts'

const limits = { maxConnections: 2, maxBufferedBytes: 256, pollAnswerMs: 25_000, pollLapseMs: 10_000 }
const known = new Uint8Array(16)
const frame = Uint8Array.of(1, 2, 3)
const first = encode(pollRequest, {
  type: 'send',
  connection: known,
  number: 1,
  isLast: false,
  frames: [frame],
})
const poll = encode(pollRequest, { type: 'poll', connection: known, received: 0 })
const taken = encode(pollAnswer, { type: 'taken', number: 1 })
const batch = encode(pollAnswer, { type: 'batch', number: 1, isLast: true, frames: [frame, frame] })

/** What decodes is written in exactly one way: the bytes it came from. */
function check<T extends object>(schema: Union<T>, input: Uint8Array): string {
  const message = decode(schema, input)
  if (typeof message === 'string') return message
  const again = encode(schema, message)
  invariant(
    again.length === input.length && again.every((byte, i) => byte === input[i]),
    'encodes differently',
  )
  return 'decodes'
}

/** A server with one connection is asked what the input says, twice. */
function ask(input: Uint8Array): string {
  const server = new PollServer<null>(limits)
  const out: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: 0 }
  const said: string[] = []
  const answered = new Set<number>()
  const drain = (): void => {
    while (server.pollTransmit(out)) {
      invariant(!answered.has(out.path), `request ${out.path} was answered twice`)
      answered.add(out.path)
      const answer = decode(pollAnswer, out.bytes, out.start, out.end)
      invariant(typeof answer === 'object', `it answered ${answer}`)
      said.push(answer.type)
    }
    for (let event = server.pollEvent(); event !== undefined; event = server.pollEvent()) {
      if (event.type === 'refused') {
        invariant(!answered.has(event.path), `request ${event.path} was answered and refused`)
        answered.add(event.path)
        said.push(event.reason)
      } else if (event.type === 'opened') server.send(event.link, frame, 0)
      if (event.type !== 'frame') said.push(event.type)
    }
  }
  for (const [path, bytes] of [first, input, poll, input].entries()) {
    server.handleOpen(path, null, 0)
    server.handleDatagram({ bytes: bytes.slice(), start: 0, end: bytes.length, path }, 0)
    drain()
  }
  for (let at = server.pollTimeout(); at < Infinity; at = server.pollTimeout()) {
    server.handleTimeout(at)
    drain()
  }
  invariant(answered.size === 4, 'a request was never answered')
  invariant(server.counters.connections === 0, 'a connection is left')
  return said.join(' ')
}

/** A client is answered what the input says, on both of its requests. */
function answer(input: Uint8Array): string {
  const client = new PollClient({ random: new SeededRandom(1) })
  const out: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: 0 }
  client.send(frame, 0)
  const heard: string[] = []
  for (const bytes of [input, taken, input, input]) {
    while (client.pollTransmit(out))
      invariant(typeof decode(pollRequest, out.bytes) === 'object', 'it asks nonsense')
    for (const path of [0, 1]) client.handleDatagram({ bytes, start: 0, end: bytes.length, path }, 0)
    for (let event = client.pollEvent(); event !== undefined; event = client.pollEvent())
      heard.push(event.type)
  }
  return heard.join(' ')
}

/** The bodies of polled connections, and what both ends make of them. */
export const target: FuzzTarget = {
  run: (input) =>
    `${check(pollRequest, input)}, ${check(pollAnswer, input)}, ${ask(input)}, ${answer(input)}`.slice(
      0,
      120,
    ),
  seeds: [first, poll, taken, batch],
  dictionary: [known, frame, Uint8Array.of(0, 0, 0, 1), Uint8Array.of(0, 0, 0, 2)],
  maxBytes: 128,
}
