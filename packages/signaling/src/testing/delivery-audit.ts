import type { MemberEvent } from '../index.ts'
import { note, noted, type WorldMember } from './room-world.ts'

/** What one member has said to another, in numbers from 1. */
interface Sent {
  count: number
  /** Up to here the sender has been told, after it was sent, that it may be lost. */
  excused: number
}

/** What of it has arrived. */
interface Received {
  last: number
  /** Passed over. */
  readonly missing: number[]
}

/** A message was doubled, came out of order or was lost without a word. */
export class AuditFailure extends Error {
  readonly code = 'AUDIT_FAILURE'
}

/**
 * Watches what members send and receive. It is to arrive in order and never twice; and completely, unless the sender
 * hears after it that the other has returned (the server had forgotten one of the two), has left or was not reached.
 */
export class DeliveryAudit {
  readonly #names = new Map<string, string>()
  readonly #sent = new Map<string, Sent>()
  readonly #received = new Map<string, Received>()
  readonly #present = new Map<string, Set<string>>()
  /** Members reported as expired, as `observer>member`. */
  readonly expired: string[] = []
  delivered = 0

  watch(member: WorldMember): void {
    this.#names.set(member.id, String(this.#names.size))
    this.#present.set(member.id, new Set())
    member.watch = (event) => this.#note(member, event)
  }

  /** Members that `member` knows to be in the room. */
  present(member: WorldMember): ReadonlySet<string> {
    return this.#present.get(member.id) ?? new Set()
  }

  /** Sends the next number, if the one knows that the other is there. */
  send(from: WorldMember, to: WorldMember): void {
    if (!this.present(from).has(to.id)) return
    const sent = this.#sentBy(from.id, to.id)
    if (from.send(to, note(String(sent.count + 1)))) sent.count++
  }

  /** Fails if anything that `from` sent to `to` was lost and `from` was not told. */
  requireExcuses(from: WorldMember, to: WorldMember): void {
    const { count, excused } = this.#sentBy(from.id, to.id)
    const { last, missing } = this.#receivedFrom(from.id, to.id)
    const lost = Math.max(0, ...missing, last < count ? count : 0)
    if (lost > excused) this.#fail(from.id, to.id, `${lost} was lost, and only ${excused} excused`)
  }

  /** Fails unless the last that `from` sent to `to` has arrived. */
  requireLatest(from: WorldMember, to: WorldMember): void {
    const { count } = this.#sentBy(from.id, to.id)
    const { last } = this.#receivedFrom(from.id, to.id)
    if (count === 0 || last !== count) this.#fail(from.id, to.id, `sent ${count}, received ${last}`)
  }

  #note(self: WorldMember, event: MemberEvent): void {
    const present = this.#present.get(self.id)
    switch (event.type) {
      case 'joined':
        for (const { id } of event.members) present?.add(id)
        break
      case 'memberJoined':
        if (present?.has(event.member)) this.#fail(self.id, event.member, 'joined twice')
        present?.add(event.member)
        break
      case 'memberReturned':
        if (!present?.has(event.member))
          this.#fail(self.id, event.member, 'returned to where they never were')
        this.#excuse(self.id, event.member)
        break
      case 'memberLeft':
        if (!present?.delete(event.member)) this.#fail(self.id, event.member, 'left without being there')
        if (event.reason === 'expired') this.expired.push(this.#key(self.id, event.member))
        this.#excuse(self.id, event.member)
        break
      case 'undeliverable':
        this.#excuse(self.id, event.to)
        break
      case 'envelope':
        if (!present?.has(event.from)) this.#fail(event.from, self.id, 'speaks without being there')
        this.#receive(event.from, self.id, Number(noted(event.envelope)))
        break
    }
  }

  #excuse(from: string, to: string): void {
    const sent = this.#sentBy(from, to)
    sent.excused = sent.count
  }

  #receive(from: string, to: string, number: number): void {
    const received = this.#receivedFrom(from, to)
    if (number <= received.last) this.#fail(from, to, `${number} came after ${received.last}`)
    for (let n = received.last + 1; n < number; n++) received.missing.push(n)
    received.last = number
    this.delivered++
  }

  #sentBy(from: string, to: string): Sent {
    const key = this.#key(from, to)
    const sent = this.#sent.get(key) ?? { count: 0, excused: 0 }
    this.#sent.set(key, sent)
    return sent
  }

  #receivedFrom(from: string, to: string): Received {
    const key = this.#key(from, to)
    const received = this.#received.get(key) ?? { last: 0, missing: [] }
    this.#received.set(key, received)
    return received
  }

  #fail(from: string, to: string, what: string): never {
    throw new AuditFailure(`${this.#key(from, to)}: ${what}`)
  }

  #key(from: string, to: string): string {
    return `${this.#names.get(from)}>${this.#names.get(to)}`
  }
}
