import { describe, expect, it } from 'vitest'
import { encodeDontFragment } from '../proto/attributes/dont-fragment.ts'
import { address, TurnBench } from './testing/turn-bench.ts'

function pair(names: readonly [string, string] = ['ann', 'bob']) {
  const bench = new TurnBench()
  const [a, b] = names.map((name) => bench.client(name))
  if (a === undefined || b === undefined) throw new TypeError('two clients')
  expect([a.allocate(), b.allocate()]).toEqual([undefined, undefined])
  return { bench, a, b }
}

describe('the switchboard, in rooms mode', () => {
  it('passes Send on as Data, between allocations that permit each other', () => {
    const { bench, a, b } = pair()
    expect([a.permit(b.relayed), b.permit(a.relayed)]).toEqual([undefined, undefined])
    a.say(b.relayed, 'hello')
    expect(b.heard()).toEqual([`${a.relayed.port} hello`])
    a.say(b.relayed, '', encodeDontFragment)
    expect(b.heard()).toEqual([`${a.relayed.port} `])
    expect(a.heard()).toEqual([])
    expect(bench.server.counters.relayed.toClientPackets).toBe(2)
    expect(bench.events).toEqual([])
  })

  it('passes ChannelData on, as ChannelData where the other side has a channel too', () => {
    const { a, b } = pair()
    expect(a.bind(0x4000, b.relayed)).toBeUndefined()
    expect(b.permit(a.relayed)).toBeUndefined()
    a.sayOn(0x4000, 'hello')
    expect(b.heard()).toEqual([`${a.relayed.port} hello`])
    expect(b.bind(0x4fff, a.relayed)).toBeUndefined()
    a.sayOn(0x4000, 'hello')
    b.say(a.relayed, 'so long')
    expect(b.heard()).toEqual(['4fff hello'])
    expect(a.heard()).toEqual(['4000 so long'])
  })

  it('connects UDP, TCP and TLS, IPv4 and IPv6 with each other', () => {
    const bench = new TurnBench()
    const clients = [
      bench.client('ann'),
      bench.client('ann', { transport: 'tcp' }),
      bench.client('bob', { transport: 'tls', from: address('2001:db8:2::1', 5000) }),
      bench.client('bob', { from: address('2001:db8:2::1', 5000) }),
    ]
    for (const client of clients) {
      expect(client.allocate()).toBeUndefined()
      expect(client.permit(client.relayed)).toBeUndefined()
    }
    const texts = ['', 'a', 'ab', 'abc', 'abcd', 'a'.repeat(1200)]
    const pairs = clients.flatMap((from, i) => clients.map((to, k) => ({ from, to, i, k })))
    for (const { from, to } of pairs) {
      for (const text of texts) {
        from.say(to.relayed, text)
        expect(to.heard()).toEqual([`${from.relayed.port} ${text}`])
      }
    }
    for (const { from, to, k } of pairs) expect(from.bind(0x4000 + k, to.relayed)).toBeUndefined()
    for (const { from, to, i, k } of pairs) {
      for (const text of texts) {
        from.sayOn(0x4000 + k, text)
        expect(to.heard()).toEqual([`${(0x4000 + i).toString(16)} ${text}`])
      }
    }
  })

  it('passes nothing on without both permissions', () => {
    const { bench, a, b } = pair()
    a.say(b.relayed, 'one')
    expect(a.permit(b.relayed)).toBeUndefined()
    a.say(b.relayed, 'two')
    expect(b.heard()).toEqual([])
    expect(bench.server.counters.dropped.noPermission).toBe(2)
    expect(b.permit(a.relayed)).toBeUndefined()
    a.say(b.relayed, 'three')
    expect(b.heard()).toHaveLength(1)
  })

  it('passes nothing on after five minutes without CreatePermission', () => {
    const { bench, a, b } = pair()
    expect(a.bind(0x4000, b.relayed)).toBeUndefined()
    expect(b.permit(a.relayed)).toBeUndefined()
    bench.advance(299_999)
    a.sayOn(0x4000, 'still')
    expect(b.heard()).toHaveLength(1)
    bench.advance(1)
    a.sayOn(0x4000, 'too late')
    expect(b.heard()).toEqual([])
  })

  // RFC 8656 §6
  it('keeps no allocation alive by what passes', () => {
    const { bench, a, b } = pair()
    for (let i = 0; i < 6; i++) {
      a.permit(b.relayed)
      b.permit(a.relayed)
      a.say(b.relayed, 'hello')
      bench.advance(100_000)
    }
    expect(b.heard()).toHaveLength(6)
    expect(bench.server.sizes.allocations).toBe(0)
  })

  // RFC 8489 §5
  it('gives each Data indication a transaction id of its own', () => {
    const { bench, a, b } = pair()
    a.permit(b.relayed)
    b.permit(a.relayed)
    for (let i = 0; i < 200; i++) a.say(b.relayed, 'hello')
    const ids = bench.take(b.path).map((each) => each.kind === 'data' && each.message.transactionId.join())
    expect(new Set(ids).size).toBe(200)
  })

  it('passes nothing on between rooms, and does not say that there is another', () => {
    const { bench, a, b } = pair(['ann', 'eve'])
    expect([a.permit(b.relayed), b.permit(a.relayed)]).toEqual([undefined, undefined])
    a.say(b.relayed, 'hello')
    expect(b.heard()).toEqual([])
    const nobody = { ...b.relayed, port: b.relayed.port === 2000 ? 2001 : 2000 }
    expect([a.bind(0x4000, b.relayed), a.bind(0x4000, nobody)]).toEqual([403, 403])
    a.say(nobody, 'hello')
    expect(bench.server.counters.dropped.unreachable).toBe(2)
  })

  it('gives whoever gets a port nothing of what was for the one before', () => {
    const { bench, a, b } = pair()
    expect(a.bind(0x4000, b.relayed)).toBeUndefined()
    expect(b.refresh(0)).toBeUndefined()
    a.sayOn(0x4000, 'hello')
    expect(b.heard()).toEqual([])
    expect(bench.server.counters.dropped.unreachable).toBe(1)
  })

  it('permits its own names always, and refuses every foreign peer with 403', () => {
    const { a } = pair()
    expect(a.permit(address('198.51.100.1', 9))).toBeUndefined()
    for (const foreign of ['8.8.8.8', '127.0.0.1', '198.51.100.2', '::1', '2001:4860:4860::8888']) {
      expect(a.permit(address(foreign, 53))).toBe(403)
      expect(a.permit(address('198.51.100.1', 9), address(foreign, 53))).toBe(403)
      expect(a.bind(0x4000, address(foreign, 53))).toBe(403)
    }
    expect(a.permit(address('2001:db8::1', 9))).toBe(443)
    expect(a.bind(0x4000, address('2001:db8::1', 9))).toBe(443)
  })
})
