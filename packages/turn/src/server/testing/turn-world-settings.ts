import type { PathTable, TransportAddress } from '@crowfly/sansio'
import { type SeededRandom, testCrypto } from '@crowfly/testkit'
import { PeerFilter } from '../peer-filter.ts'
import type { PeerPolicy } from '../peer-policy.ts'
import { TurnServer } from '../turn-server.ts'
import { address } from './turn-bench.ts'
import { TurnModel } from './turn-model.ts'

export type WorldMode = 'rooms' | 'public'

export const REALM = 'sim'

/** Users and their rooms; everyone's password is `p`. */
export const ROOMS: ReadonlyMap<string, string | null> = new Map([
  ['ann', 'one'],
  ['bob', 'one'],
  ['eve', 'two'],
  ['mallory', 'two'],
])
export const PASSWORD = 'p'

/** Hosts that may be peers in public mode. */
export const HOSTS: readonly TransportAddress[] = [
  address('9.9.9.1', 5000),
  address('9.9.9.2', 5000),
  address('2400::9', 5000),
]

/** Hosts that may never be. */
export const FOREIGN: readonly TransportAddress[] = [
  address('127.0.0.1', 80),
  address('::1', 80),
  address('10.0.0.1', 80),
  address('::ffff:10.0.0.1', 1),
]

const RELAYS = {
  rooms: ['198.51.100.1', '2001:db8::1'],
  public: ['8.1.1.1', '2400::1'],
} as const

export function createWorldServer(mode: WorldMode, paths: PathTable, random: SeededRandom): TurnServer {
  return new TurnServer({
    paths,
    random: random.fork(),
    crypto: testCrypto,
    realm: REALM,
    nonceKey: random.bytes(32),
    accounts: {
      find: (username) => {
        const room = ROOMS.get(username)
        return room === undefined ? undefined : { password: PASSWORD, room, mayAllocate: true }
      },
    },
    peers: policyOf(mode),
    limits: { maxIdleStreamSeconds: 120, maxRefusalsPerStream: 1000 },
  })
}

export function createWorldModel(mode: WorldMode): TurnModel {
  return new TurnModel({
    rooms: ROOMS,
    ownAddresses: new Set(RELAYS[mode]),
    hosts: new Set(mode === 'rooms' ? [] : ['9.9.9.1', '9.9.9.2', '2400::9']),
  })
}

function policyOf(mode: WorldMode): PeerPolicy {
  if (mode === 'rooms') return { kind: 'rooms' }
  const [four, six] = RELAYS.public
  return {
    kind: 'public',
    filter: new PeerFilter(),
    relayAddress: (family) => address(family === 4 ? four : six, 0).address,
    ports: { least: 50_000, most: 50_511 },
    ownAddresses: [address(four, 0).address, address(six, 0).address],
  }
}
