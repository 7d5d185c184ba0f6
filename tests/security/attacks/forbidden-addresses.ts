/** How an address that nobody may be relayed to is written: as itself, or hidden in another. */
export interface ForbiddenAddress {
  readonly what: string
  readonly address: string
}

const list = (what: string, ...addresses: string[]): ForbiddenAddress[] =>
  addresses.map((address) => ({ what, address }))

/** Out of each range of IANA's IPv4 Special-Purpose Address Registry one address or more, and multicast. */
export const FORBIDDEN_V4: readonly ForbiddenAddress[] = [
  ...list('loopback', '127.0.0.1', '127.255.255.254'),
  ...list('unspecified, "this network"', '0.0.0.0', '0.0.0.1', '0.255.255.255'),
  ...list('link-local', '169.254.0.1', '169.254.255.255'),
  ...list('cloud metadata', '169.254.169.254', '169.254.170.2'),
  ...list('private', '10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.0.1'),
  ...list('private', '192.168.255.255'),
  ...list('carrier-grade NAT', '100.64.0.1', '100.127.255.255', '100.100.100.200'),
  ...list('IETF protocol assignments', '192.0.0.1', '192.0.0.8', '192.0.0.9', '192.0.0.170', '192.0.0.192'),
  ...list('documentation', '192.0.2.1', '198.51.100.77', '203.0.113.1'),
  ...list('benchmarking', '198.18.0.1', '198.19.255.255'),
  ...list('6to4 relay anycast', '192.88.99.1'),
  ...list('AS112, AMT', '192.31.196.1', '192.52.193.1', '192.175.48.1'),
  ...list('multicast', '224.0.0.1', '239.255.255.250'),
  ...list('reserved', '240.0.0.1', '255.255.255.254'),
  ...list('broadcast', '255.255.255.255'),
]

/** The same of IPv6, and IPv4 addresses in every dress that some translator or stack undresses. */
export const FORBIDDEN_V6: readonly ForbiddenAddress[] = [
  ...list('loopback', '::1'),
  ...list('unspecified', '::'),
  ...list('link-local', 'fe80::1', 'febf::1'),
  ...list('site-local', 'fec0::1'),
  ...list('unique local', 'fc00::1', 'fd00:ec2::254', 'fdff::1'),
  ...list('multicast', 'ff02::1', 'ff0e::1'),
  ...list('documentation', '2001:db8::77', '3fff::1'),
  ...list('discard-only', '100::1'),
  ...list('benchmarking', '2001:2::1'),
  ...list('ORCHID', '2001:10::1', '2001:20::1'),
  ...list('IETF protocol assignments', '2001::1', '2001:1::1', '2001:3::1', '2001:4:112::1'),
  ...list('AS112', '2620:4f:8000::1'),
  ...list('segment routing', '5f00::1'),
  ...list('v4-mapped', '::ffff:127.0.0.1', '::ffff:169.254.169.254', '::ffff:10.0.0.1', '::ffff:0.0.0.0'),
  ...list('v4-compatible', '::127.0.0.1', '::169.254.169.254', '::192.168.0.1'),
  ...list('v4-translated', '::ffff:0:127.0.0.1', '::ffff:0:10.0.0.1'),
  ...list('NAT64', '64:ff9b::127.0.0.1', '64:ff9b::169.254.169.254', '64:ff9b::10.0.0.1'),
  ...list('NAT64, local', '64:ff9b:1::127.0.0.1', '64:ff9b:1:7f00:0:100::', '64:ff9b:1::c0a8:1'),
  ...list('6to4', '2002:7f00:1::1', '2002:a9fe:a9fe::1', '2002:a00:1::', '2002:e000:1::'),
  // The client's address is the last four bytes, inverted; the server's the two groups behind 2001:0.
  ...list('Teredo', '2001:0:1400:1::80ff:fffe', '2001:0:1400:1::5601:5601', '2001:0:7f00:1::ebff:fffe'),
]
