import { parseAddress } from '@crowfly/sansio'
import type { StunMessageWriter } from '@crowfly/stun'
import { TurnMethod } from '@crowfly/turn'
import type { Attack } from '../attack.ts'
import { NotApplicable } from '../attack.ts'
import { buildMessage, writeData, writePeer } from '../client/messages.ts'
import { transportAddress } from '../client/wire.ts'
import { PEER_ADDRESS } from '../own-network.ts'
import { pause } from '../pause.ts'

/** RFC 8656 §9: a permission lives five minutes. */
const PERMISSION_MS = 300_000

const withoutPermission: Attack = {
  name: 'data without permission, out and in',
  async run(arena, evidence) {
    const [sender, receiver] = [await arena.allocation(), await arena.allocation()]
    const [from, to] = [arena.relayedOf(sender), arena.relayedOf(receiver)]
    sender.send(to, 'nobody permitted')
    await arena.settle()
    await sender.permit(to)
    sender.send(to, 'only the sender permitted')
    await arena.settle()
    evidence.must(!receiver.has('nobody permitted'), 'data passed although nobody had permitted it')
    evidence.must(
      !receiver.has('only the sender permitted'),
      'data came in although only its sender had a permission',
    )
    const [eager, willing] = [await arena.allocation(), await arena.allocation()]
    await willing.permit(arena.relayedOf(eager))
    eager.send(arena.relayedOf(willing), 'only the receiver permitted')
    await arena.settle()
    const isStopped = !willing.has('only the receiver permitted')
    evidence.must(isStopped, 'data went out although only its receiver had a permission')
    // The power of the test: a server that passes nothing at all is no safe one.
    await receiver.permit(from)
    sender.send(to, 'both permitted')
    const isPassed = await arena.arrives(receiver, 'both permitted')
    const isJudged = arena.target.isJudged && !arena.mayHaveNobodyToTalkTo
    if (isJudged) evidence.must(isPassed, 'data did not pass with both permissions')
    evidence.note(isPassed ? 'with both permissions it passed' : 'with both it passed neither')
  },
}

const otherAddress: Attack = {
  name: 'a permission for another address',
  kinds: ['public'],
  async run(arena, evidence) {
    if (!arena.isOwnNetwork) throw new NotApplicable('needs a network of its own')
    const client = await arena.allocation()
    const { port } = arena.victim
    const [stranger, permitted] = ['20.0.0.10', PEER_ADDRESS[4]]
    await client.permit(transportAddress(permitted, port))
    client.send(transportAddress(stranger, port), 'out to a stranger')
    const { address, port: relayedPort } = arena.relayedOf(client)
    const relayed = [address.join('.'), relayedPort] as const
    await arena.victim.send('in from a stranger', ...relayed, stranger)
    await arena.settle()
    await arena.victim.send('in from whom it is for', ...relayed, permitted)
    const isHeard = await arena.arrives(client, 'in from whom it is for')
    evidence.must(!arena.victim.seen.has('out to a stranger'), 'a packet went out to another address')
    evidence.must(!client.has('in from a stranger'), 'a packet came in from another address')
    evidence.must(isHeard, 'the one that has the permission was not heard')
  },
}

const refusedRequest: Attack = {
  name: 'a permission asked for without credentials, or as an indication',
  async run(arena, evidence) {
    const client = await arena.allocation()
    const good = await arena.goodPeer()
    const write = (writer: StunMessageWriter) => writePeer(writer, good.peer)
    for (const method of [TurnMethod.CREATE_PERMISSION, TurnMethod.CHANNEL_BIND]) {
      const { outcome } = await client.ask(buildMessage(method, 'request', write))
      evidence.must(outcome !== 'success', `method ${method} without credentials was granted`)
      client.wire.send(buildMessage(method, 'indication', write))
      client.wire.send(buildMessage(method, 'successResponse', write))
    }
    await arena.mustNotPass(client, good, 'after requests without credentials', evidence)
  },
}

const malformedSend: Attack = {
  name: 'Send indications without an address, with two, or without data',
  async run(arena, evidence) {
    const client = await arena.allocation()
    const { peer, has } = await arena.goodPeer()
    const stranger = { ...peer, address: parseAddress('20.0.0.77') ?? peer.address }
    await client.permit(peer)
    const tries: [string, (writer: StunMessageWriter, text: Uint8Array) => void][] = [
      ['without an address', writeData],
      ['without data', (writer) => writePeer(writer, peer)],
      [
        'to a stranger first, then to the peer',
        (writer, text) => {
          writePeer(writer, stranger)
          writePeer(writer, peer)
          writeData(writer, text)
        },
      ],
      // RFC 8489 §6.3.2: such an indication is discarded.
      [
        'with an unknown required attribute',
        (writer, text) => {
          writer.writeAttribute(0x7ff0, new Uint8Array(4))
          writePeer(writer, peer)
          writeData(writer, text)
        },
      ],
    ]
    for (const [what, write] of tries) {
      const text = new TextEncoder().encode(what)
      client.wire.send(buildMessage(TurnMethod.SEND, 'indication', (writer) => write(writer, text)))
    }
    await arena.settle()
    for (const [what] of tries) evidence.must(!has(what), `relayed: the one ${what}`)
  },
}

const expired: Attack = {
  name: 'an expired permission, for Send, on a channel that lives on, and inwards',
  isLong: true,
  async run(arena, evidence) {
    const [client, bound] = [await arena.allocation(), await arena.allocation()]
    const good = await arena.goodPeer()
    const says = async (when: string) => {
      client.send(good.peer, `by Send ${when}`)
      bound.sendOn(0x4000, `by ChannelData ${when}`)
      await good.say(arena.relayedOf(client), `inwards ${when}`)
      await good.say(arena.relayedOf(bound), `inwards on a channel ${when}`)
    }
    const places: [string, { has(text: string): boolean }][] = [
      ['by Send', good],
      ['by ChannelData', good],
      ['inwards', client],
      ['inwards on a channel', bound],
    ]
    await client.permit(good.peer)
    await bound.bind(0x4000, good.peer)
    await says('at first')
    for (const [way, place] of places) {
      await arena.mustArrive(place, `${way} at first`, evidence)
    }
    await pause(PERMISSION_MS + 2000)
    for (const { outcome } of [await client.refresh(), await bound.refresh()]) {
      evidence.must(outcome === 'success', `the allocation is gone as well: ${outcome}`)
    }
    // That of the peer, if it has any, has ended too.
    await good.welcome()
    await says('after five minutes')
    await arena.settle()
    for (const [way, place] of places) {
      evidence.must(!place.has(`${way} after five minutes`), `data passed ${way} after five minutes`)
    }
    // RFC 8656 §12: the channel lives for ten minutes, and needs but a permission again.
    await bound.permit(good.peer)
    bound.sendOn(0x4000, 'on a channel permitted again')
    await arena.mustArrive(good, 'on a channel permitted again', evidence)
  },
}

const reusedTuple = (transport: 'udp' | 'tcp'): Attack => ({
  name: `what an ended allocation had, in the next one on its 5-tuple, over ${transport.toUpperCase()}`,
  async run(arena, evidence) {
    const client = await arena.allocation({ transport })
    const { peer, has } = await arena.goodPeer()
    const [afterEnd, inNext] = [arena.token('after the end'), arena.token('in the next one')]
    await client.permit(peer)
    await client.bind(0x4123, peer)
    const released = await client.release()
    evidence.must(released.outcome === 'success', `Refresh with lifetime 0: ${released.outcome}`)
    client.send(peer, afterEnd)
    client.sendOn(0x4123, afterEnd)
    const again = await client.allocate()
    evidence.must(again.outcome === 'success', `Allocate again on the same 5-tuple: ${again.outcome}`)
    client.send(peer, inNext)
    client.sendOn(0x4123, inNext)
    await arena.settle()
    evidence.must(!has(afterEnd), 'data passed without an allocation')
    evidence.must(!has(inNext), 'the old permission or channel was still there')
  },
})

const reconnected: Attack = {
  name: 'what an allocation had whose TCP connection is reset, in the next connection from its port',
  async run(arena, evidence) {
    const source = arena.source()
    const client = await arena.allocation({ transport: 'tcp', source })
    const good = await arena.goodPeer()
    const [without, inNext] = [arena.token('without an allocation'), arena.token('in the next one')]
    await client.permit(good.peer)
    await client.bind(0x4123, good.peer)
    client.sendOn(0x4123, 'on the first connection')
    await arena.mustArrive(good, 'on the first connection', evidence)
    const sourcePort = client.wire.local.port
    client.wire.abort()
    const next = await arena.client({ transport: 'tcp', source, sourcePort })
    evidence.must(next.wire.local.port === sourcePort, 'the next connection is not from the same port')
    next.send(good.peer, without)
    next.sendOn(0x4123, without)
    const refreshed = await next.refresh()
    evidence.must(refreshed.outcome === 437, `Refresh: ${refreshed.outcome} instead of 437`)
    const made = await next.allocate()
    evidence.must(made.outcome === 'success', `Allocate: ${made.outcome}`)
    next.send(good.peer, inNext)
    next.sendOn(0x4123, inNext)
    await arena.settle()
    evidence.must(!good.has(without), 'data passed without an allocation')
    evidence.must(!good.has(inNext), 'the old permission or channel was still there')
  },
}

const twice: Attack = {
  name: 'a second Allocate on a 5-tuple',
  async run(arena, evidence) {
    const client = await arena.allocation()
    const first = arena.relayedOf(client)
    const { outcome } = await client.allocate()
    evidence.must(outcome === 437, `answered ${outcome} instead of 437`)
    const alive = await client.refresh()
    evidence.must(alive.outcome === 'success', `the first one is ${alive.outcome}`)
    evidence.must(client.relayed === first, 'the relayed address changed')
  },
}

const noAllocation: Attack = {
  name: 'requests and data on a 5-tuple without an allocation',
  async run(arena, evidence) {
    const { peer, has } = await arena.goodPeer()
    const client = await arena.client()
    client.send(peer, 'from nowhere')
    client.sendOn(0x4000, 'from nowhere')
    const outcomes = [await client.refresh(600), await client.permit(peer), await client.bind(0x4000, peer)]
    for (const { outcome } of outcomes) evidence.must(outcome === 437, `answered ${outcome} instead of 437`)
    client.send(peer, 'from nowhere')
    await arena.settle()
    evidence.must(!has('from nowhere'), 'data passed')
  },
}

export const permissions: readonly Attack[] = [
  withoutPermission,
  otherAddress,
  refusedRequest,
  malformedSend,
  reusedTuple('udp'),
  reusedTuple('tcp'),
  reconnected,
  twice,
  noAllocation,
  expired,
]
