import { equalTransportAddress, PathTable, type TransportAddress } from '@crowfly/sansio'
import {
  DatagramHost,
  forEachSeed,
  type NetworkConditions,
  SeededRandom,
  testCrypto,
  VirtualClock,
  VirtualNetwork,
} from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { TurnServer } from '../server/turn-server.ts'
import { addressOf } from '../testing/scripted-turn-server.ts'
import { ShowingData, type Told } from '../testing/showing-data.ts'
import { TurnClient } from './turn-client.ts'

const SERVER = [addressOf('192.0.2.1 3478'), addressOf('2001:db8:5::1 3478')]
const HOURS_MS = 3_600_000
const CALL_MS = 3 * HOURS_MS
const PASSWORD = 'secret'
// CROWFLY_SEEDS=1000 npx vitest run --project unit packages/turn/src/client/simulation.test.ts
const SOAK_MS = 3_600_000

type Allocated = Told & { type: 'allocated' }

/** A client with a socket, and all that it was told. */
class Party {
  readonly client: TurnClient
  readonly told: Told[] = []
  readonly #host: DatagramHost<Told>

  constructor(
    network: VirtualNetwork,
    name: string,
    local: TransportAddress,
    random: SeededRandom,
    family: 4 | 6,
  ) {
    const paths = new PathTable({ capacity: 8 })
    const server = SERVER.find((address) => address.family === local.family) ?? local
    this.client = new TurnClient({
      path: paths.intern('udp', local, server),
      isReliable: false,
      username: name,
      password: PASSWORD,
      random,
      crypto: testCrypto,
      relay: random.chance(0.3) ? { type: 'dual' } : { type: 'single', family },
      lifetimeSeconds: random.pick([600, 1200, 3600]),
    })
    const machine = new ShowingData(this.client)
    const event = (event: Told) => this.told.push(event)
    this.#host = new DatagramHost({ network, machine, addresses: [local], paths, event })
  }

  act(action: (client: TurnClient, now: number) => void): void {
    action(this.client, this.#host.now())
    this.#host.settle()
  }

  /** Its relayed address of a family. */
  relayed(family: 4 | 6): TransportAddress | undefined {
    const allocated = this.told.find((told): told is Allocated => told.type === 'allocated')
    return allocated?.relayed.find((address) => address.family === family)
  }

  get end(): string | undefined {
    return this.told.flatMap((told) => (told.type === 'ended' ? [told.reason] : []))[0]
  }

  /** The numbers that it received, and from whom. */
  received(): { number: number; peer: TransportAddress }[] {
    return this.told.flatMap((told) =>
      told.type === 'data' ? [{ number: numberOf(told.payload), peer: told.peer }] : [],
    )
  }

  /** What was refused, and why. */
  refusals(): string[] {
    return this.told.flatMap((told) =>
      told.type === 'permissionRefused' || told.type === 'channelRefused' ? [told.reason] : [],
    )
  }
}

function payloadOf(number: number): Uint8Array {
  return Uint8Array.of(number >>> 16, number >>> 8, number, ...new Array<number>(number % 5).fill(0xaa))
}

function numberOf(payload: Uint8Array): number {
  const [a = 0, b = 0, c = 0] = payload
  return (a << 16) | (b << 8) | c
}

/** Two clients of one server, who speak to each other for three hours. */
function converse(seed: number, conditions: Partial<NetworkConditions>) {
  const random = new SeededRandom(seed)
  const network = new VirtualNetwork(new VirtualClock(), random.fork(), conditions)
  const paths = new PathTable({ capacity: 64 })
  const server = new TurnServer({
    paths,
    random: random.fork(),
    crypto: testCrypto,
    realm: 'example.org',
    nonceKey: random.bytes(32),
    accounts: { find: () => ({ password: PASSWORD, room: 'room', mayAllocate: true }) },
    peers: { kind: 'rooms' },
    limits: { maxAllocations: 16 },
  })
  const host = new DatagramHost({ network, machine: server, addresses: SERVER, paths })
  const family = random.pick([4, 6] as const)
  const locals = [
    random.pick(['203.0.113.7 1', '2001:db8:7::7 1']),
    random.pick(['203.0.113.8 1', '2001:db8:7::8 1']),
  ]
  const [ann, bob] = [
    new Party(network, 'ann', addressOf(locals[0] ?? ''), random.fork(), family),
    new Party(network, 'bob', addressOf(locals[1] ?? ''), random.fork(), family),
  ]
  const { clock } = network
  for (const party of [ann, bob]) party.act((client, now) => client.start(now))
  clock.runUntil(() => [ann, bob].every((party) => party.told.length > 0), 120_000)
  const [annAt, bobAt] = [ann.relayed(family), bob.relayed(family)]
  const sent = { ann: [] as number[], bob: [] as number[] }
  if (annAt !== undefined && bobAt !== undefined) {
    for (const [party, peer] of [
      [ann, bobAt],
      [bob, annAt],
    ] as const) {
      party.act((client, now) => client.permit(peer, now))
      if (random.chance(0.5)) party.act((client, now) => client.bindChannel(peer, now))
    }
    clock.advance(40_000)
    const end = clock.now() + CALL_MS
    for (let number = 1; clock.now() < end; number++) {
      clock.advance(random.number() * 120_000)
      const [from, to, list] = random.chance(0.5)
        ? ([ann, bobAt, sent.ann] as const)
        : ([bob, annAt, sent.bob] as const)
      from.act((client) => {
        if (client.send(to, payloadOf(number)) === 'sent') list.push(number)
      })
    }
    clock.advance(1000)
  }
  return { ann, bob, annAt, bobAt, sent, server, host, clock }
}

function sorted(numbers: Iterable<number>): number[] {
  return [...numbers].sort((a, b) => a - b)
}

describe('two TURN clients and our server', { timeout: SOAK_MS }, () => {
  it('on a good network pass every payload, for hours', () => {
    forEachSeed(100, (seed) => {
      const { ann, bob, annAt, bobAt, sent } = converse(seed, { delayMs: 20, jitterMs: 10 })
      expect(ann.refusals().concat(bob.refusals())).toEqual([])
      expect(sent.ann.length).toBeGreaterThan(30)
      expect(sorted(bob.received().map(({ number }) => number))).toEqual(sent.ann)
      expect(sorted(ann.received().map(({ number }) => number))).toEqual(sent.bob)
      expect(bob.received().every(({ peer }) => annAt && equalTransportAddress(peer, annAt))).toBe(true)
      expect(ann.received().every(({ peer }) => bobAt && equalTransportAddress(peer, bobAt))).toBe(true)
      expect([ann.end, bob.end]).toEqual([undefined, undefined])
    })
  })

  it('on a bad network keep their allocations, and invent nothing', () => {
    forEachSeed(200, (seed) => {
      const conditions = { delayMs: 30, jitterMs: 400, loss: 0.15, duplicate: 0.1 }
      const { ann, bob, annAt, bobAt, sent } = converse(seed, conditions)
      for (const party of [ann, bob]) {
        expect(['timedOut', undefined]).toContain(party.end)
        expect(party.refusals().every((reason) => reason === 'timedOut')).toBe(true)
      }
      const heard = bob.received()
      expect(heard.every(({ number }) => sent.ann.includes(number))).toBe(true)
      expect(ann.received().every(({ number }) => sent.bob.includes(number))).toBe(true)
      expect(heard.every(({ peer }) => annAt && equalTransportAddress(peer, annAt))).toBe(true)
      // Who has lost a permission to a request that timed out, now and then, hears no more of the other.
      const isWhole = [ann, bob].every((party) => party.end === undefined && party.refusals().length === 0)
      if (!isWhole || annAt === undefined || bobAt === undefined) return
      expect(new Set(heard.map(({ number }) => number)).size).toBeGreaterThan(sent.ann.length / 2)
    })
  })

  it('leave nothing behind when they are done, whatever is lost', () => {
    forEachSeed(100, (seed) => {
      const { ann, bob, server, clock } = converse(seed, { delayMs: 20, jitterMs: 50, loss: (seed % 4) / 10 })
      for (const party of [ann, bob]) party.act((client, now) => client.release(now))
      if (seed % 4 === 0) {
        // Nothing is lost: the server knows at once.
        clock.advance(1000)
        expect(server.sizes.allocations).toBe(0)
      }
      clock.advance(HOURS_MS)
      for (const party of [ann, bob]) {
        expect(party.told.at(-1)?.type).toBe('ended')
        expect(party.client.pollTimeout()).toBe(Infinity)
      }
      expect(server.sizes).toMatchObject({ allocations: 0, ports: 0, reservations: 0 })
    })
  })
})
