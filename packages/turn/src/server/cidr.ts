import { parseAddress } from '@crowfly/sansio'

/** A range of addresses of one family: those whose first `prefixBits` are those of `address`. */
export interface Cidr {
  /** 4 or 16 bytes; what is behind the prefix does not count. */
  readonly address: Uint8Array
  readonly prefixBits: number
}

/** `10.0.0.0/8`, `2001:db8::/32`, or an address alone; undefined for anything else. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/')
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash))
  if (address === undefined || text.includes('%')) return undefined
  const most = address.length * 8
  if (slash < 0) return { address, prefixBits: most }
  const bits = text.slice(slash + 1)
  if (!/^(0|[1-9]\d{0,2})$/.test(bits) || Number(bits) > most) return undefined
  return { address, prefixBits: Number(bits) }
}

/** Whether `address`, of 4 or 16 bytes, lies in the range. An address of the other family never does. */
export function isInCidr(cidr: Cidr, address: Uint8Array): boolean {
  if (cidr.address.length !== address.length) return false
  const whole = cidr.prefixBits >>> 3
  for (let i = 0; i < whole; i++) if (cidr.address[i] !== address[i]) return false
  const rest = cidr.prefixBits & 7
  return rest === 0 || (((cidr.address[whole] ?? 0) ^ (address[whole] ?? 0)) & (0xff00 >>> rest)) === 0
}
