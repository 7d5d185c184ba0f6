import { describe, expect, it } from 'vitest'
import { encodeChannelNumber } from '../proto/attributes/channel-number.ts'
import { encodeXorPeerAddress } from '../proto/attributes/xor-peer-address.ts'
import { TurnAttributeType } from '../proto/turn-attribute-type.ts'
import { TurnMethod } from '../proto/turn-method.ts'
import type { Write } from './testing/test-requests.ts'
import { address, type BenchClient, codeOf, TurnBench } from './testing/turn-bench.ts'

function pair(): { bench: TurnBench; a: BenchClient; b: BenchClient } {
  const bench = new TurnBench()
  const a = bench.client('ann')
  const b = bench.client('bob')
  a.allocate()
  b.allocate()
  return { bench, a, b }
}

const malformedPeer: Write = (writer) => {
  writer.writeAttribute(TurnAttributeType.XOR_PEER_ADDRESS, new Uint8Array(8))
}

describe('every request but Allocate', () => {
  it('needs an allocation: else 437', () => {
    const client = new TurnBench().client('ann')
    const peer = address('198.51.100.1', 2000)
    expect([client.refresh(), client.permit(peer), client.bind(0x4000, peer)]).toEqual([437, 437, 437])
  })

  it('needs the user that made the allocation: else 441', () => {
    const { a, b } = pair()
    a.username = 'bob'
    expect([a.refresh(), a.permit(b.relayed), a.bind(0x4000, b.relayed)]).toEqual([441, 441, 441])
  })
})

// RFC 8656 §8.2
describe('Refresh', () => {
  it('gives the time that is asked for, within bounds', () => {
    const { bench, a } = pair()
    bench.advance(590_000)
    expect(a.refresh()).toBeUndefined()
    bench.advance(599_000)
    expect(a.refresh(10_000)).toBeUndefined()
    bench.advance(3_599_999)
    expect(bench.server.sizes.allocations).toBe(1)
    bench.advance(1)
    expect(bench.server.sizes.allocations).toBe(0)
  })

  it('with a lifetime of zero ends it; again is 437', () => {
    const { bench, a } = pair()
    expect([a.refresh(0), a.refresh(0)]).toEqual([undefined, 437])
    expect(bench.server.sizes.allocations).toBe(1)
  })

  it('is refused with 400 when LIFETIME or the family is malformed, with 443 for a family it lacks', () => {
    const { a } = pair()
    const family = TurnAttributeType.REQUESTED_ADDRESS_FAMILY
    expect(
      a.refresh(undefined, (writer) => writer.writeAttribute(TurnAttributeType.LIFETIME, new Uint8Array(2))),
    ).toBe(400)
    expect(a.refresh(600, (writer) => writer.writeAttribute(family, new Uint8Array(2)))).toBe(400)
    expect(a.refresh(600, (writer) => writer.writeAttribute(family, Uint8Array.of(2, 0, 0, 0)))).toBe(443)
    expect(a.refresh(600, (writer) => writer.writeAttribute(family, Uint8Array.of(9, 0, 0, 0)))).toBe(443)
    expect(
      a.refresh(600, (writer) => writer.writeAttribute(family, Uint8Array.of(1, 0, 0, 0))),
    ).toBeUndefined()
  })
})

// RFC 8656 §10.2
describe('CreatePermission', () => {
  it('without a peer, or with one that is malformed, is 400', () => {
    const { a, b } = pair()
    const ask = (write: Write) => codeOf(a.request(TurnMethod.CREATE_PERMISSION, write))
    expect(ask(() => {})).toBe(400)
    expect(ask(malformedPeer)).toBe(400)
    const both: Write = (writer) => {
      encodeXorPeerAddress(writer, b.relayed)
      malformedPeer(writer)
    }
    expect(ask(both)).toBe(400)
    b.permit(a.relayed)
    a.say(b.relayed, 'nothing was installed')
    expect(b.heard()).toEqual([])
  })

  it('with more addresses than there may be is 403', () => {
    const { a, b } = pair()
    expect(a.permit(...Array.from({ length: 65 }, () => b.relayed))).toBeUndefined()
    expect(a.permit(...Array.from({ length: 65 }, (_, i) => address(`9.9.9.${i}`, 1)))).toBe(403)
  })

  it('holds for five minutes, for the IP address whatever the port', () => {
    const { bench, a, b } = pair()
    expect(b.bind(0x4000, a.relayed)).toBeUndefined()
    expect(a.permit({ ...b.relayed, port: 0 })).toBeUndefined()
    bench.advance(200_000)
    expect([a.permit(b.relayed), b.permit(a.relayed)]).toEqual([undefined, undefined])
    bench.advance(299_999)
    a.say(b.relayed, 'still')
    bench.advance(1)
    a.say(b.relayed, 'too late')
    expect(b.heard()).toEqual(['4000 still'])
  })

  it('is not refreshed by what passes', () => {
    const { bench, a, b } = pair()
    a.permit(b.relayed)
    b.permit(a.relayed)
    for (let i = 0; i < 6; i++) {
      bench.advance(50_000)
      a.say(b.relayed, String(i))
    }
    expect(b.heard()).toHaveLength(5)
  })
})

// RFC 8656 §12.2
describe('ChannelBind', () => {
  it.each([0x0000, 0x3fff, 0x5000, 0x7fff, 0xffff])('of number %i is 400', (number) => {
    const { a, b } = pair()
    const code = codeOf(
      a.request(TurnMethod.CHANNEL_BIND, (writer) => {
        writer.writeAttribute(TurnAttributeType.CHANNEL_NUMBER, Uint8Array.of(number >>> 8, number, 0, 0))
        encodeXorPeerAddress(writer, b.relayed)
      }),
    )
    expect(code).toBe(400)
  })

  it('of a number up to 0x7FFF is taken from clients of RFC 5766 if the server is told to', () => {
    const bench = new TurnBench({ kind: 'rooms' }, {}, { acceptsClassicChannels: true })
    const client = bench.client('ann')
    client.allocate()
    const ask = (number: number) =>
      codeOf(
        client.request(TurnMethod.CHANNEL_BIND, (writer) => {
          writer.writeAttribute(TurnAttributeType.CHANNEL_NUMBER, Uint8Array.of(number >>> 8, number, 0, 0))
          encodeXorPeerAddress(writer, client.relayed)
        }),
      )
    expect([0x3fff, 0x8000, 0xffff].map(ask)).toEqual([400, 400, 400])
    expect(ask(0x7fff)).toBeUndefined()
    client.sayOn(0x7fff, 'hello')
    expect(client.heard()).toEqual(['7fff hello'])
  })

  it('without a number or a peer, or with a malformed one, is 400', () => {
    const { a, b } = pair()
    const ask = (write: Write) => codeOf(a.request(TurnMethod.CHANNEL_BIND, write))
    expect(ask((writer) => encodeXorPeerAddress(writer, b.relayed))).toBe(400)
    expect(ask((writer) => encodeChannelNumber(writer, 0x4000))).toBe(400)
    const both: Write = (writer) => {
      encodeChannelNumber(writer, 0x4000)
      malformedPeer(writer)
    }
    expect(ask(both)).toBe(400)
  })

  it('takes the first and the last number, and the same binding again', () => {
    const { bench, a, b } = pair()
    const c = bench.client('bob')
    c.allocate()
    expect([a.bind(0x4000, b.relayed), a.bind(0x4fff, c.relayed), a.bind(0x4000, b.relayed)]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  it('of a number or a peer that is bound otherwise is 400', () => {
    const { bench, a, b } = pair()
    const c = bench.client('bob')
    c.allocate()
    a.bind(0x4000, b.relayed)
    expect([a.bind(0x4000, c.relayed), a.bind(0x4001, b.relayed)]).toEqual([400, 400])
  })

  it('holds for ten minutes, and keeps number and peer together for five more', () => {
    const { bench, a, b } = pair()
    const c = bench.client('bob')
    c.allocate()
    for (const client of [a, b, c]) client.refresh(3600)
    a.bind(0x4000, b.relayed)
    bench.advance(599_999)
    a.permit(b.relayed)
    b.permit(a.relayed)
    a.sayOn(0x4000, 'still')
    bench.advance(1)
    a.sayOn(0x4000, 'too late')
    b.say(a.relayed, 'by Data')
    expect(b.heard()).toHaveLength(1)
    expect(a.heard()).toEqual([`${b.relayed.port} by Data`])
    bench.advance(299_999)
    expect([a.bind(0x4000, c.relayed), a.bind(0x4001, b.relayed)]).toEqual([400, 400])
    bench.advance(1)
    expect([a.bind(0x4000, c.relayed), a.bind(0x4001, b.relayed)]).toEqual([undefined, undefined])
  })

  it('may be renewed while it rests', () => {
    const { bench, a, b } = pair()
    a.refresh(3600)
    b.refresh(3600)
    a.bind(0x4000, b.relayed)
    bench.advance(700_000)
    expect(a.bind(0x4000, b.relayed)).toBeUndefined()
    b.permit(a.relayed)
    a.sayOn(0x4000, 'again')
    expect(b.heard()).toHaveLength(1)
  })

  it('permits the peer for five minutes', () => {
    const { bench, a, b } = pair()
    expect(a.bind(0x4000, b.relayed)).toBeUndefined()
    expect(b.bind(0x4000, a.relayed)).toBeUndefined()
    bench.advance(250_000)
    expect(a.bind(0x4000, b.relayed)).toBeUndefined()
    expect(b.bind(0x4000, a.relayed)).toBeUndefined()
    bench.advance(250_000)
    a.sayOn(0x4000, 'still')
    expect(b.heard()).toHaveLength(1)
  })
})

describe('what is dropped', () => {
  it.each<[string, object, (a: BenchClient, b: BenchClient, bench: TurnBench) => void]>([
    ['ChannelData of an unbound channel', { noChannel: 1 }, (a) => a.sayOn(0x4001, 'x')],
    [
      'ChannelData shorter than it says',
      { malformed: 1 },
      (a, _, bench) => bench.deliver(a.path, Uint8Array.of(0x40, 0, 0, 5, 1)),
    ],
    [
      'ChannelData of a reserved number',
      { noChannel: 1 },
      (a, _, bench) => bench.deliver(a.path, Uint8Array.of(0x50, 0, 0, 1, 1)),
    ],
    [
      'what begins like RTP',
      { malformed: 1 },
      (a, _, bench) => bench.deliver(a.path, new Uint8Array(20).fill(0x80)),
    ],
    [
      'Send without an allocation',
      { noAllocation: 1 },
      (_, b, bench) => bench.client('ann').say(b.relayed, 'x'),
    ],
    [
      'ChannelData without an allocation',
      { noAllocation: 1 },
      (_a, _b, bench) => bench.client('ann').sayOn(0x4000, 'x'),
    ],
    [
      'Send with an unknown attribute',
      { malformed: 1 },
      (a, b) => a.say(b.relayed, 'x', (writer) => writer.writeAttribute(0x7fff, new Uint8Array(4))),
    ],
    ['Send to the other family', { noPermission: 1 }, (a) => a.say(address('2001:db8::1', 2000), 'x')],
  ])('%s', (_, dropped, act) => {
    const { bench, a, b } = pair()
    a.bind(0x4000, b.relayed)
    b.permit(a.relayed)
    act(a, b, bench)
    expect(bench.server.counters.dropped).toMatchObject(dropped)
    expect(b.heard()).toEqual([])
  })
})
