import { SeededRandom } from '@crowfly/testkit'
import { expect } from 'vitest'
import type { SignalingLimits } from '../limits.ts'
import { DeliveryAudit } from './delivery-audit.ts'
import { RoomWorld, type WorldMember } from './room-world.ts'

/** What may befall the members of a simulated room. */
export interface Weather {
  /** Longest time for which a member or the server is out of reach. */
  maxOutageMs: number
  /** Quiet time after each outage, in which everybody comes back. */
  calmMs: number
  /** How many outages there are. */
  outages: number
  /** Messages that are sent at once before each. */
  burst: number
}

/** One room in bad weather, from its creation to the calm at the end. */
export class Storm {
  readonly random: SeededRandom
  readonly world: RoomWorld
  readonly audit = new DeliveryAudit()
  readonly members: WorldMember[]

  constructor(seed: number, limits: Partial<SignalingLimits> = {}) {
    this.random = new SeededRandom(seed)
    this.world = new RoomWorld(seed, limits)
    this.world.network.conditions = {
      ...this.world.network.conditions,
      delayMs: this.random.pick([1, 20, 120]),
      jitterMs: this.random.pick([0, 30, 200]),
    }
    this.members = Array.from({ length: 2 + this.random.integer(3) }, () => this.world.member())
    for (const member of this.members) this.audit.watch(member)
  }

  run(weather: Weather): void {
    const [host, ...guests] = this.members
    if (host === undefined) return
    host.open({ kind: 'create' })
    this.world.until(() => host.has('joined'))
    for (const guest of guests) {
      guest.open({ kind: 'join', nameplate: host.nameplate, ifEmpty: 'refuse' })
      if (this.random.chance(0.5)) this.world.until(() => guest.has('joined'))
    }
    this.world.until(() => guests.every((guest) => guest.has('joined')))
    for (let i = 0; i < weather.outages; i++) {
      this.chatter(this.random.integer(weather.burst))
      this.outage(weather.maxOutageMs)
      this.chatterFor(weather.calmMs)
    }
    this.chatter(5)
    this.world.advance(100_000)
  }

  /** Nobody is left out, and what everybody says to everybody arrives. */
  check(): void {
    for (const [from, to] of this.#pairs()) {
      expect(this.audit.present(from).has(to.id), 'knows everybody').toBe(true)
      this.audit.send(from, to)
    }
    this.world.advance(10_000)
    for (const [from, to] of this.#pairs()) this.audit.requireLatest(from, to)
  }

  /** Nothing was lost of which the sender was not told. */
  checkExcuses(): void {
    for (const [from, to] of this.#pairs()) this.audit.requireExcuses(from, to)
  }

  chatter(count: number): void {
    for (let i = 0; i < count; i++) {
      const from = this.random.pick(this.members)
      const to = this.random.pick(this.members)
      if (from !== to) this.audit.send(from, to)
    }
  }

  chatterFor(durationMs: number): void {
    const end = this.world.clock.now() + durationMs
    while (this.world.clock.now() < end) {
      this.chatter(this.random.integer(4))
      this.world.advance(this.random.number() * Math.min(2_000, durationMs))
    }
  }

  outage(maxMs: number): void {
    const { world, random } = this
    const lastsMs = random.number() * maxMs
    const victims = this.members.filter(() => random.chance(0.5))
    const kind = random.pick(['drop', 'cut', 'offline', 'crash', 'crash', 'shutdown', 'roam', 'mixed'])
    if (kind === 'drop') for (const member of victims) member.drop()
    if (kind === 'cut' || kind === 'roam') for (const member of victims) member.cut()
    if (kind === 'roam') for (const member of victims) member.handleNetworkChange()
    if (kind === 'offline' || kind === 'mixed') {
      for (const member of victims) {
        member.cut()
        member.isOffline = true
      }
    }
    if (kind === 'crash' || kind === 'mixed') {
      world.crash(random.pick(['close', 'cut']))
      this.chatterFor(random.number() * lastsMs)
      world.start()
    }
    if (kind === 'shutdown') {
      world.shutdown()
      this.chatterFor(random.number() * lastsMs)
      world.start()
    }
    this.chatterFor(lastsMs)
    for (const member of this.members) {
      if (member.isOffline) {
        member.isOffline = false
        if (random.chance(0.5)) member.handleNetworkChange()
      }
    }
  }

  #pairs(): [WorldMember, WorldMember][] {
    const pairs = this.members.flatMap((from) =>
      this.members.map((to): [WorldMember, WorldMember] => [from, to]),
    )
    return pairs.filter(([from, to]) => from !== to)
  }
}
