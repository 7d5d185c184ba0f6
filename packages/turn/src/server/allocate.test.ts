import { formatTransportAddress } from '@crowfly/sansio'
import { decodeXorMappedAddress, type StunMessage } from '@crowfly/stun'
import { describe, expect, it } from 'vitest'
import { encodeAdditionalAddressFamily } from '../proto/attributes/additional-address-family.ts'
import { decodeAddressErrorCode } from '../proto/attributes/address-error-code.ts'
import { encodeDontFragment } from '../proto/attributes/dont-fragment.ts'
import { encodeEvenPort } from '../proto/attributes/even-port.ts'
import { decodeLifetime, encodeLifetime } from '../proto/attributes/lifetime.ts'
import { encodeRequestedAddressFamily } from '../proto/attributes/requested-address-family.ts'
import { encodeRequestedTransport } from '../proto/attributes/requested-transport.ts'
import { decodeReservationToken, encodeReservationToken } from '../proto/attributes/reservation-token.ts'
import { decodeXorRelayedAddress } from '../proto/attributes/xor-relayed-address.ts'
import { TurnAttributeType } from '../proto/turn-attribute-type.ts'
import { TurnMethod } from '../proto/turn-method.ts'
import { PeerFilter } from './peer-filter.ts'
import { requests, type Write } from './testing/test-requests.ts'
import { address, codeOf, TurnBench } from './testing/turn-bench.ts'

const TOKEN = new Uint8Array(8)

function all(...writes: Write[]): Write {
  return (writer) => {
    for (const write of writes) write(writer)
  }
}

const family =
  (family: 4 | 6): Write =>
  (writer) =>
    encodeRequestedAddressFamily(writer, family)
const additional =
  (family: 4 | 6): Write =>
  (writer) =>
    encodeAdditionalAddressFamily(writer, family)
const even =
  (reserveNext: boolean): Write =>
  (writer) =>
    encodeEvenPort(writer, { reserveNext })
const token =
  (bytes: Uint8Array): Write =>
  (writer) =>
    encodeReservationToken(writer, bytes)
const lifetime =
  (seconds: number): Write =>
  (writer) =>
    encodeLifetime(writer, seconds)
const malformed =
  (type: number): Write =>
  (writer) =>
    writer.writeAttribute(type, new Uint8Array(3))

/** All relayed addresses of a response, as text. */
function relayedIn(response: StunMessage): string[] {
  const found: string[] = []
  let at = response.find(TurnAttributeType.XOR_RELAYED_ADDRESS)
  for (; at >= 0; at = response.findNext(at)) {
    const relayed = decodeXorRelayedAddress(response, at)
    found.push(relayed === undefined ? 'malformed' : formatTransportAddress(relayed))
  }
  return found
}

// RFC 8656 §7.2
describe('Allocate', () => {
  it('gives an IPv4 name, ten minutes, and the address that the client has', () => {
    const bench = new TurnBench()
    const client = bench.client('ann', { from: address('203.0.113.5', 4321) })
    const response = client.request(TurnMethod.ALLOCATE, requests.allocate())
    expect(relayedIn(response)).toEqual([expect.stringMatching(/^198\.51\.100\.1:\d{4,5}$/)])
    expect(decodeLifetime(response)).toBe(600)
    const mapped = decodeXorMappedAddress(response)
    expect(mapped && formatTransportAddress(mapped)).toBe('203.0.113.5:4321')
    expect(bench.server.sizes).toMatchObject({ allocations: 1, ports: 1, timers: 1 })
    expect(bench.paths.held).toBe(1)
  })

  it('gives an IPv4 name over IPv6 too, unless the client asks for the other', () => {
    const bench = new TurnBench()
    const from = address('2001:db8:5::1', 4321)
    const response = bench.client('ann', { from }).request(TurnMethod.ALLOCATE, requests.allocate())
    expect(relayedIn(response)).toEqual([expect.stringMatching(/^198\.51\.100\.1:/)])
    const other = bench.client('ann').request(TurnMethod.ALLOCATE, requests.allocate(family(6)))
    expect(relayedIn(other)).toEqual([expect.stringMatching(/^\[2001:db8::1\]:/)])
  })

  it.each<[string, number | undefined, Write]>([
    ['no REQUESTED-TRANSPORT', 400, () => {}],
    ['a malformed REQUESTED-TRANSPORT', 400, malformed(TurnAttributeType.REQUESTED_TRANSPORT)],
    ['TCP', 442, (writer) => encodeRequestedTransport(writer, 6)],
    ['DONT-FRAGMENT', undefined, requests.allocate(encodeDontFragment)],
    ['RESERVATION-TOKEN and EVEN-PORT', 400, requests.allocate(all(token(TOKEN), even(false)))],
    ['RESERVATION-TOKEN and a family', 400, requests.allocate(all(token(TOKEN), family(4)))],
    ['RESERVATION-TOKEN and another family', 400, requests.allocate(all(token(TOKEN), additional(6)))],
    ['a malformed RESERVATION-TOKEN', 400, requests.allocate(malformed(TurnAttributeType.RESERVATION_TOKEN))],
    ['a RESERVATION-TOKEN of nobody', 508, requests.allocate(token(TOKEN))],
    ['both kinds of families', 400, requests.allocate(all(family(4), additional(6)))],
    [
      'a family that there is none of',
      440,
      requests.allocate((writer) => writer.writeAttribute(0x0017, Uint8Array.of(3, 0, 0, 0))),
    ],
    ['a malformed family', 400, requests.allocate(malformed(TurnAttributeType.REQUESTED_ADDRESS_FAMILY))],
    ['EVEN-PORT with R and another family', 400, requests.allocate(all(even(true), additional(6)))],
    ['EVEN-PORT without R and another family', undefined, requests.allocate(all(even(false), additional(6)))],
    ['a malformed EVEN-PORT', 400, requests.allocate(malformed(TurnAttributeType.EVEN_PORT))],
    ['IPv4 as the other family', 400, requests.allocate(additional(4))],
    [
      'a malformed other family',
      400,
      requests.allocate(malformed(TurnAttributeType.ADDITIONAL_ADDRESS_FAMILY)),
    ],
    ['a malformed LIFETIME', 400, requests.allocate(malformed(TurnAttributeType.LIFETIME))],
  ])('with %s is answered with %s', (_, code, write) => {
    const bench = new TurnBench()
    const client = bench.client('ann')
    expect(codeOf(client.request(TurnMethod.ALLOCATE, write))).toBe(code)
    expect(bench.server.sizes.allocations).toBe(code === undefined ? 1 : 0)
  })

  // RFC 8656 §21.4
  it.each(['2001::4136:e378', '2002:cb00:7105::1'])('from %s, out of a tunnel, is 403', (from) => {
    const bench = new TurnBench()
    expect(bench.client('ann', { from: address(from, 4321) }).allocate()).toBe(403)
    expect(bench.server.sizes.allocations).toBe(0)
  })

  it.each([
    [undefined, 600],
    [0, 600],
    [60, 600],
    [600, 600],
    [1200, 1200],
    [3600, 3600],
    [4_000_000_000, 3600],
  ])('with LIFETIME %s gives %s seconds', (asked, given) => {
    const client = new TurnBench().client('ann')
    const write = asked === undefined ? requests.allocate() : requests.allocate(lifetime(asked))
    expect(decodeLifetime(client.request(TurnMethod.ALLOCATE, write))).toBe(given)
  })

  it('sent again is answered again, the time that has passed taken off', () => {
    const bench = new TurnBench()
    const client = bench.client('ann')
    const id = new Uint8Array(12).fill(3)
    const first = client.request(TurnMethod.ALLOCATE, requests.allocate(even(true)), id)
    bench.advance(2500)
    const second = client.request(TurnMethod.ALLOCATE, requests.allocate(even(true)), id)
    expect(relayedIn(second)).toEqual(relayedIn(first))
    expect(decodeReservationToken(second)).toEqual(decodeReservationToken(first))
    expect([decodeLifetime(first), decodeLifetime(second)]).toEqual([600, 598])
    expect(bench.server.sizes).toMatchObject({ allocations: 1, reservations: 1, ports: 2 })
  })

  it('on a 5-tuple in use is 437, until Refresh has freed it, as Firefox does', () => {
    const bench = new TurnBench()
    const client = bench.client('ann')
    expect(client.allocate()).toBeUndefined()
    expect(client.allocate()).toBe(437)
    client.username = 'bob'
    expect(client.allocate()).toBe(437)
    client.username = 'ann'
    expect(client.refresh(0)).toBeUndefined()
    expect(client.allocate()).toBeUndefined()
  })

  it('is over when its time is, and the ports and paths are free again', () => {
    const bench = new TurnBench()
    const client = bench.client('ann')
    client.allocate(additional(6))
    client.permit(client.relayed)
    client.bind(0x4000, client.relayed)
    bench.advance(599_999)
    expect(bench.server.sizes.allocations).toBe(1)
    bench.advance(1)
    expect(bench.server.sizes).toEqual({ allocations: 0, reservations: 0, ports: 0, streams: 0, timers: 0 })
    expect(bench.server.pollTimeout()).toBe(Infinity)
    expect(bench.paths.held).toBe(0)
  })

  it('is over when the member leaves', () => {
    const bench = new TurnBench()
    const [ann, bob] = [bench.client('ann'), bench.client('bob')]
    ann.allocate()
    bob.allocate()
    bench.server.endAllocationsOf((name) => name === 'ann', bench.now)
    expect(bench.server.sizes).toMatchObject({ allocations: 1, ports: 1, timers: 1 })
    expect([ann.refresh(), bob.refresh()]).toEqual([437, undefined])
    bench.server.endAllocationsOf(() => false, bench.now)
  })
})

describe('EVEN-PORT and RESERVATION-TOKEN', () => {
  it('give an even port, and to whoever has the token the next one', () => {
    const bench = new TurnBench()
    const [first, second] = [bench.client('ann'), bench.client('ann')]
    const response = first.request(TurnMethod.ALLOCATE, requests.allocate(even(true)))
    const kept = decodeReservationToken(response) ?? TOKEN
    const port = decodeXorRelayedAddress(response)?.port ?? 1
    expect(port % 2).toBe(0)
    expect(second.allocate(token(kept))).toBeUndefined()
    expect(second.relayed.port).toBe(port + 1)
    expect(bench.server.sizes).toMatchObject({ allocations: 2, reservations: 0, ports: 2, timers: 2 })
    expect(bench.client('ann').allocate(token(kept))).toBe(508)
  })

  it('keep the next port for 30 seconds, for the same user', () => {
    const bench = new TurnBench()
    const client = bench.client('ann')
    const kept =
      decodeReservationToken(client.request(TurnMethod.ALLOCATE, requests.allocate(even(true)))) ?? TOKEN
    expect(bench.client('bob').allocate(token(kept))).toBe(508)
    bench.advance(29_999)
    expect(bench.server.sizes.reservations).toBe(1)
    bench.advance(1)
    expect(bench.server.sizes).toMatchObject({ reservations: 0, ports: 1 })
    expect(bench.client('ann').allocate(token(kept))).toBe(508)
  })

  it('without R keep nothing', () => {
    const bench = new TurnBench()
    const response = bench.client('ann').request(TurnMethod.ALLOCATE, requests.allocate(even(false)))
    expect(decodeReservationToken(response)).toBeUndefined()
    expect((decodeXorRelayedAddress(response)?.port ?? 1) % 2).toBe(0)
    expect(bench.server.sizes.ports).toBe(1)
  })
})

describe('a dual allocation', () => {
  it('has an address of each family', () => {
    const bench = new TurnBench()
    const response = bench.client('ann').request(TurnMethod.ALLOCATE, requests.allocate(additional(6)))
    expect(relayedIn(response)).toEqual([
      expect.stringMatching(/^198\.51\.100\.1:/),
      expect.stringMatching(/^\[2001:db8::1\]:/),
    ])
    expect(decodeAddressErrorCode(response)).toBeUndefined()
    expect(bench.server.sizes.ports).toBe(2)
  })

  it('says which family it lacks; without either there is none', () => {
    const policy = (has4: boolean) =>
      ({
        kind: 'public',
        filter: new PeerFilter(),
        relayAddress: (family: 4 | 6) =>
          family === 4 && has4 ? address('203.0.113.200', 0).address : undefined,
        ports: { least: 50_000, most: 50_000 },
      }) as const
    const bench = new TurnBench(policy(true))
    const response = bench.client('ann').request(TurnMethod.ALLOCATE, requests.allocate(additional(6)))
    expect(relayedIn(response)).toEqual(['203.0.113.200:50000'])
    expect(decodeAddressErrorCode(response)).toMatchObject({ family: 6, code: 440 })
    // The only port is taken.
    expect(bench.client('ann').allocate(additional(6))).toBe(508)
    expect(bench.client('ann').allocate()).toBe(508)
    expect(bench.client('ann').allocate(family(6))).toBe(440)
    expect(new TurnBench(policy(false)).client('ann').allocate(additional(6))).toBe(440)
  })

  it('is refreshed, and given back, together or one by one', () => {
    const bench = new TurnBench()
    const client = bench.client('ann')
    client.allocate(additional(6))
    expect(client.refresh(1200, family(6))).toBeUndefined()
    bench.advance(600_000)
    expect(bench.server.sizes).toMatchObject({ allocations: 1, ports: 1 })
    expect(client.refresh(600, family(4))).toBe(443)
    expect(client.refresh(0, family(6))).toBeUndefined()
    expect(bench.server.sizes).toMatchObject({ allocations: 0, ports: 0, timers: 0 })
  })
  // RFC 8656 §8.1
  it('loses the channels and permissions of a family with its address, and no others', () => {
    const bench = new TurnBench()
    const client = bench.client('ann')
    const [four, six, seven] = ['bob', 'bob', 'bob'].map((name) => bench.client(name))
    if (four === undefined || six === undefined || seven === undefined) throw new TypeError('three clients')
    client.allocate(additional(6))
    four.allocate()
    for (const each of [six, seven]) each.allocate(family(6))
    six.permit(seven.relayed)
    expect([client.bind(0x4000, four.relayed), client.bind(0x4001, six.relayed)]).toEqual([
      undefined,
      undefined,
    ])
    expect(client.refresh(0, family(4))).toBeUndefined()
    expect(client.bind(0x4000, seven.relayed)).toBeUndefined()
    client.sayOn(0x4001, 'still')
    expect(six.heard()).toHaveLength(1)
    const other = new TurnBench({ kind: 'rooms' }, { maxPermissionsPerAllocation: 1 }).client('ann')
    other.allocate(additional(6))
    expect([other.permit(four.relayed), other.permit(six.relayed)]).toEqual([undefined, 403])
    other.refresh(0, family(4))
    expect(other.permit(six.relayed)).toBeUndefined()
  })
})
