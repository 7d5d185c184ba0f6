import { type Cidr, isInCidr, parseCidr } from './cidr.ts'

// "IANA IPv4 Special-Purpose Address Registry", www.iana.org/assignments/iana-ipv4-special-registry
const IPV4_REGISTRY = [
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private use
  '100.64.0.0/10', // shared address space
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local, the clouds' metadata among it
  '172.16.0.0/12', // private use
  '192.0.0.0/24', // IETF protocol assignments: DS-Lite, PCP and TURN anycast, NAT64 discovery
  '192.0.2.0/24', // documentation
  '192.31.196.0/24', // AS112
  '192.52.193.0/24', // AMT
  '192.88.99.0/24', // 6to4 relay anycast
  '192.168.0.0/16', // private use
  '192.175.48.0/24', // AS112
  '198.18.0.0/15', // benchmarking
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '240.0.0.0/4', // reserved, limited broadcast at its end
] as const

// "IANA IPv6 Special-Purpose Address Registry", www.iana.org/assignments/iana-ipv6-special-registry
const IPV6_REGISTRY = [
  '::/128', // unspecified
  '::1/128', // loopback
  '::ffff:0:0/96', // IPv4-mapped
  '64:ff9b::/96', // NAT64
  '64:ff9b:1::/48', // NAT64, local use
  '100::/64', // discard-only
  '100:0:0:1::/64', // dummy prefix
  '2001::/23', // IETF protocol assignments: Teredo, benchmarking, ORCHIDv2 and more
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4
  '2620:4f:8000::/48', // AS112
  '3fff::/20', // documentation
  '5f00::/16', // segment routing
  'fc00::/7', // unique local
  'fe80::/10', // link-local
] as const

// Not in the registries, and no peer either.
const OTHERS = [
  '224.0.0.0/4', // multicast
  '168.63.129.16/32', // Azure's platform, the one such service with a public address
  '::/96', // IPv4-compatible (RFC 4291 §2.5.5.1)
  '::ffff:0:0:0/96', // IPv4-translated (RFC 2765)
  'fec0::/10', // site-local (RFC 3879)
  'ff00::/8', // multicast
] as const

/** Every range that nobody is relayed into unless the operator allows it, as text. */
export const SPECIAL_PURPOSE_RANGES: readonly string[] = [...IPV4_REGISTRY, ...IPV6_REGISTRY, ...OTHERS]

const RANGES: readonly Cidr[] = SPECIAL_PURPOSE_RANGES.map(parseCidr).filter((cidr) => cidr !== undefined)

/** Whether an address of 4 or 16 bytes lies in one of them. */
export function isSpecialPurpose(address: Uint8Array): boolean {
  return RANGES.some((range) => isInCidr(range, address))
}
