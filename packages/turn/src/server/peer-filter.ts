import { type Cidr, isInCidr } from './cidr.ts'
import { embeddedAddresses } from './embedded-address.ts'
import { isSpecialPurpose } from './special-purpose-ranges.ts'

/** Settings of a `PeerFilter`; see `parseCidr`. */
export interface PeerFilterOptions {
  /** Peers that are allowed even if they are special-purpose addresses. */
  allow?: readonly Cidr[]
  /** Peers that are denied whatever else holds. */
  deny?: readonly Cidr[]
}

/** `allowed`: the operator said so; `permitted`: nothing speaks against it. */
export type PeerVerdict = 'allowed' | 'permitted' | 'denied'

/**
 * Which peers a relay in public mode may send to and hear from (RFC 8656 §10.2, §21.2.2, §21.4).
 *
 * The deny list wins over the allow list, and that over the built-in one: every special-purpose range of IANA's, so
 * that nobody is relayed into the network that the server stands in. An IPv6 address that stands for an IPv4 address
 * (mapped, compatible, translated, 6to4, NAT64, Teredo) is judged by that as well: it is denied if either is, and
 * allowed if the IPv4 address is.
 */
export class PeerFilter {
  readonly #allow: readonly Cidr[]
  readonly #deny: readonly Cidr[]

  constructor(options: PeerFilterOptions = {}) {
    this.#allow = options.allow ?? []
    this.#deny = options.deny ?? []
  }

  /** What becomes of a peer with this IP address of 4 or 16 bytes. */
  judge(address: Uint8Array): PeerVerdict {
    const embedded = embeddedAddresses(address)
    if (this.#denies(address) || embedded.some((inner) => this.#denies(inner))) return 'denied'
    if (embedded.length > 0 && embedded.every((inner) => this.#allows(inner))) return 'allowed'
    if (embedded.some(isSpecialPurpose)) return 'denied'
    if (this.#allows(address)) return 'allowed'
    return isSpecialPurpose(address) ? 'denied' : 'permitted'
  }

  #allows(address: Uint8Array): boolean {
    return this.#allow.some((range) => isInCidr(range, address))
  }

  #denies(address: Uint8Array): boolean {
    return this.#deny.some((range) => isInCidr(range, address))
  }
}
