import { type Cidr, isInCidr, parseCidr } from './cidr.ts'

interface Embedding {
  readonly range: Cidr
  /** Where the four bytes begin. */
  readonly at: number
  /** Whether each bit is inverted. */
  readonly isInverted: boolean
}

function embedding(text: string, at: number, isInverted = false): Embedding[] {
  const range = parseCidr(text)
  return range === undefined ? [] : [{ range, at, isInverted }]
}

const EMBEDDINGS: readonly Embedding[] = [
  ...embedding('::/96', 12), // IPv4-compatible: RFC 4291 §2.5.5.1
  ...embedding('::ffff:0:0/96', 12), // IPv4-mapped: RFC 4291 §2.5.5.2
  ...embedding('::ffff:0:0:0/96', 12), // IPv4-translated: RFC 2765
  ...embedding('64:ff9b::/96', 12), // NAT64: RFC 6052 §2.1
  ...embedding('64:ff9b:1::/48', 12), // NAT64 of a local prefix: RFC 8215
  ...embedding('2002::/16', 2), // 6to4: RFC 3056 §2
  ...embedding('2001::/32', 4), // Teredo's server: RFC 4380 §4
  ...embedding('2001::/32', 12, true), // Teredo's client
]

/** `::`, `::1` and their neighbours look like IPv4-compatible addresses, and are none. */
const NOT_COMPATIBLE: Cidr = { address: new Uint8Array(16), prefixBits: 104 }

/** The IPv4 addresses that a packet to this IPv6 address may end up at, by how the address is made; mostly none. */
export function embeddedAddresses(address: Uint8Array): Uint8Array[] {
  if (address.length !== 16) return []
  if (isInCidr(NOT_COMPATIBLE, address)) return []
  return EMBEDDINGS.filter(({ range }) => isInCidr(range, address)).map(({ at, isInverted }) =>
    address.slice(at, at + 4).map((octet) => (isInverted ? octet ^ 0xff : octet)),
  )
}
