import { parseAddress } from '@crowfly/sansio'
import { describe, expect, it } from 'vitest'
import { type Cidr, isInCidr, parseCidr } from './cidr.ts'
import { PeerFilter } from './peer-filter.ts'
import { SPECIAL_PURPOSE_RANGES } from './special-purpose-ranges.ts'

// "IANA IPv4 Special-Purpose Address Registry", www.iana.org/assignments/iana-ipv4-special-registry, and that of IPv6,
// .../iana-ipv6-special-registry: each row, globally reachable or not.
const IPV4_REGISTRY = `
0.0.0.0/8 "This network"
0.0.0.0/32 "This host on this network"
10.0.0.0/8 Private-Use
100.64.0.0/10 Shared Address Space
127.0.0.0/8 Loopback
169.254.0.0/16 Link Local
172.16.0.0/12 Private-Use
192.0.0.0/24 IETF Protocol Assignments
192.0.0.0/29 IPv4 Service Continuity Prefix
192.0.0.8/32 IPv4 dummy address
192.0.0.9/32 Port Control Protocol Anycast
192.0.0.10/32 Traversal Using Relays around NAT Anycast
192.0.0.170/32 NAT64/DNS64 Discovery
192.0.0.171/32 NAT64/DNS64 Discovery
192.0.2.0/24 Documentation (TEST-NET-1)
192.31.196.0/24 AS112-v4
192.52.193.0/24 AMT
192.88.99.0/24 Deprecated (6to4 Relay Anycast)
192.88.99.2/32 6a44-relay anycast address
192.168.0.0/16 Private-Use
192.175.48.0/24 Direct Delegation AS112 Service
198.18.0.0/15 Benchmarking
198.51.100.0/24 Documentation (TEST-NET-2)
203.0.113.0/24 Documentation (TEST-NET-3)
240.0.0.0/4 Reserved
255.255.255.255/32 Limited Broadcast`

const IPV6_REGISTRY = `
::1/128 Loopback Address
::/128 Unspecified Address
::ffff:0:0/96 IPv4-mapped Address
64:ff9b::/96 IPv4-IPv6 Translat.
64:ff9b:1::/48 IPv4-IPv6 Translat.
100::/64 Discard-Only Address Block
100:0:0:1::/64 Dummy IPv6 Prefix
2001::/23 IETF Protocol Assignments
2001::/32 TEREDO
2001:1::1/128 Port Control Protocol Anycast
2001:1::2/128 Traversal Using Relays around NAT Anycast
2001:1::3/128 DNS-SD Service Registration Protocol Anycast
2001:2::/48 Benchmarking
2001:3::/32 AMT
2001:4:112::/48 AS112-v6
2001:10::/28 Deprecated (previously ORCHID)
2001:20::/28 ORCHIDv2
2001:30::/28 Drone Remote ID Protocol Entity Tags (DETs) Prefix
2001:db8::/32 Documentation
2002::/16 6to4
2620:4f:8000::/48 Direct Delegation AS112 Service
3fff::/20 Documentation
5f00::/16 Segment Routing (SRv6) SIDs
fc00::/7 Unique-Local
fe80::/10 Link-Local Unicast`

// "IPv4 Multicast Address Space Registry" and RFC 4291 §2.7; what RFC 4291 §2.5.5.1, RFC 2765 §2.1 and RFC 3879 §4 have
// given up; the one cloud service with a public address.
const OTHERS = `
224.0.0.0/4 Multicast
ff00::/8 Multicast
::/96 IPv4-compatible
::ffff:0:0:0/96 IPv4-translated
fec0::/10 Site-local
168.63.129.16/32 Azure's platform`

function bytes(text: string): Uint8Array {
  const address = parseAddress(text)
  if (address === undefined) throw new TypeError(text)
  return address
}

function cidr(text: string): Cidr {
  const range = parseCidr(text)
  if (range === undefined) throw new TypeError(text)
  return range
}

/** The ranges of rows that are written `range name`. */
function rangesIn(table: string): string[] {
  return table
    .trim()
    .split('\n')
    .map((row) => row.slice(0, row.indexOf(' ')))
}

function judge(text: string, allow: string[] = [], deny: string[] = []) {
  return new PeerFilter({ allow: allow.map(cidr), deny: deny.map(cidr) }).judge(bytes(text))
}

/** Every way to write an IPv4 address as an IPv6 one. */
function spellings(ipv4: string): string[] {
  const [a = 0, b = 0, c = 0, d = 0] = bytes(ipv4)
  const hex = (high: number, low: number) => ((high << 8) | low).toString(16)
  const inverted = `${hex(255 - a, 255 - b)}:${hex(255 - c, 255 - d)}`
  return [
    `::ffff:${ipv4}`,
    `::${ipv4}`,
    `::ffff:0:${ipv4}`,
    `64:ff9b::${ipv4}`,
    `64:ff9b:1::${ipv4}`,
    `64:ff9b:1:fffe::${ipv4}`,
    `2002:${hex(a, b)}:${hex(c, d)}::`,
    `2002:${hex(a, b)}:${hex(c, d)}:1:2:3:4:5`,
    `2001:0:${hex(a, b)}:${hex(c, d)}:8000:63bf:f7f7:f7f7`,
    `2001:0:808:808:8000:63bf:${inverted}`,
  ]
}

/** The first and the last address of a range. */
function ends(range: Cidr): Uint8Array[] {
  const last = range.address.slice()
  for (let bit = range.prefixBits; bit < last.length * 8; bit++) {
    last[bit >>> 3] = (last[bit >>> 3] ?? 0) | (0x80 >>> (bit & 7))
  }
  return [range.address, last]
}

/** What comes right before a range and right after it. */
function neighbours(range: Cidr): Uint8Array[] {
  const [first = range.address, last = range.address] = ends(range)
  const step = (address: Uint8Array, by: 1 | -1): Uint8Array => {
    const stepped = address.slice()
    const wraps = by === 1 ? 255 : 0
    for (let i = stepped.length - 1; i >= 0; i--) {
      const before = stepped[i] ?? 0
      stepped[i] = before + by
      if (before !== wraps) break
    }
    return stepped
  }
  return [step(first, -1), step(last, 1)]
}

describe('PeerFilter', () => {
  it('permits hosts of the public internet', () => {
    for (const host of [
      '1.1.1.1',
      '8.8.8.8',
      '99.255.255.255',
      '172.15.0.1',
      '172.32.0.1',
      '223.255.255.254',
    ]) {
      expect(judge(host)).toBe('permitted')
    }
    for (const host of [
      '2001:4860:4860::8888',
      '2606:4700::1111',
      '2a00:1450::1',
      '2001:200::1',
      '2400::1',
    ]) {
      expect(judge(host)).toBe('permitted')
    }
  })

  it.each([IPV4_REGISTRY, IPV6_REGISTRY, OTHERS].flatMap(rangesIn))(
    'denies %s from its first address to its last',
    (text) => {
      for (const address of ends(cidr(text))) {
        expect(new PeerFilter().judge(address)).toBe('denied')
      }
    },
  )

  it('has the rows that lie in no other row of their registry, and no more', () => {
    const outermost = [IPV4_REGISTRY, IPV6_REGISTRY, OTHERS].flatMap((table) => {
      const rows = rangesIn(table)
      const covers = (outer: string, row: string) =>
        outer !== row && ends(cidr(row)).every((address) => isInCidr(cidr(outer), address))
      return rows.filter((row) => !rows.some((outer) => covers(outer, row)))
    })
    expect([...SPECIAL_PURPOSE_RANGES].sort()).toEqual(outermost.sort())
  })

  it.each(SPECIAL_PURPOSE_RANGES)('denies nothing for being next to %s', (text) => {
    const others = SPECIAL_PURPOSE_RANGES.filter((other) => other !== text).map(cidr)
    for (const address of neighbours(cidr(text))) {
      if (others.some((other) => isInCidr(other, address)) || isInCidr(cidr(text), address)) continue
      expect(new PeerFilter().judge(address)).toBe('permitted')
    }
  })

  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '169.254.169.254',
    '192.168.1.1',
    '172.16.0.1',
    '100.100.100.200',
    '0.0.0.0',
    '255.255.255.255',
    '224.0.0.1',
    '168.63.129.16',
  ])('denies %s in every spelling', (ipv4) => {
    for (const spelling of spellings(ipv4)) expect([spelling, judge(spelling)]).toEqual([spelling, 'denied'])
  })

  it.each([
    '::',
    '::1',
    'fe80::1',
    'fd00:ec2::254',
    'ff02::1',
    'fec0::1',
    '2001:db8::1',
    '100::1',
    '5f00::1',
  ])('denies %s', (address) => expect(judge(address)).toBe('denied'))

  it('lets the allow list win over the special ranges', () => {
    expect(judge('127.0.0.1', ['127.0.0.0/8'])).toBe('allowed')
    expect(judge('10.0.0.1', ['127.0.0.0/8'])).toBe('denied')
    expect(judge('::1', ['::1'])).toBe('allowed')
    expect(judge('fd00::1', ['fd00::/8'])).toBe('allowed')
    expect(judge('8.8.8.8', ['8.8.8.8'])).toBe('allowed')
  })

  it('lets the deny list win over everything', () => {
    expect(judge('127.0.0.1', ['127.0.0.0/8'], ['127.0.0.1/32'])).toBe('denied')
    expect(judge('127.0.0.2', ['127.0.0.0/8'], ['127.0.0.1/32'])).toBe('allowed')
    expect(judge('8.8.8.8', [], ['8.0.0.0/8'])).toBe('denied')
    expect(judge('2400::1', ['2400::/16'], ['::/0'])).toBe('denied')
  })

  it('applies both lists to every spelling of an IPv4 address', () => {
    for (const spelling of spellings('203.1.2.3')) {
      expect(judge(spelling, ['203.1.2.3', '8.8.8.8', '0.0.0.0/0'], ['203.1.2.3'])).toBe('denied')
    }
    expect(judge('::ffff:127.0.0.1', ['127.0.0.0/8'])).toBe('allowed')
  })

  it('allows a translating prefix without what is behind it', () => {
    expect(judge('64:ff9b::8.8.8.8', ['64:ff9b::/96'])).toBe('allowed')
    expect(judge('64:ff9b::127.0.0.1', ['64:ff9b::/96'])).toBe('denied')
    expect(judge('2002:a00:1::1', ['2002::/16'])).toBe('denied')
  })
})

describe('parseCidr', () => {
  it.each([
    ['10.0.0.0/8', 8],
    ['10.0.0.1', 32],
    ['0.0.0.0/0', 0],
    ['2001:db8::/32', 32],
    ['::1', 128],
  ])('takes %s', (text, bits) => expect(parseCidr(text)?.prefixBits).toBe(bits))

  it.each([
    '',
    '/8',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0/8',
    '::/129',
    '10.0.0.0/8/8',
    '10.0.0.0/08',
    'fe80::1%eth0',
    'localhost',
  ])('refuses %j', (text) => expect(parseCidr(text)).toBeUndefined())

  it('knows its range to the bit', () => {
    const range = cidr('100.64.0.0/10')
    expect(isInCidr(range, bytes('100.127.255.255'))).toBe(true)
    expect(isInCidr(range, bytes('100.128.0.0'))).toBe(false)
    expect(isInCidr(range, bytes('::ffff:100.64.0.0'))).toBe(false)
    expect(isInCidr(cidr('0.0.0.0/0'), bytes('9.9.9.9'))).toBe(true)
  })
})
