import { networkInterfaces } from 'node:os'

/** One address of this machine. */
export interface LocalAddress {
  family: 4 | 6
  /** As a socket takes it: link-local IPv6 with its zone, `fe80::1%eth0`. */
  address: string
  reach: 'loopback' | 'linkLocal' | 'private' | 'public'
}

/** All addresses that this machine has now, in the system's order. */
export function localAddresses(): LocalAddress[] {
  const found: LocalAddress[] = []
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    for (const { address, family, internal } of addresses ?? []) {
      const reach = internal ? 'loopback' : reachOf(address)
      const zoned = family === 'IPv6' && reach === 'linkLocal' ? `${address}%${name}` : address
      found.push({ family: family === 'IPv6' ? 6 : 4, address: zoned, reach })
    }
  }
  return found
}

/** Addresses that other devices may use to reach this machine, the likeliest first: IPv4, private before public. */
export function reachableAddresses(addresses: readonly LocalAddress[]): LocalAddress[] {
  const rank = ({ family, reach }: LocalAddress) => (family === 4 ? 0 : 2) + (reach === 'private' ? 0 : 1)
  return addresses
    .filter(({ reach }) => reach === 'private' || reach === 'public')
    .toSorted((a, b) => rank(a) - rank(b))
}

/** An address as a URL's host: IPv6 in brackets. */
export function urlHost(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}

function reachOf(address: string): LocalAddress['reach'] {
  // RFC 3927 and RFC 4291 §2.5.6
  if (/^169\.254\.|^fe[89ab]/i.test(address)) return 'linkLocal'
  // RFC 1918, RFC 6598 and RFC 4193
  if (
    /^10\.|^192\.168\.|^172\.(1[6-9]|2\d|3[01])\.|^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|^f[cd]/i.test(
      address,
    )
  ) {
    return 'private'
  }
  return 'public'
}
