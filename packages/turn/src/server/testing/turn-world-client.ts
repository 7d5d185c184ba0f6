import { formatTransportAddress, type PathId, type TransportAddress } from '@crowfly/sansio'
import type { SeededRandom } from '@crowfly/testkit'
import { address } from './turn-bench.ts'
import { ROOMS } from './turn-world-settings.ts'

/** A client as the world sees it: an address, or a connection. */
export interface WorldClient {
  readonly name: string
  readonly user: string
  readonly transport: 'udp' | 'tcp'
  readonly remote: TransportAddress
  /** Of a connection; UDP paths are interned anew for each datagram. */
  path: PathId
  nonce: string
  /** By which name it got that: a nonce is good at that 5-tuple alone. */
  nonceOf: string
  isGone: boolean
  /** As far as it knows. */
  isAllocated: boolean
}

/** Some user, somewhere. */
export function createWorldClient(random: SeededRandom, number: number): WorldClient {
  const user = random.pick([...ROOMS.keys()])
  const place = newPlace(random, number)
  return { ...place, user, path: -1, nonce: '', nonceOf: place.name, isGone: false, isAllocated: false }
}

/** The same client on another 5-tuple: it goes on with its nonce, and believes in its allocation. */
export function moveWorldClient(client: WorldClient, random: SeededRandom, number: number): WorldClient {
  return { ...client, ...newPlace(random, number), path: -1, isGone: false }
}

function newPlace(random: SeededRandom, number: number): Pick<WorldClient, 'name' | 'transport' | 'remote'> {
  const transport = random.pick(['udp', 'udp', 'tcp'] as const)
  const remote = newAddress(random)
  const name = transport === 'tcp' ? `client ${number}` : formatTransportAddress(remote)
  return { name, transport, remote }
}

/** The server's address that a client speaks to. */
export function localOf(remote: TransportAddress): TransportAddress {
  return remote.family === 4 ? address('192.0.2.1', 3478) : address('2001:db8:1::1', 3478)
}

function newAddress(random: SeededRandom): TransportAddress {
  const host = 1 + random.integer(200)
  const port = 1024 + random.integer(60_000)
  return random.chance(0.7) ? address(`203.0.113.${host}`, port) : address(`2001:db8:77::${host}`, port)
}
