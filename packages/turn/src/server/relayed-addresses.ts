import type { PathId } from '@crowfly/sansio'
import { PeerAddress } from './peer-address.ts'
import type { PeerPolicy } from './peer-policy.ts'
import type { RelayId } from './relay.ts'
import { RelayPorts } from './relay-ports.ts'
import { RELAYED_NAME_IPV4, RELAYED_NAME_IPV6, RELAYED_NAME_PORTS } from './relayed-names.ts'

/** One IP address that allocations are given, and its ports. */
export interface RelayedAddress {
  readonly family: 4 | 6
  readonly address: Uint8Array
  readonly peer: PeerAddress
  readonly ports: RelayPorts
  /** Whether hosts at this address that are no allocations may be peers: the operator allows it. */
  readonly isOpen: boolean
}

/**
 * How a peer is reached: `switchboard`, at one of this server's relayed addresses; `socket`, elsewhere; `both`, at a
 * relayed address where the operator allows other hosts; `none`, not at all.
 */
export type PeerRoute = 'switchboard' | 'socket' | 'both' | 'none'

/** The IP addresses that relayed transport addresses are made of, and which peers they reach. */
export class RelayedAddresses {
  readonly #policy: PeerPolicy
  /** Few: one or two per family. */
  readonly #known: RelayedAddress[] = []

  constructor(policy: PeerPolicy) {
    this.#policy = policy
  }

  /** Whether peers are allocations of the same room, and nobody else. */
  get isRooms(): boolean {
    return this.#policy.kind === 'rooms'
  }

  /** Ports in use and reserved, of all addresses. */
  get usedPorts(): number {
    return this.#known.reduce((sum, { ports }) => sum + ports.used, 0)
  }

  /** What an allocation for the client on `path` gets in this family; undefined when there is nothing. */
  offer(family: 4 | 6, path: PathId): RelayedAddress | undefined {
    if (this.#policy.kind === 'rooms') {
      return this.#know(family, family === 4 ? RELAYED_NAME_IPV4 : RELAYED_NAME_IPV6)
    }
    const address = this.#policy.relayAddress(family, path)
    return address === undefined ? undefined : this.#know(family, address)
  }

  /** The relayed address whose IP address this is, if there is one. */
  ownAddressOf(peer: PeerAddress): RelayedAddress | undefined {
    for (const known of this.#known) if (known.peer.hasSameIp(peer)) return known
    return undefined
  }

  /** The relay that has this relayed transport address, or -1. */
  find(peer: PeerAddress): RelayId | -1 {
    return this.ownAddressOf(peer)?.ports.ownerOf(peer.port) ?? -1
  }

  /** How the peer's IP address is reached. */
  routeTo(peer: PeerAddress): PeerRoute {
    const own = this.ownAddressOf(peer)
    if (own !== undefined) return own.isOpen ? 'both' : 'switchboard'
    if (this.#policy.kind === 'rooms') return this.#isName(peer) ? 'switchboard' : 'none'
    const ip = peer.ip()
    const verdict = this.#policy.filter.judge(ip)
    if (verdict === 'allowed') return 'socket'
    return verdict === 'denied' || isListed(ip, this.#policy.ownAddresses) ? 'none' : 'socket'
  }

  #isName(peer: PeerAddress): boolean {
    const { address } = this.#know(peer.family, peer.family === 4 ? RELAYED_NAME_IPV4 : RELAYED_NAME_IPV6)
    return peer.ip().every((octet, i) => octet === address[i])
  }

  #know(family: 4 | 6, address: Uint8Array): RelayedAddress {
    const peer = PeerAddress.of({ family, address, port: 0 })
    const known = this.#known.find((each) => each.peer.hasSameIp(peer))
    if (known !== undefined) return known
    const { least, most } = this.#policy.kind === 'public' ? this.#policy.ports : RELAYED_NAME_PORTS
    const isOpen = this.#policy.kind === 'public' && this.#policy.filter.judge(address) === 'allowed'
    const added = {
      family,
      address: Uint8Array.from(address),
      peer,
      ports: new RelayPorts(least, most),
      isOpen,
    }
    this.#known.push(added)
    return added
  }
}

function isListed(ip: Uint8Array, addresses: readonly Uint8Array[] = []): boolean {
  return addresses.some(
    (address) => address.length === ip.length && address.every((octet, i) => octet === ip[i]),
  )
}
