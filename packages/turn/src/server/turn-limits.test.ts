import { AttributeType } from '@crowfly/stun'
import { describe, expect, it } from 'vitest'
import { encodeEvenPort } from '../proto/attributes/even-port.ts'
import { PeerFilter } from './peer-filter.ts'
import { messageOf, type Write } from './testing/test-requests.ts'
import { address, REALM, TurnBench } from './testing/turn-bench.ts'
import type { TurnLimits } from './turn-limits.ts'

const rooms = { kind: 'rooms' } as const

/** The codes that one user after the other gets for an allocation. */
function allocateEach(limits: Partial<TurnLimits>, users: string[], from = (i: number) => `203.0.113.${i}`) {
  const bench = new TurnBench(rooms, limits)
  const codes = users.map((user, i) => bench.client(user, { from: address(from(i), 5000 + i) }).allocate())
  return { bench, codes }
}

describe('the limit of', () => {
  it('allocations in all is 508', () => {
    expect(allocateEach({ maxAllocations: 2 }, ['ann', 'bob', 'eve']).codes).toEqual([
      undefined,
      undefined,
      508,
    ])
  })

  it('allocations of one user is 486', () => {
    const { codes } = allocateEach({ maxAllocationsPerUser: 1 }, ['ann', 'bob', 'ann'])
    expect(codes).toEqual([undefined, undefined, 486])
  })

  it('allocations of one room is 486', () => {
    const { codes } = allocateEach({ maxAllocationsPerRoom: 2 }, [
      'ann',
      'bob',
      'ann',
      'eve',
      'sam',
      'sam',
      'sam',
    ])
    expect(codes).toEqual([undefined, undefined, 486, undefined, undefined, undefined, undefined])
  })

  it('allocations from one address is 486, an IPv6 /64 being one', () => {
    const limits = { maxAllocationsPerAddress: 1 }
    expect(allocateEach(limits, ['ann', 'bob'], () => '203.0.113.1').codes).toEqual([undefined, 486])
    const addresses = ['2400::1', '2400::2', '2400:0:0:1::1']
    const { codes } = allocateEach(limits, ['ann', 'bob', 'eve'], (i) => addresses[i] ?? '')
    expect(codes).toEqual([undefined, 486, undefined])
  })

  it('allocations counts those that there are, not those that were', () => {
    const limits = {
      maxAllocations: 1,
      maxAllocationsPerUser: 1,
      maxAllocationsPerRoom: 1,
      maxAllocationsPerAddress: 1,
    }
    const bench = new TurnBench(rooms, limits)
    const client = bench.client('ann')
    for (let i = 0; i < 3; i++) expect([client.allocate(), client.refresh(0)]).toEqual([undefined, undefined])
    client.allocate()
    bench.advance(600_000)
    expect(client.allocate()).toBeUndefined()
  })

  it('reservations is 508', () => {
    const bench = new TurnBench(rooms, { maxReservations: 1 })
    const reserve = () =>
      bench.client('ann').allocate((writer) => encodeEvenPort(writer, { reserveNext: true }))
    expect([reserve(), reserve(), bench.server.sizes.ports]).toEqual([undefined, 508, 2])
  })

  it('permissions of one allocation is 403, and those that there are stay', () => {
    const ports = { least: 50_000, most: 50_010 }
    const relayAddress = () => address('8.1.1.1', 0).address
    const filter = new PeerFilter()
    const bench = new TurnBench(
      { kind: 'public', filter, relayAddress, ports },
      { maxPermissionsPerAllocation: 2 },
    )
    const client = bench.client('sam')
    client.allocate()
    const peers = [1, 2, 3].map((i) => address(`9.9.9.${i}`, 1))
    expect(client.permit(...peers)).toBe(403)
    expect(client.permit(...peers.slice(0, 2), ...peers.slice(0, 2))).toBeUndefined()
    expect([client.permit(...peers.slice(2)), client.bind(0x4000, peers[2] ?? client.relayed)]).toEqual([
      403, 403,
    ])
    expect(client.permit(...peers.slice(0, 1))).toBeUndefined()
    bench.advance(300_000)
    expect(client.permit(...peers.slice(2))).toBeUndefined()
  })

  it('channels of one allocation is 403', () => {
    const bench = new TurnBench(rooms, { maxChannelsPerAllocation: 1 })
    const [a, b] = [bench.client('ann'), bench.client('bob')]
    a.allocate()
    b.allocate()
    expect([a.bind(0x4000, b.relayed), a.bind(0x4001, a.relayed), a.bind(0x4000, b.relayed)]).toEqual([
      undefined,
      403,
      undefined,
    ])
  })

  it('bytes a second of one allocation drops what is more, in either direction', () => {
    const bench = new TurnBench(rooms, { maxBytesPerSecond: 1000 })
    const [a, b, c] = [bench.client('ann'), bench.client('bob'), bench.client('bob')]
    for (const client of [a, b, c]) {
      client.allocate()
      client.permit(client.relayed)
    }
    a.say(b.relayed, 'x'.repeat(600))
    a.say(b.relayed, 'x'.repeat(600))
    expect(b.heard()).toHaveLength(1)
    c.say(b.relayed, 'x'.repeat(600))
    expect(b.heard()).toHaveLength(0)
    expect(bench.server.counters.dropped.tooFast).toBe(2)
    bench.advance(1000)
    a.say(b.relayed, 'x'.repeat(1000))
    expect(b.heard()).toHaveLength(1)
  })

  it('packets that are empty too', () => {
    const bench = new TurnBench(rooms, { maxBytesPerSecond: 640 })
    const client = bench.client('ann')
    client.allocate()
    client.permit(client.relayed)
    for (let i = 0; i < 20; i++) client.say(client.relayed, '')
    expect(client.heard()).toHaveLength(10)
  })

  it('a lifetime is a setting', () => {
    const bench = new TurnBench(rooms, { defaultLifetimeSeconds: 10, maxLifetimeSeconds: 20 })
    const client = bench.client('ann')
    client.allocate()
    client.refresh(100)
    bench.advance(19_999)
    expect(bench.server.sizes.allocations).toBe(1)
    bench.advance(1)
    expect(bench.server.sizes.allocations).toBe(0)
  })
})

/** What has come from those who are not known, and what they were sent. */
function bytesIn(bench: TurnBench): [number, number] {
  const counts = Object.values(bench.server.counters.unauthenticated)
  const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0)
  return [
    sum(counts.map(({ requestBytes }) => requestBytes)),
    sum(counts.map(({ replyBytes }) => replyBytes)),
  ]
}

describe('replies to nobody in particular', () => {
  const id = new Uint8Array(12)
  const allocate = messageOf(0x003, 'request', id, () => {})
  const binding = messageOf(0x001, 'request', id, () => {})

  it('are so many a second to one address, over UDP', () => {
    const limits = { maxUnauthenticatedRepliesPerSecond: 3, maxBindingRepliesPerSecond: 5 }
    const bench = new TurnBench(rooms, limits)
    const client = bench.client('ann')
    const stream = bench.client('ann', { transport: 'tcp' })
    const replies = (bytes: Uint8Array) => {
      for (let i = 0; i < 10; i++) bench.deliver(client.path, bytes)
      return bench.take(client.path).length
    }
    expect([replies(allocate), replies(binding)]).toEqual([3, 5])
    const elsewhere = bench.client('ann', { from: address('203.0.113.77', 1) })
    expect(elsewhere.send(allocate)).toBeDefined()
    for (let i = 0; i < 10; i++) expect(stream.send(allocate)).toBeDefined()
    bench.advance(1000)
    expect([replies(allocate), replies(binding)]).toEqual([3, 5])
    expect(bench.server.counters.unauthenticated).toMatchObject({
      unauthenticated: { requests: 31, replies: 17, suppressed: 14 },
      binding: { requests: 20, replies: 10, suppressed: 10 },
    })
  })

  it('do not keep those with credentials out', () => {
    const bench = new TurnBench(rooms, { maxUnauthenticatedRepliesPerSecond: 2 })
    const client = bench.client('ann')
    client.challenge()
    for (let i = 0; i < 10; i++) client.send(allocate)
    expect(client.allocate()).toBeUndefined()
  })

  it('are counted with their bytes, and short', () => {
    const bench = new TurnBench()
    const client = bench.client('ann')
    client.send(allocate)
    client.send(binding)
    const { unauthenticated, binding: bound } = bench.server.counters.unauthenticated
    expect(unauthenticated).toEqual({
      requests: 1,
      requestBytes: 20,
      replies: 1,
      replyBytes: 80,
      suppressed: 0,
    })
    expect(bound).toEqual({ requests: 1, requestBytes: 20, replies: 1, replyBytes: 32, suppressed: 0 })
  })

  const puzzle: Write = (writer) => writer.writeAttribute(0x7ff1, new Uint8Array(0))
  const bareIntegrity: Write = (writer) =>
    writer.writeAttribute(AttributeType.MESSAGE_INTEGRITY, new Uint8Array(20))
  const classic = binding.slice().fill(1, 4, 8)

  // What the README has, too.
  it.each<[string, Uint8Array, number, number, string?]>([
    ['401', allocate, 20, 80],
    ['401 of a realm of seven characters', allocate, 20, 84, 'crowfly'],
    ['400', messageOf(0x003, 'request', id, bareIntegrity), 44, 28],
    ['420', messageOf(0x001, 'request', id, puzzle), 24, 36],
    ['Binding', binding, 20, 32],
    ['Binding of RFC 3489', classic, 20, 32],
  ])('have so many bytes: %s', (_, question, asked, answered, realm = REALM) => {
    const bench = new TurnBench(rooms, {}, { realm })
    bench.client('ann').send(question)
    expect(bytesIn(bench)).toEqual([asked, answered])
  })

  it('have so many bytes: 438, to whoever knows a password', () => {
    const bench = new TurnBench()
    const client = bench.client('ann')
    client.nonce = 'n'
    expect(client.allocate()).toBe(438)
    expect(bench.server.counters.unauthenticated.staleNonce.replies).toBe(1)
    expect(bytesIn(bench)).toEqual([76, 80])
  })
})
