import { encodeBase64url } from '@crowfly/bytes'
import { envelopeKind } from '@crowfly/pairing'
import { forEachSeed, forEachSeedAsync, SeededRandom } from '@crowfly/testkit'
import { expect, test } from 'vitest'
import { MaliciousServer } from '../testing/malice/malicious-server.ts'
import { areTalking, MaliciousWorld } from '../testing/malice/malicious-world.ts'
import { meddle } from '../testing/malice/post.ts'
import { RandomMisconduct } from '../testing/malice/random-misconduct.ts'
import { SealedAudit } from '../testing/sealed-audit.ts'
import { type SealedPerson, SealedWorld } from '../testing/sealed-world.ts'

/** A room under a server that does as chance has it. Whoever is turned away leaves, as a call does. */
class Ordeal {
  readonly random: SeededRandom
  readonly server: MaliciousServer
  readonly misconduct: RandomMisconduct
  readonly world: SealedWorld
  readonly audit = new SealedAudit()
  readonly #inside = new Set<SealedPerson>()

  constructor(seed: number) {
    this.random = new SeededRandom(seed)
    this.server = new MaliciousServer({ random: this.random.fork() })
    this.misconduct = new RandomMisconduct(this.server, this.random.fork())
    this.world = new SealedWorld(seed, {}, this.server)
    const host = this.world.creator()
    this.#watch(host)
    this.server.conduct = this.misconduct
    for (let count = 1 + this.random.integer(2); count > 0; count--) {
      const guest = this.world.person()
      this.#watch(guest)
      guest.open({ kind: 'join', code: host.code, ifEmpty: 'wait' })
      this.world.advance(this.random.integer(500))
    }
  }

  chatter(): void {
    const { audit, random, world } = this
    for (let count = 0; count < 30; count++) {
      const [from, to] = [random.pick(world.people), random.pick(world.people)]
      if (from !== to) audit.say(from, to.id)
      world.advance(random.integer(3_000))
      this.#turnOut()
    }
  }

  /** Lets the server be honest until everybody who is still there has heard everybody. */
  endure(): void {
    this.server.conduct = {}
    this.world.advance(200_000)
    this.#turnOut()
    for (const from of this.#inside) for (const to of this.#inside) this.audit.say(from, to.id)
    this.world.until(() => {
      this.#turnOut()
      const ids = [...this.#inside].map(({ id }) => id)
      return ids.every((from) => ids.every((to) => from === to || this.audit.isComplete(from, to)))
    }, 200_000)
  }

  get survivors(): number {
    return this.#inside.size
  }

  #watch(person: SealedPerson): void {
    this.#inside.add(person)
    this.audit.watch(person)
  }

  #turnOut(): void {
    for (const person of this.#inside) {
      if (person.find('unwelcome') === undefined) continue
      this.#inside.delete(person)
      person.leave()
    }
  }
}

test('a pairing that fails with an acknowledgement due leaves nothing to be done for ever', () => {
  const server = new MaliciousServer({ random: new SeededRandom(1) })
  const world = new SealedWorld(1, {}, server)
  const audit = new SealedAudit()
  const host = world.creator()
  const guest = world.person()
  audit.watch(host)
  audit.watch(guest)
  guest.open({ kind: 'join', code: host.code, ifEmpty: 'refuse' })
  world.until(() => host.heard(guest.id).length === 1)
  audit.say(host, guest.id)
  world.until(() => guest.heard(host.id).length === 1)
  world.advance(1_000)
  const letters: string[] = []
  server.conduct = {
    say: meddle((told, to) => {
      if (to !== host.id || told.envelope[0] !== envelopeKind) return []
      const letter = encodeBase64url(told.envelope)
      if (letters.includes(letter)) return []
      letters.push(letter)
      // The first comes at the last moment, and brings the second; the third never comes.
      if (letters.length === 1) server.after(9_900, () => server.say(to, told))
      return letters.length % 2 === 1 ? [] : [told]
    }),
  }
  for (let count = 0; count < 4; count++) audit.say(guest, host.id)
  world.advance(60_000)
  server.conduct = {}
  world.until(() => guest.find('pairingLost') !== undefined, 120_000)
  world.advance(60_000)
  audit.say(guest, host.id)
  audit.say(host, guest.id)
  world.until(() => audit.isComplete(guest.id, host.id) && audit.isComplete(host.id, guest.id))
})

test('what two say to each other arrives once and in order or not at all, whatever the server does', {
  timeout: 3_600_000,
}, () => {
  let deeds = 0
  let people = 0
  let survivors = 0
  let runs = 0
  forEachSeed(200, (seed) => {
    runs += 1
    const ordeal = new Ordeal(seed)
    ordeal.chatter()
    ordeal.endure()
    deeds += ordeal.misconduct.deeds
    people += ordeal.world.people.length
    survivors += ordeal.survivors
  })
  if (runs === 1) return
  expect(deeds).toBeGreaterThan(5 * runs)
  // The test would show little, were most of them turned away.
  expect(survivors).toBeGreaterThan(people / 2)
})

test('a call under such a server is a call in the end, or has ended and says so', {
  timeout: 3_600_000,
}, async () => {
  let calls = 0
  let runs = 0
  await forEachSeedAsync(60, async (seed) => {
    runs += 1
    const world = new MaliciousWorld({}, seed)
    const misconduct = new RandomMisconduct(world.server, world.random.fork())
    const { page: ann, code } = await world.host('Ann')
    world.server.conduct = misconduct
    const bob = world.join('Bob', code, { ringTimeoutMs: 120_000 })
    const answer = (): void => {
      for (const { id } of ann.snapshot.callers) ann.call.accept(id)
    }
    for (let count = 0; count < 60; count++) {
      answer()
      await world.advance(1_000)
    }
    world.network.roam('Bob')
    await world.advance(10_000)
    world.server.conduct = {}
    const isOver = (): boolean => {
      answer()
      return bob.phase === 'ended' || areTalking(ann, bob)
    }
    await world.until(isOver, 240_000)
    expect([ann.call.failures, bob.call.failures]).toEqual([0, 0])
    if (bob.phase !== 'ended') calls += 1
    else {
      await world.until(() => ann.phase === 'waiting')
      await world.meet('Cat', ann, code)
    }
  })
  if (runs > 1) expect(calls).toBeGreaterThan(runs / 3)
})
