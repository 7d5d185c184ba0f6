import type { Attack } from '../attack.ts'
import { buildChannelData } from '../client/messages.ts'

const OUTSIDE = [0x0000, 0x0001, 0x3fff, 0x8000, 0xffff]

/** RFC 5766's, which RFC 8656 has taken back: old clients still bind them. */
const FORMER = [0x5000, 0x7ffe]

const range: Attack = {
  name: 'channel numbers that are none',
  async run(arena, evidence) {
    const client = await arena.allocation()
    const { peer, has } = await arena.goodPeer()
    for (const channel of OUTSIDE) {
      const { outcome } = await client.bind(channel, peer)
      const name = `0x${channel.toString(16)}`
      evidence.must(outcome === 400, `binding ${name} was answered ${outcome} instead of 400`)
      client.sendOn(channel, 'out of range')
    }
    for (const channel of FORMER) {
      evidence.note(`0x${channel.toString(16)}: ${(await client.bind(channel, peer)).outcome}`)
    }
    await arena.settle()
    evidence.must(!has('out of range'), 'data passed on one of them')
  },
}

const rebinding: Attack = {
  name: 'a channel bound to another peer, a peer to another channel',
  async run(arena, evidence) {
    const client = await arena.allocation()
    const good = await arena.goodPeer()
    const otherPeer = { ...good.peer, port: good.peer.port === 9 ? 10 : 9 }
    const bound = await client.bind(0x4000, good.peer)
    evidence.must(bound.outcome === 'success', `the binding itself: ${bound.outcome}`)
    const [elsewhere, twice] = [await client.bind(0x4000, otherPeer), await client.bind(0x4001, good.peer)]
    // In rooms mode nobody is at the other port, which is said first; both are refusals.
    const refusals = arena.target.kind === 'rooms' ? [400, 403] : [400]
    const isRefused = refusals.some((code) => code === elsewhere.outcome)
    evidence.must(isRefused, `the channel to another peer: ${elsewhere.outcome} instead of 400`)
    evidence.must(twice.outcome === 400, `another channel to the peer: ${twice.outcome} instead of 400`)
    const again = await client.bind(0x4000, good.peer)
    evidence.must(again.outcome === 'success', `the same binding again: ${again.outcome}`)
  },
}

const unbound: Attack = {
  name: 'ChannelData on no channel, on somebody else’s, with lengths that lie',
  async run(arena, evidence) {
    const [client, stranger] = [await arena.allocation(), await arena.allocation()]
    const { peer, has } = await arena.goodPeer()
    await client.permit(peer)
    await client.bind(0x4000, peer)
    client.sendOn(0x4001, 'on no channel')
    stranger.sendOn(0x4000, 'on somebody else’s')
    const text = new TextEncoder().encode('a length that lies')
    for (const claimed of [text.length + 1, 0x7fff, 0xffff]) {
      client.wire.send(buildChannelData(0x4000, text, { claimed }))
    }
    for (const length of [1, 2, 3]) client.wire.send(Uint8Array.of(0x40, 0, 0).subarray(0, length))
    await arena.settle()
    for (const what of ['on no channel', 'on somebody else’s', 'a length that lies']) {
      evidence.must(!has(what), `data passed: ${what}`)
    }
    const alive = await client.refresh()
    evidence.must(alive.outcome === 'success', `the allocation afterwards: ${alive.outcome}`)
  },
}

export const channels: readonly Attack[] = [range, rebinding, unbound]
