import { AttributeType, type StunMessageWriter } from '@crowfly/stun'
import { TurnMethod } from '@crowfly/turn'
import type { Attack } from '../attack.ts'
import { buildMessage, writeCredentials, writePeer, writeUdp } from '../client/messages.ts'
import type { TurnClient } from '../client/turn-client.ts'
import { transportAddress } from '../client/wire.ts'
import { pause } from '../pause.ts'

/** Of IPv4 and UDP. */
const HEADERS_BYTES = 28

/** More than this on the wire is worth a spoofer's while; DNS resolvers are at 30 and more. */
const MOST_FACTOR = 4

/** Requests of one kind from one address within a second or two. */
const MANY = 20_000

/** As many as a house, or a street, behind one address may need. */
const MOST_PER_SECOND = 6000

const peer = transportAddress('20.0.0.9', 9)
const puzzle = (writer: StunMessageWriter) => writer.writeAttribute(0x7ff1, new Uint8Array(0))

/** All that a server answers to strangers, the request as small as it can be. */
function questions(): [string, Uint8Array][] {
  const classic = buildMessage(0x001, 'request', () => {})
  classic.set([1, 2, 3, 4], 4)
  const nobody = { username: 'n', realm: 'r', nonce: 'n', key: new Uint8Array(16) }
  return [
    ['Binding', buildMessage(0x001, 'request', () => {})],
    ['Binding of RFC 3489', classic],
    ['Binding, unknown attribute', buildMessage(0x001, 'request', puzzle)],
    ['Allocate', buildMessage(TurnMethod.ALLOCATE, 'request', writeUdp)],
    ['Allocate, empty', buildMessage(TurnMethod.ALLOCATE, 'request', () => {})],
    ['Allocate, unknown attribute', buildMessage(TurnMethod.ALLOCATE, 'request', puzzle)],
    [
      'Allocate, wrong credentials',
      buildMessage(TurnMethod.ALLOCATE, 'request', (writer) => {
        writeUdp(writer)
        writeCredentials(writer, nobody)
        writer.writeAttribute(AttributeType.MESSAGE_INTEGRITY, new Uint8Array(20))
      }),
    ],
    [
      'Allocate, integrity alone',
      buildMessage(TurnMethod.ALLOCATE, 'request', (writer) =>
        writer.writeAttribute(AttributeType.MESSAGE_INTEGRITY, new Uint8Array(20)),
      ),
    ],
    ['Refresh', buildMessage(TurnMethod.REFRESH, 'request', () => {})],
    ['CreatePermission', buildMessage(TurnMethod.CREATE_PERMISSION, 'request', (w) => writePeer(w, peer))],
    ['ChannelBind', buildMessage(TurnMethod.CHANNEL_BIND, 'request', () => {})],
    ['Connect, RFC 6062', buildMessage(0x00a, 'request', () => {})],
    ['an unknown method', buildMessage(0xabc, 'request', () => {})],
    ['Send indication', buildMessage(TurnMethod.SEND, 'indication', (w) => writePeer(w, peer))],
    ['an error response', buildMessage(TurnMethod.ALLOCATE, 'errorResponse', () => {})],
    ['a success response', buildMessage(0x001, 'successResponse', () => {})],
    ['ChannelData', Uint8Array.of(0x40, 0, 0, 0)],
    ['one byte', Uint8Array.of(0)],
    ['nothing', new Uint8Array(0)],
  ]
}

const factor: Attack = {
  name: 'amplification: what strangers are answered',
  async run(arena, evidence) {
    const seen: string[] = []
    const asked: [string, Uint8Array, TurnClient][] = []
    for (const [what, question] of questions()) {
      const client = await arena.client()
      client.wire.send(question)
      asked.push([what, question, client])
    }
    await arena.settle()
    for (const [what, question, client] of asked) {
      const { bytes, messages } = client.received
      if (messages === 0) continue
      const ratio = (bytes + messages * HEADERS_BYTES) / (question.length + HEADERS_BYTES)
      evidence.must(messages === 1, `${what}: ${messages} datagrams for one`)
      evidence.must(ratio <= MOST_FACTOR, `${what}: ${ratio.toFixed(1)} times as much on the wire`)
      seen.push(`${what} ${question.length} → ${bytes}, ${ratio.toFixed(2)}`)
    }
    evidence.note(`bytes in → out, factor with IP and UDP headers: ${seen.join(' | ')}`)
  },
}

const rate: Attack = {
  name: 'amplification: how often one address is answered',
  async run(arena, evidence) {
    const asked = questions().filter(([name]) => name === 'Binding' || name === 'Allocate')
    for (const [what, question] of asked) {
      const client = await arena.client()
      const start = performance.now()
      for (let sent = 0; sent < MANY; sent++) {
        client.wire.send(question)
        if (sent % 50 === 49) await pause(2)
      }
      await arena.settle()
      const seconds = (performance.now() - start) / 1000
      const { messages } = client.received
      const isBounded = messages <= MOST_PER_SECOND * (seconds + 1)
      evidence.must(isBounded, `${what}: ${messages} of ${MANY} were answered in ${seconds.toFixed(1)} s`)
      evidence.note(`${what}: ${messages} of ${MANY} within ${seconds.toFixed(1)} s`)
      const other = await arena.client()
      evidence.must(
        (await other.ask(question)).outcome !== 'silence',
        `${what}: others are not answered either`,
      )
    }
  },
}

export const amplification: readonly Attack[] = [factor, rate]
