import { AttributeType, decodeUnknownAttributes, type StunMessageWriter } from '@crowfly/stun'
import { TurnAttributeType, TurnMethod } from '@crowfly/turn'
import type { Arena } from '../arena.ts'
import type { Attack, Evidence } from '../attack.ts'
import { buildMessage, writeData, writePeer, writeReservation, writeUdp } from '../client/messages.ts'
import type { TurnClient } from '../client/turn-client.ts'
import { pause } from '../pause.ts'

/** What a UDP datagram over IPv4 can hold. */
const MOST_BYTES = 65_507
const EMPTY = new Uint8Array(0)

const { ADDITIONAL_ADDRESS_FAMILY, REQUESTED_ADDRESS_FAMILY, REQUESTED_TRANSPORT } = TurnAttributeType
const { DATA, RESERVATION_TOKEN, XOR_PEER_ADDRESS } = TurnAttributeType
const { MESSAGE_INTEGRITY, MESSAGE_INTEGRITY_SHA256, NONCE, PASSWORD_ALGORITHMS, USERNAME } = AttributeType

/** Attributes whose length lies: of each kind that a server reads in an Allocate, or passes over. */
const LYING = [
  ...[USERNAME, MESSAGE_INTEGRITY, NONCE, MESSAGE_INTEGRITY_SHA256, PASSWORD_ALGORITHMS],
  ...[XOR_PEER_ADDRESS, DATA, REQUESTED_TRANSPORT],
]

/** Attributes of no value until the datagram is full. */
function fill(writer: StunMessageWriter, type: (index: number) => number): void {
  const room = MOST_BYTES - writer.end - 120
  for (let index = 0; index * 4 < room; index++) writer.writeAttribute(type(index), EMPTY)
}

/** A message whose first attribute has this length in its header, whatever is behind it. */
function lying(type: number, claimed: number, present: number): Uint8Array {
  const message = buildMessage(TurnMethod.ALLOCATE, 'request', (writer) =>
    writer.writeAttribute(type, new Uint8Array(present)),
  )
  new DataView(message.buffer).setUint16(22, claimed)
  return message
}

async function isAnswering(arena: Arena): Promise<boolean> {
  const client = await arena.client()
  return (await client.ask(buildMessage(0x001, 'request', () => {}))).outcome === 'success'
}

async function sendAll(
  arena: Arena,
  client: TurnClient,
  messages: readonly (readonly [string, Uint8Array])[],
  evidence: Evidence,
): Promise<void> {
  const times = arena.isShort ? 20 : 500
  for (const [what, message] of messages) {
    for (let n = 0; n < times; n++) {
      client.wire.send(message)
      if (n % 10 === 9) await pause(4)
    }
    evidence.must(await isAnswering(arena), `the server is silent after ${what}`)
  }
}

const bombs: Attack = {
  name: 'messages of 16,000 attributes, of one huge one, of lengths that lie',
  async run(arena, evidence) {
    const client = await arena.client()
    const request = (write: (writer: StunMessageWriter) => void) =>
      buildMessage(TurnMethod.ALLOCATE, 'request', write)
    const messages: [string, Uint8Array][] = [
      ['16,000 optional attributes', request((writer) => fill(writer, (index) => 0x9000 + (index % 0x1000)))],
      [
        '16,000 unknown required ones',
        request((writer) => fill(writer, (index) => 0x1000 + (index % 0x1000))),
      ],
      ['16,000 times USERNAME', request((writer) => fill(writer, () => USERNAME))],
      ['16,000 times XOR-PEER-ADDRESS', request((writer) => fill(writer, () => XOR_PEER_ADDRESS))],
      [
        'a USERNAME of 60,000 bytes',
        request((writer) => writer.writeAttribute(USERNAME, new Uint8Array(60_000).fill(97))),
      ],
      [
        'a NONCE of 60,000 bytes',
        request((writer) => writer.writeAttribute(NONCE, new Uint8Array(60_000).fill(97))),
      ],
      ['DATA of 60,000 bytes', request((writer) => writeData(writer, new Uint8Array(60_000)))],
    ]
    for (const claimed of [0, 1, 3, 5, 0x7fff, 0xfffc, 0xffff]) {
      for (const type of LYING) {
        messages.push([`type ${type} claiming ${claimed} bytes`, lying(type, claimed, 4)])
      }
    }
    await sendAll(arena, client, messages.slice(0, 7), evidence)
    for (const [, message] of messages.slice(7)) client.wire.send(message)
    evidence.must(await isAnswering(arena), 'the server is silent after lengths that lie')
  },
}

const unknownAttributes: Attack = {
  name: 'a thousand unknown attributes: how much comes back',
  async run(arena, evidence) {
    const client = await arena.client()
    const message = buildMessage(0x001, 'request', (writer) => {
      for (let index = 0; index < 300; index++) writer.writeAttribute(0x1000 + index, EMPTY)
    })
    const reply = await client.ask(message)
    evidence.must(reply.bytes <= message.length, `${reply.bytes} bytes for ${message.length}`)
    evidence.note(
      `${reply.outcome}, listing ${decodeUnknownAttributes(reply.message)?.length ?? 0}, ${reply.bytes} bytes`,
    )
  },
}

const manyPeers: Attack = {
  name: 'CreatePermission for thousands of peers',
  async run(arena, evidence) {
    const client = await arena.allocation()
    const good = await arena.goodPeer()
    // Good peers all: hosts that may be relayed to, or one name's many ports.
    const peers = (count: number, from: number) => (writer: StunMessageWriter) => {
      for (let index = from; index < from + count; index++) {
        const address = Uint8Array.of(23, index >>> 16, index >>> 8, index)
        writePeer(
          writer,
          arena.target.kind === 'rooms' ? { ...good.peer, port: index } : { ...good.peer, address },
        )
      }
    }
    const one = await client.request(TurnMethod.CREATE_PERMISSION, peers(4000, 1))
    let granted = one.outcome === 'success' ? 4000 : 0
    const huge = client.build(TurnMethod.CREATE_PERMISSION, peers(4000, 1))
    for (let n = 0; n < 50; n++) {
      client.wire.send(huge)
      await pause(10)
    }
    const rounds = arena.isShort ? 20 : 400
    for (let round = 0; round < rounds; round++) {
      const { outcome } = await client.request(TurnMethod.CREATE_PERMISSION, peers(80, 5000 + round * 80))
      if (outcome === 'success') granted += 80
    }
    evidence.note(`4,000 in one: ${one.outcome}; in all ${granted} of ${4000 + rounds * 80} granted`)
    // By name there is one permission; by address each is kept, and has to be counted.
    if (arena.target.kind === 'public') {
      evidence.must(granted < 4000 + rounds * 80, 'one allocation gets permissions without end')
    }
    const alive = await client.refresh()
    evidence.must(alive.outcome === 'success', `the allocation afterwards: ${alive.outcome}`)
  },
}

const manyChannels: Attack = {
  name: 'every channel of one allocation',
  kinds: ['public'],
  async run(arena, evidence) {
    const client = await arena.allocation()
    const good = await arena.goodPeer()
    let granted = 0
    const count = arena.isShort ? 512 : 4096
    for (let index = 0; index < count; index++) {
      const { outcome } = await client.bind(0x4000 + index, { ...good.peer, port: 2000 + index })
      if (outcome === 'success') granted++
    }
    evidence.must(granted < count, 'one allocation gets channels without end')
    evidence.note(`${granted} of ${count} bound`)
    const alive = await client.refresh()
    evidence.must(alive.outcome === 'success', `the allocation afterwards: ${alive.outcome}`)
  },
}

const oddAllocations: Attack = {
  name: 'Allocate with what contradicts itself or is unknown',
  async run(arena, evidence) {
    const client = await arena.client()
    await client.request(TurnMethod.REFRESH)
    const tries: [string, (writer: StunMessageWriter) => void, readonly number[]][] = [
      ['no transport', () => {}, [400]],
      [
        'transport TCP',
        (writer) => writer.writeAttribute(REQUESTED_TRANSPORT, Uint8Array.of(6, 0, 0, 0)),
        [442],
      ],
      [
        'transport of 1 byte',
        (writer) => writer.writeAttribute(REQUESTED_TRANSPORT, Uint8Array.of(17)),
        [400],
      ],
      [
        'a token of another server',
        (writer) => {
          writeUdp(writer)
          writer.writeAttribute(RESERVATION_TOKEN, new Uint8Array(8).fill(7))
        },
        [508],
      ],
      [
        'EVEN-PORT and a token',
        (writer) => {
          writeUdp(writer)
          writeReservation(writer)
          writer.writeAttribute(RESERVATION_TOKEN, new Uint8Array(8).fill(7))
        },
        [400],
      ],
      [
        'an address family that does not exist',
        (writer) => {
          writeUdp(writer)
          writer.writeAttribute(REQUESTED_ADDRESS_FAMILY, Uint8Array.of(3, 0, 0, 0))
        },
        [440],
      ],
      [
        'both ways to ask for a family',
        (writer) => {
          writeUdp(writer)
          writer.writeAttribute(REQUESTED_ADDRESS_FAMILY, Uint8Array.of(1, 0, 0, 0))
          writer.writeAttribute(ADDITIONAL_ADDRESS_FAMILY, Uint8Array.of(2, 0, 0, 0))
        },
        [400],
      ],
      [
        'ADDITIONAL-ADDRESS-FAMILY IPv4',
        (writer) => {
          writeUdp(writer)
          writer.writeAttribute(ADDITIONAL_ADDRESS_FAMILY, Uint8Array.of(1, 0, 0, 0))
        },
        [400],
      ],
    ]
    for (const [what, write, codes] of tries) {
      const { outcome } = await client.ask(client.build(TurnMethod.ALLOCATE, write))
      if (outcome === 'success') await client.release()
      const isRight = codes.some((code) => code === outcome)
      // What another server answers here is a matter of conformance; that it grants nothing is one of safety.
      if (arena.target.isJudged)
        evidence.must(isRight, `${what}: ${outcome} instead of ${codes.join(' or ')}`)
      else evidence.note(`${what}: ${outcome}`)
    }
  },
}

export const attributeBombs: readonly Attack[] = [
  bombs,
  unknownAttributes,
  manyPeers,
  manyChannels,
  oddAllocations,
]
