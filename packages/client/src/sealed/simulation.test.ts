import { forEachSeed, SeededRandom } from '@crowfly/testkit'
import { expect, test } from 'vitest'
import { SealedAudit } from '../testing/sealed-audit.ts'
import { SealedWorld } from '../testing/sealed-world.ts'

/** One room in bad weather, from its creation to the calm at the end. */
class Storm {
  readonly random: SeededRandom
  readonly world: SealedWorld
  readonly audit = new SealedAudit()

  constructor(seed: number) {
    this.random = new SeededRandom(seed)
    this.world = new SealedWorld(seed)
    this.world.network.conditions = {
      ...this.world.network.conditions,
      delayMs: this.random.pick([1, 20, 120]),
      jitterMs: this.random.pick([0, 30, 200]),
    }
    const host = this.world.creator()
    this.audit.watch(host)
    for (let count = 1 + this.random.integer(2); count > 0; count--) {
      const guest = this.world.person()
      this.audit.watch(guest)
      if (this.random.chance(0.5)) guest.look(host.code)
      this.world.advance(this.random.integer(200))
      guest.open({ kind: 'join', code: host.code, ifEmpty: 'wait' })
    }
  }

  outage(maxMs: number): void {
    const { world, random } = this
    const victims = world.people.filter(() => random.chance(0.5))
    switch (random.integer(4)) {
      case 0:
        for (const person of victims) person.drop()
        break
      case 1:
        for (const person of victims) person.cut()
        if (random.chance(0.5)) for (const person of victims) person.handleNetworkChange()
        break
      case 2:
        for (const person of victims) {
          person.cut()
          person.isOffline = true
        }
        break
      case 3:
        world.crash(random.pick(['close', 'cut']))
        this.chatterFor(random.number() * maxMs)
        world.restart()
    }
    this.chatterFor(random.number() * maxMs)
    for (const person of world.people) person.isOffline = false
  }

  chatterFor(durationMs: number): void {
    const { world, random } = this
    const end = world.clock.now() + durationMs
    while (world.clock.now() < end) {
      for (let count = random.integer(4); count > 0; count--) {
        const from = random.pick(world.people)
        const to = random.pick(world.people)
        if (from !== to) this.audit.say(from, to.id)
      }
      world.advance(random.number() * Math.min(2_000, durationMs))
    }
  }

  get isComplete(): boolean {
    const ids = this.world.people.map(({ id }) => id)
    return ids.every((from) => ids.every((to) => from === to || this.audit.isComplete(from, to)))
  }
}

test('what two say to each other arrives once and in order, whatever the server forgets', {
  timeout: 3_600_000,
}, () => {
  let reopened = 0
  forEachSeed(120, (seed) => {
    const storm = new Storm(seed)
    const outages = 1 + storm.random.integer(4)
    const maxMs = storm.random.pick([5_000, 12_000, 60_000])
    for (let count = 0; count < outages; count++) {
      storm.chatterFor(3_000)
      storm.outage(maxMs)
    }
    storm.world.advance(150_000)
    for (const from of storm.world.people) {
      for (const to of storm.world.people) if (from !== to) storm.audit.say(from, to.id)
    }
    storm.world.until(() => storm.isComplete, 150_000)
    if (maxMs < 30_000) for (const count of storm.audit.reopened.values()) expect(count).toBe(1)
    for (const count of storm.audit.reopened.values()) reopened += count - 1
  })
  expect(reopened).toBeGreaterThan(0)
})
