import type { TransportAddress } from '@crowfly/sansio'
import { describe, expect, it } from 'vitest'
import { encodeAdditionalAddressFamily } from '../proto/attributes/additional-address-family.ts'
import { decodeIcmp } from '../proto/attributes/icmp.ts'
import { TurnAttributeType } from '../proto/turn-attribute-type.ts'
import { parseCidr } from './cidr.ts'
import { PeerFilter } from './peer-filter.ts'
import type { PublicPolicy } from './peer-policy.ts'
import { address, TurnBench } from './testing/turn-bench.ts'

const RELAY4 = address('8.1.1.1', 0).address
const RELAY6 = address('2400::1', 0).address
const PEER = address('9.9.9.9', 5000)

function policy(allow: string[] = [], deny: string[] = [], relay4 = RELAY4): PublicPolicy {
  const cidrs = (texts: string[]) => texts.map(parseCidr).filter((cidr) => cidr !== undefined)
  return {
    kind: 'public',
    filter: new PeerFilter({ allow: cidrs(allow), deny: cidrs(deny) }),
    relayAddress: (family) => (family === 4 ? relay4 : RELAY6),
    ports: { least: 49_152, most: 65_535 },
    ownAddresses: [address('8.1.1.2', 0).address],
  }
}

function setUp(peers = policy()) {
  const bench = new TurnBench(peers)
  const client = bench.client('sam')
  expect(client.allocate()).toBeUndefined()
  return { bench, client }
}

function textOf(data: Uint8Array | undefined): string {
  return new TextDecoder().decode(data)
}

describe('public mode', () => {
  it('opens a socket when the first peer is permitted, and closes it with the allocation', () => {
    const { bench, client } = setUp()
    expect(bench.events).toEqual([])
    expect(client.permit(PEER)).toBeUndefined()
    expect(client.permit(PEER, address('9.9.9.8', 1))).toBeUndefined()
    expect(bench.events).toEqual([{ type: 'openRelay', relay: 0, address: client.relayed }])
    expect(client.refresh(0)).toBeUndefined()
    expect(bench.events.at(-1)).toEqual({ type: 'closeRelay', relay: 0 })
  })

  it('sends to peers what Send and ChannelData carry', () => {
    const { bench, client } = setUp()
    client.permit(PEER)
    client.say(PEER, 'hello')
    client.bind(0x4000, PEER)
    client.sayOn(0x4000, 'again')
    client.say(PEER, '')
    client.sayOn(0x4000, '')
    expect(bench.toPeers.map(({ relay, peer, data }) => [relay, peer, textOf(data)])).toEqual([
      [0, PEER, 'hello'],
      [0, PEER, 'again'],
      [0, PEER, ''],
      [0, PEER, ''],
    ])
    expect(bench.server.counters.relayed).toMatchObject({ toPeerPackets: 4, toPeerBytes: 10 })
  })

  it('brings back what permitted peers say, from any port, by channel where there is one', () => {
    const { bench, client } = setUp()
    client.permit(PEER)
    bench.deliverFromPeer(0, { ...PEER, port: 7 }, new TextEncoder().encode('one'))
    client.bind(0x4000, PEER)
    bench.deliverFromPeer(0, PEER, new TextEncoder().encode('two'))
    bench.deliverFromPeer(0, address('9.9.9.8', 5000), new TextEncoder().encode('three'))
    bench.deliverFromPeer(2, PEER, new TextEncoder().encode('four'))
    bench.deliverFromPeer(0, address('2400::9', 5000), new TextEncoder().encode('five'))
    expect(client.heard()).toEqual(['7 one', '4000 two'])
    bench.advance(300_000)
    bench.deliverFromPeer(0, PEER, new TextEncoder().encode('six'))
    expect(client.heard()).toEqual([])
  })

  it('refuses special addresses on CreatePermission, ChannelBind and Send, in every spelling', () => {
    const { bench, client } = setUp()
    client.allocate()
    const dual = bench.client('sam')
    dual.allocate((writer) => encodeAdditionalAddressFamily(writer, 6))
    for (const text of [
      '127.0.0.1',
      '169.254.169.254',
      '10.0.0.1',
      '::1',
      '::ffff:127.0.0.1',
      '::127.0.0.1',
      '64:ff9b::7f00:1',
      '2002:7f00:1::1',
      'fe80::1',
      'fd00::1',
    ]) {
      const peer = address(text, 80)
      expect([dual.permit(peer), dual.bind(0x4000, peer)]).toEqual([403, 403])
      dual.say(peer, 'x')
    }
    expect(dual.permit(PEER, address('127.0.0.1', 80))).toBe(403)
    dual.say(PEER, 'x')
    expect(bench.toPeers).toEqual([])
  })

  it('answers a family that the allocation lacks with 443, whatever the address', () => {
    const { client } = setUp()
    for (const text of ['2400::9', '::1', '2001:db8::1']) expect(client.permit(address(text, 80))).toBe(443)
  })

  it('reaches its own addresses by the switchboard alone', () => {
    const { bench, client } = setUp()
    const other = bench.client('sam')
    other.allocate()
    expect([client.permit(other.relayed), other.permit(client.relayed)]).toEqual([undefined, undefined])
    expect(bench.events).toEqual([])
    client.say(other.relayed, 'hello')
    expect(other.heard()).toEqual([`${client.relayed.port} hello`])
    client.permit(PEER)
    client.say({ ...client.relayed, port: 22 }, 'x')
    expect(client.bind(0x4000, { ...client.relayed, port: 22 })).toBe(403)
    expect(client.permit(address('8.1.1.2', 22))).toBe(403)
    expect(bench.toPeers).toEqual([])
    expect(bench.server.counters.dropped.unreachable).toBe(1)
  })

  it('reaches other hosts at its own address where the operator allows it', () => {
    const { bench, client } = setUp(policy(['127.0.0.0/8'], [], address('127.0.0.1', 0).address))
    const other = bench.client('sam')
    other.allocate()
    const peer = address('127.0.0.1', 3480)
    expect(client.permit(peer)).toBeUndefined()
    expect(other.permit(peer)).toBeUndefined()
    client.say(peer, 'hello')
    client.say(other.relayed, 'by the switchboard')
    expect(bench.toPeers.map(({ data }) => textOf(data))).toEqual(['hello'])
    expect(other.heard()).toEqual([`${client.relayed.port} by the switchboard`])
    bench.deliverFromPeer(0, peer, new TextEncoder().encode('back'))
    expect(client.heard()).toEqual(['3480 back'])
    expect(client.bind(0x4000, peer)).toBeUndefined()
  })

  it('keeps rooms apart at the switchboard', () => {
    const bench = new TurnBench(policy())
    const [ann, eve] = [bench.client('ann'), bench.client('eve')]
    ann.allocate()
    eve.allocate()
    ann.permit(eve.relayed)
    eve.permit(ann.relayed)
    ann.say(eve.relayed, 'x')
    expect(eve.heard()).toEqual([])
    expect(ann.bind(0x4000, eve.relayed)).toBe(403)
  })

  it('ends an allocation whose socket can not be opened', () => {
    const { bench, client } = setUp()
    bench.server.handleRelayFailed(0, bench.now)
    expect(bench.server.sizes.allocations).toBe(1)
    client.permit(PEER)
    bench.server.handleRelayFailed(0, bench.now)
    bench.drain()
    expect(bench.events.at(-1)).toEqual({ type: 'closeRelay', relay: 0 })
    expect(client.refresh()).toBe(437)
    bench.server.handleRelayFailed(77, bench.now)
  })

  it('drops what is sent to port 0', () => {
    const { bench, client } = setUp()
    client.permit(PEER)
    client.say({ ...PEER, port: 0 }, 'x')
    expect(bench.toPeers).toEqual([])
  })
})

// RFC 8656 §11.5, §12.5: even where there is a channel
describe('an ICMP error', () => {
  const report = (peer: TransportAddress, icmpType: number, icmpCode: number, errorData = 1400) => {
    const { bench, client } = setUp()
    client.bind(0x4000, PEER)
    bench.server.handleRelayIcmp(0, peer, { icmpType, icmpCode, errorData }, bench.now)
    bench.drain()
    const [received] = bench.take(client.path)
    return received?.kind === 'data' ? received : undefined
  }

  it('comes as a Data indication with the peer and ICMP, without DATA', () => {
    const received = report(PEER, 3, 3)
    expect(received?.peer).toEqual(PEER)
    expect(received && decodeIcmp(received.message)).toEqual({ icmpType: 3, icmpCode: 3, errorData: 0 })
    expect(received?.message.has(TurnAttributeType.DATA)).toBe(false)
  })

  it('says the MTU where there is one', () => {
    const received = report(PEER, 3, 4)
    expect(received && decodeIcmp(received.message)?.errorData).toBe(1400)
  })

  it('of another type, or for a peer without permission, goes nowhere', () => {
    expect(report(PEER, 8, 0)).toBeUndefined()
    expect(report(address('9.9.9.8', 5000), 3, 3)).toBeUndefined()
    expect(report(PEER, 11, 0)).toBeDefined()
  })
})
