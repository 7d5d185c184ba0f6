import { addressLength } from '@crowfly/sansio'

/** What an allocation's relayed address can be made of. Addresses are 4 or 16 bytes. */
export interface RelayAddressChoice {
  /** The family that the client asks for. */
  family: 4 | 6
  /** The address of this machine that the client came to. */
  asked: Uint8Array
  /** The addresses that are listened on. */
  bound: readonly Uint8Array[]
  /** Those that peers elsewhere see in place of this machine's own. */
  external: readonly Uint8Array[]
}

/**
 * The IP address of a client's relayed address: the external one of this family if there is one; the one that the
 * client came to; of the other family one that is listened on and reaches as far. Loopback is for who came by loopback,
 * since nobody else reaches it. Undefined when there is none.
 */
export function relayAddress({ family, asked, bound, external }: RelayAddressChoice): Uint8Array | undefined {
  const isHere = isLoopback(asked)
  const isFit = (address: Uint8Array): boolean => address.length === addressLength(family)
  const outside = isHere ? undefined : external.find(isFit)
  if (outside !== undefined) return outside
  if (isFit(asked)) return asked
  return bound.find((address) => isFit(address) && isLoopback(address) === isHere)
}

// RFC 1122 §3.2.1.3 and RFC 4291 §2.5.3
function isLoopback(address: Uint8Array): boolean {
  return address.length === 4 ? address[0] === 127 : address.every((byte, i) => byte === (i === 15 ? 1 : 0))
}
