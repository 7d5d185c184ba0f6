import { lookup } from 'node:dns/promises'
import { isIP, isIPv4, isIPv6 } from 'node:net'
import { formatAddress, parseAddress } from '@crowfly/sansio'
import { type LocalAddress, localAddresses } from './local-addresses.ts'
import { OperatorError } from './operator-error.ts'

/** The IP addresses that `flag` (`--host`) stands for; a name may have several. Throws `OperatorError`. */
export async function resolveHosts(hosts: readonly string[], flag = '--host'): Promise<string[]> {
  const found: string[] = []
  for (const host of hosts) {
    if (isIP(host) !== 0) {
      const address = canonical(host)
      // RFC 4291 §2.5.6, RFC 4007 §6: each interface has such a network of its own.
      if (/^fe[89ab]/.test(address) && !address.includes('%')) {
        throw new OperatorError(
          'ADDRESS_NOT_AVAILABLE',
          `${host} (${flag}) is a link-local address: put its interface behind it, as in ${address}%eth0.`,
        )
      }
      found.push(address)
      continue
    }
    try {
      const addresses = await lookup(host, { all: true })
      found.push(...addresses.map(({ address }) => address))
    } catch {
      throw new OperatorError(
        'ADDRESS_NOT_AVAILABLE',
        `The name ${host} (${flag}) has no address here. Give an IP address of this machine, or leave ${flag} out.`,
      )
    }
  }
  return withoutCovered([...new Set(found)])
}

/** An address as the system writes it, however it was typed; with its zone. */
function canonical(host: string): string {
  const [text = host, zone] = host.split('%')
  const bytes = parseAddress(text)
  return (bytes === undefined ? text : formatAddress(bytes)) + (zone === undefined ? '' : `%${zone}`)
}

/** A wildcard address takes its port on all addresses that it covers: those cannot be listened on beside it. */
function withoutCovered(hosts: readonly string[]): string[] {
  if (hosts.includes('::')) return ['::']
  if (!hosts.includes('0.0.0.0')) return [...hosts]
  return hosts.filter((host) => host === '0.0.0.0' || isIPv6(host))
}

/** This machine's addresses, as they are now, at which a server that listens on `hosts` is reached; none means all. */
export function addressesOf(hosts: readonly string[]): LocalAddress[] {
  const all = localAddresses()
  if (hosts.length === 0 || hosts.includes('::')) return all
  const listed = all.filter(
    ({ address, family }) => hosts.includes(address) || (family === 4 && hosts.includes('0.0.0.0')),
  )
  return [...listed, ...hosts.filter((host) => isUnlistedLoopback(host, all)).map(loopback)]
}

/** RFC 1122 §3.2.1.3: all of 127.0.0.0/8 is this machine, and the system lists one address of it. */
function isUnlistedLoopback(host: string, all: readonly LocalAddress[]): boolean {
  return isIPv4(host) && host.startsWith('127.') && !all.some(({ address }) => address === host)
}

function loopback(address: string): LocalAddress {
  return { family: 4, address, reach: 'loopback' }
}

/** Whether `hosts`, IP addresses as `resolveHosts` gives them, keep a server to this machine; none means all. */
export function areLoopback(hosts: readonly string[]): boolean {
  // RFC 1122 §3.2.1.3 and RFC 4291 §2.5.3
  return (
    hosts.length > 0 && hosts.every((host) => host === '::1' || (isIPv4(host) && host.startsWith('127.')))
  )
}
