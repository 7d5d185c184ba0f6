import { BlockList, isIPv4, isIPv6 } from 'node:net'
import { unmapped } from '@crowfly/node-io'
import { formatAddress, parseAddress, type TransportAddress } from '@crowfly/sansio'

/** The proxies whose `X-Forwarded-*` headers are believed. */
export class TrustedProxies {
  readonly #list = new BlockList()
  #isEmpty = true

  /** Adds an address or a CIDR; false when `text` is neither. */
  add(text: string): boolean {
    const [address = '', bits, rest] = text.split('/')
    const family = isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : undefined
    if (family === undefined || rest !== undefined || address.includes('%')) return false
    const most = family === 'ipv4' ? 32 : 128
    if (bits !== undefined && (!/^\d{1,3}$/.test(bits) || Number(bits) > most)) return false
    this.#list.addSubnet(address, bits === undefined ? most : Number(bits), family)
    this.#isEmpty = false
    return true
  }

  has(address: TransportAddress): boolean {
    if (this.#isEmpty) return false
    return this.#list.check(formatAddress(address.address), address.family === 4 ? 'ipv4' : 'ipv6')
  }

  /**
   * Who really asks: the last address in `X-Forwarded-For` that is no trusted proxy, if `peer` is one. The port is 0
   * then, as the header does not tell it.
   */
  clientOf(peer: TransportAddress, forwardedFor: string | undefined): TransportAddress {
    if (forwardedFor === undefined || !this.has(peer)) return peer
    let client = peer
    for (const entry of forwardedFor.split(',').reverse()) {
      const address = parseAddress(entry.trim().replace(/^\[(.*)\](:\d+)?$/, '$1'))
      if (address === undefined) return client
      client = unmapped(address, 0)
      if (!this.has(client)) return client
    }
    return client
  }
}
