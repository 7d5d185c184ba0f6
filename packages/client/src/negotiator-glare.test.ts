import { forEachSeedAsync, SeededRandom, VirtualClock } from '@crowfly/testkit'
import { expect, test } from 'vitest'
import { Agenda } from './agenda.ts'
import type { NegotiationChannel } from './negotiation-channel.ts'
import { Negotiator } from './negotiator.ts'
import { clockOf, until } from './testing/fake-clock.ts'
import type { FakeConnection } from './testing/fake-connection.ts'
import { FakeNetwork } from './testing/fake-network.ts'
import { intersect, reverse } from './testing/fake-sdp.ts'

const DIRECTIONS = ['sendrecv', 'sendonly', 'recvonly', 'inactive'] as const

interface Side {
  readonly connection: FakeConnection
  readonly negotiator: Negotiator
  readonly failures: unknown[]
  restarts: number
}

/** Two negotiators over a channel that delays, keeps order, and loses nothing. */
class Duel {
  readonly clock = new VirtualClock()
  readonly random: SeededRandom
  readonly network: FakeNetwork
  readonly polite: Side
  readonly impolite: Side
  #inFlight = 0

  constructor(seed: number) {
    this.random = new SeededRandom(seed)
    this.network = new FakeNetwork(this.clock, this.random.fork(), { operationMs: 40 })
    this.polite = this.#side('newcomer', true, () => this.impolite)
    this.impolite = this.#side('present', false, () => this.polite)
    this.polite.connection.addTransceiver('audio', { direction: 'sendrecv' })
    this.polite.connection.createDataChannel('crowfly')
  }

  get isAtRest(): boolean {
    const sides = [this.polite, this.impolite]
    return this.#inFlight === 0 && sides.every(({ connection }) => connection.isAtRest)
  }

  /** Something that one of the two wants, at any time. */
  disturb(side: Side): void {
    const { connection } = side
    const transceivers = connection.getTransceivers()
    const choice = this.random.integer(4)
    if (choice === 0 && transceivers.length < 8) {
      connection.addTransceiver(this.random.pick(['audio', 'video']), { direction: 'sendrecv' })
    } else if (choice === 1) {
      side.negotiator.restartIce()
      side.restarts += 1
    } else if (transceivers.length > 0) {
      this.random.pick(transceivers).direction = this.random.pick(DIRECTIONS)
    }
  }

  #side(host: string, isPolite: boolean, other: () => Side): Side {
    const connection = new (this.network.constructorFor(host))({})
    const failures: unknown[] = []
    const negotiator = new Negotiator({
      connection,
      channel: this.#channel(other),
      agenda: new Agenda(clockOf(this.clock)),
      isPolite,
      offersFirst: isPolite,
      prepareAnswer: () => {},
      onFailure: (error) => failures.push(error),
    })
    return { connection, negotiator, failures, restarts: 0 }
  }

  #channel(other: () => Side): NegotiationChannel {
    let lastArrival = 0
    const deliver = (run: () => void) => {
      this.#inFlight += 1
      lastArrival = Math.max(lastArrival, this.clock.now() + 1 + this.random.integer(150))
      this.clock.at(lastArrival, () => {
        this.#inFlight -= 1
        run()
      })
    }
    return {
      sendDescription: (description) => deliver(() => other().negotiator.handleDescription(description)),
      sendCandidates: (candidates) => deliver(() => other().negotiator.handleCandidates(candidates)),
    }
  }
}

function checkAgreement({ polite, impolite }: Duel): void {
  const [own, other] = [polite.connection, impolite.connection]
  expect(own.fragments?.local).toBe(other.fragments?.remote)
  expect(own.fragments?.remote).toBe(other.fragments?.local)
  expect(own.getTransceivers()).toHaveLength(other.getTransceivers().length)
  for (const transceiver of own.getTransceivers()) {
    const twin = other.getTransceivers().find(({ mid }) => mid === transceiver.mid)
    // What both want now, not what either wanted once.
    const agreed = intersect(transceiver.direction, reverse(twin?.direction ?? 'inactive'))
    expect(transceiver.currentDirection).toBe(agreed)
    expect(twin?.currentDirection).toBe(reverse(agreed))
  }
}

test('two sides that renegotiate and restart ICE whenever they like always come to rest in agreement', {
  timeout: 60_000,
}, async () => {
  let collisions = 0
  await forEachSeedAsync(300, async (seed) => {
    const duel = new Duel(seed)
    const { clock, random, polite, impolite } = duel
    for (let left = 3 + random.integer(20); left > 0; left--) {
      const at = clock.now() + random.integer(120)
      await until(clock, () => clock.now() >= at, at - clock.now())
      duel.disturb(random.pick([polite, impolite]))
      // Now and then both in the same instant.
      if (random.chance(0.4)) duel.disturb(random.pick([polite, impolite]))
      if ([polite, impolite].every(({ connection }) => connection.signalingState === 'have-local-offer')) {
        collisions += 1
      }
    }
    expect(await until(clock, () => duel.isAtRest, 120_000)).toBe(true)
    checkAgreement(duel)
    expect([...polite.failures, ...impolite.failures]).toEqual([])
    expect(await until(clock, () => polite.connection.iceConnectionState === 'connected', 5_000)).toBe(true)
    expect(impolite.connection.iceConnectionState).toBe('connected')
  })
  // Otherwise the run would have proved nothing about glare.
  expect(collisions).toBeGreaterThan(100)
})
