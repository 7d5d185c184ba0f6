import type { PairMessage } from '@crowfly/signaling'
import { forEachSeed, SeededRandom } from '@crowfly/testkit'
import { expect, test } from 'vitest'
import { type SealedPerson, SealedWorld } from '../testing/sealed-world.ts'

/** Numbers of one connection between two, by whoever opened it. */
const perOpening = 100_000

/** Something was lost, doubled, or came out of order. */
class AuditFailure extends Error {
  readonly code = 'AUDIT_FAILURE'
}

/** What one says to another, as one of them has it. */
interface Thread {
  opening: number
  count: number
}

/**
 * Numbers what people send to each other and compares what arrives: each number once and in order. A new opening
 * begins the numbers anew, and is only made where a session has said that the pairing is lost, or that somebody came.
 */
class Audit {
  readonly #sent = new Map<string, Thread>()
  readonly #heard = new Map<string, Thread>()
  #openings = 0
  /** Openings made since the two met. */
  readonly reopened = new Map<string, number>()

  watch(person: SealedPerson): void {
    person.watch = (event) => {
      if (event.type === 'joined') for (const member of event.members) this.#open(person, member)
      if (event.type === 'memberJoined' && !event.isNewcomer) this.#open(person, event.member)
      if (event.type === 'pairingLost') this.#open(person, event.member)
      if (event.type === 'message') this.#hear(person, event.from, event.message)
    }
  }

  say(from: SealedPerson, to: string): void {
    const thread = this.#sent.get(key(from.id, to))
    if (thread === undefined) return
    const attempt = thread.opening * perOpening + thread.count + 1
    if (from.send(to, { type: 'renew', attempt })) thread.count++
  }

  /** Everything that one said has come to the other. */
  isComplete(from: string, to: string): boolean {
    const sent = this.#sent.get(key(from, to))
    const heard = this.#heard.get(key(from, to))
    return (
      sent !== undefined &&
      heard !== undefined &&
      sent.opening === heard.opening &&
      sent.count === heard.count
    )
  }

  #open(person: SealedPerson, member: string): void {
    this.#openings++
    const attempt = this.#openings * perOpening
    this.#sent.set(key(person.id, member), { opening: this.#openings, count: 0 })
    const between = key(person.id, member)
    this.reopened.set(between, (this.reopened.get(between) ?? 0) + 1)
    person.send(member, { type: 'open', attempt, name: '', pass: new Uint8Array(0), sdp: 'v=0\r\n' })
  }

  #hear(person: SealedPerson, from: string, message: PairMessage): void {
    const opening = Math.floor(message.attempt / perOpening)
    const count = message.attempt % perOpening
    const heard = this.#heard.get(key(from, person.id))
    if (message.type === 'open') {
      if (heard !== undefined && opening <= heard.opening) throw new AuditFailure(`opening ${opening} twice`)
      this.#sent.set(key(person.id, from), { opening, count: 0 })
      this.#heard.set(key(from, person.id), { opening, count: 0 })
      return
    }
    const isAnswer = heard === undefined || opening > heard.opening
    if (count !== (isAnswer ? 1 : heard.count + 1) || (heard !== undefined && opening < heard.opening)) {
      throw new AuditFailure(`${opening}:${count} after ${heard?.opening}:${heard?.count}`)
    }
    this.#heard.set(key(from, person.id), { opening, count })
  }
}

function key(from: string, to: string): string {
  return `${from}>${to}`
}

/** One room in bad weather, from its creation to the calm at the end. */
class Storm {
  readonly random: SeededRandom
  readonly world: SealedWorld
  readonly audit = new Audit()

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
