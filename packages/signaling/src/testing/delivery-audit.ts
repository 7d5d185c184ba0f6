import type { MemberEvent } from '../index.ts'
import { note, type WorldMember } from './room-world.ts'

/** What one member sent to another since the other came: `stay` counts how often they came. */
interface Sent {
  stay: number
  count: number
}

/** What one member received from another since the other came. */
interface Received {
  stay: number
  count: number
}

/** A message was lost, doubled or came out of order. */
export class AuditFailure extends Error {
  readonly code = 'AUDIT_FAILURE'
}

/**
 * Watches what members send and receive. While neither has been reported left to the other, every message is to
 * arrive exactly once and in order.
 */
export class DeliveryAudit {
  readonly #names = new Map<string, string>()
  readonly #members = new Map<string, WorldMember>()
  readonly #sent = new Map<string, Sent>()
  readonly #received = new Map<string, Received>()
  readonly #present = new Map<string, Set<string>>()
  /** Members reported as expired, as `observer>member`. */
  readonly expired: string[] = []
  delivered = 0

  watch(member: WorldMember): void {
    this.#names.set(member.id, String(this.#names.size))
    this.#members.set(member.id, member)
    this.#present.set(member.id, new Set())
    member.watch = (event) => this.#note(member, event)
  }

  /** Members that `member` knows to be in the room. */
  present(member: WorldMember): ReadonlySet<string> {
    return this.#present.get(member.id) ?? new Set()
  }

  send(from: WorldMember, to: WorldMember): void {
    const key = this.#key(from.id, to.id)
    const sent = this.#sent.get(key) ?? { stay: 0, count: 0 }
    if (from.send(to, note(`${sent.stay}:${sent.count + 1}`))) sent.count++
    this.#sent.set(key, sent)
  }

  /** Fails unless everything that `from` sent to `to` has arrived. */
  requireComplete(from: WorldMember, to: WorldMember): void {
    const sent = this.#sent.get(this.#key(from.id, to.id))
    if (sent === undefined || sent.count === 0) return
    const received = this.#received.get(this.#key(from.id, to.id))
    if (received?.stay !== sent.stay || received.count !== sent.count) {
      const found = received === undefined ? 'nothing' : `${received.stay}:${received.count}`
      throw new AuditFailure(
        `${this.#key(from.id, to.id)}: sent ${sent.stay}:${sent.count}, received ${found}`,
      )
    }
  }

  #note(self: WorldMember, event: MemberEvent): void {
    const present = this.#present.get(self.id)
    if (event.type === 'joined') {
      for (const member of event.members) {
        present?.add(member)
        this.#open(self, member)
      }
    }
    if (event.type === 'memberJoined') {
      if (present?.has(event.member)) throw new AuditFailure(`${this.#names.get(event.member)} joined twice`)
      present?.add(event.member)
      if (!event.isNewcomer) this.#open(self, event.member)
    }
    if (event.type === 'memberLeft') {
      if (!present?.delete(event.member)) throw new AuditFailure(`${event.member} left without being there`)
      if (event.reason === 'expired') this.expired.push(this.#key(self.id, event.member))
      const sent = this.#sent.get(this.#key(self.id, event.member))
      if (sent !== undefined)
        this.#sent.set(this.#key(self.id, event.member), { stay: sent.stay + 1, count: 0 })
      this.#received.delete(this.#key(event.member, self.id))
    }
    if (event.type === 'message' && event.message.type === 'description') {
      if (!present?.has(event.from)) throw new AuditFailure('a message came from somebody who is not there')
      this.#receive(this.#key(event.from, self.id), event.message.sdp)
    }
  }

  /** As an app does: whoever came later speaks first. */
  #open(self: WorldMember, member: string): void {
    const to = this.#members.get(member)
    if (to !== undefined) this.send(self, to)
  }

  #receive(key: string, text: string): void {
    const [stay = 0, count = 0] = text.split(':').map(Number)
    const received = this.#received.get(key)
    const isNext =
      received === undefined ? count === 1 : stay === received.stay && count === received.count + 1
    if (!isNext) {
      const before = received === undefined ? 'nothing' : `${received.stay}:${received.count}`
      throw new AuditFailure(`${key}: ${text} came after ${before}`)
    }
    this.#received.set(key, { stay, count })
    this.delivered++
  }

  #key(from: string, to: string): string {
    return `${this.#names.get(from)}>${this.#names.get(to)}`
  }
}
