import { isInCidr, parseCidr } from './cidr.ts'

// Teredo (RFC 4380 §2.6) and 6to4 (RFC 3056 §2).
const TUNNELS = ['2001::/32', '2002::/16'].map(parseCidr).filter((cidr) => cidr !== undefined)

// RFC 8656 §21.4: whoever asks from there could have the relay and the tunnel's end pass one packet to and fro.
/** Whether an address of 4 or 16 bytes is known to be the end of a tunnel, from which no allocation is made. */
export function isTunneled(address: Uint8Array): boolean {
  return TUNNELS.some((range) => isInCidr(range, address))
}
