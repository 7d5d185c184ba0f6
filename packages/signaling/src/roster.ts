import type { Millis } from '@crowfly/sansio'
import type { ServerMessage } from './frame.ts'
import type { MemberEvent, PresentMember } from './member-event.ts'
import { compareMemberIds, type MemberId } from './member-id.ts'
import { OwnerTimers } from './owner-timers.ts'
import type { Queue } from './queue.ts'

/** Members that are kept in mind; what a server names beyond that, or twice, is not heard. */
const maxMembers = 512

type RoomMember = Extract<ServerMessage, { type: 'joined' }>['members'][number]

/** A member as this one knows them. */
interface KnownMember {
  readonly id: MemberId
  readonly ordinal: number
  /** In the roster's timers. */
  slot: number
  isAway: boolean
  /** Not there when this side came back to a server with an empty memory, and not back yet. */
  isMissing: boolean
}

/** The members that this one knows (PROTOCOL.md §5.4). */
export class Roster {
  readonly #selfId: MemberId
  readonly #events: Queue<MemberEvent>
  readonly #members = new Map<MemberId, KnownMember>()
  /** When who is missing is given up. */
  readonly #timers = new OwnerTimers<KnownMember>(maxMembers)
  #selfOrdinal = 0

  constructor(selfId: MemberId, events: Queue<MemberEvent>) {
    this.#selfId = selfId
    this.#events = events
  }

  has(id: MemberId): boolean {
    return this.#members.has(id)
  }

  /** First time in the room: everybody in it was there before. Says who that is. */
  enter(ordinal: number, members: readonly RoomMember[]): readonly PresentMember[] {
    this.#selfOrdinal = ordinal
    const present: PresentMember[] = []
    for (const member of members) {
      if (!this.#isNew(member.memberId)) continue
      this.#add(member.memberId, member.ordinal, member.isAway)
      present.push(presentMember(member))
    }
    return present
  }

  /** Back in the room after the server forgot the session: what it says meets what was known. */
  reenter(ordinal: number, members: readonly RoomMember[], graceMs: Millis, now: Millis): void {
    if (ordinal !== this.#selfOrdinal) {
      // The server took this side for a newcomer, and so did everybody else.
      for (const member of [...this.#members.values()]) this.#remove(member, 'expired')
      this.#selfOrdinal = ordinal
    }
    const missing = new Set(this.#members.keys())
    for (const { memberId, ordinal, isAway } of members) {
      missing.delete(memberId)
      this.#meet(memberId, ordinal)
      this.#setAway(memberId, isAway)
    }
    for (const id of missing) this.#setMissing(id)
    this.resume(graceMs, now)
  }

  /** There is no connection: nobody is given up. */
  suspend(): void {
    for (const member of this.#members.values()) this.#timers.cancel(member.slot)
  }

  /** The session stands again. */
  resume(graceMs: Millis, now: Millis): void {
    for (const { slot, isMissing } of this.#members.values()) {
      if (isMissing) this.#timers.schedule(slot, now + graceMs)
    }
  }

  /** The server says that they came in. */
  handleJoined(id: MemberId, ordinal: number): void {
    this.#meet(id, ordinal)
    this.#setAway(id, false)
  }

  handleLeft(id: MemberId, reason: 'left' | 'expired'): void {
    const member = this.#members.get(id)
    if (member !== undefined) this.#remove(member, reason)
  }

  handleAway(id: MemberId): void {
    this.#setAway(id, true)
  }

  handleBack(id: MemberId): void {
    this.#setAway(id, false)
  }

  handleTimeout(now: Millis): void {
    for (let member = this.#timers.expire(now); member !== undefined; member = this.#timers.expire(now)) {
      this.#remove(member, 'expired')
    }
  }

  pollTimeout(): Millis {
    return this.#timers.next()
  }

  /** Forgets everybody without a word. */
  clear(): void {
    this.#members.clear()
    this.#timers.clear()
  }

  /** They are in the room, says the server: new to us, returned, or always there. */
  #meet(id: MemberId, ordinal: number): void {
    const known = this.#members.get(id)
    if (known !== undefined && known.ordinal === ordinal) {
      known.isMissing = false
      this.#timers.cancel(known.slot)
      this.#events.push({ type: 'memberReturned', member: id })
      return
    }
    if (known !== undefined) this.#remove(known, 'expired')
    if (!this.#isNew(id)) return
    this.#add(id, ordinal, false)
    this.#events.push({ type: 'memberJoined', member: id, isNewcomer: this.#isNewcomer(id, ordinal) })
  }

  #isNew(id: MemberId): boolean {
    return id !== this.#selfId && !this.#members.has(id) && this.#members.size < maxMembers
  }

  #add(id: MemberId, ordinal: number, isAway: boolean): void {
    const member: KnownMember = { id, ordinal, slot: -1, isAway, isMissing: false }
    member.slot = this.#timers.add(member)
    this.#members.set(id, member)
  }

  #remove(member: KnownMember, reason: 'left' | 'expired'): void {
    this.#members.delete(member.id)
    this.#timers.remove(member.slot)
    this.#events.push({ type: 'memberLeft', member: member.id, reason })
  }

  #setAway(id: MemberId, isAway: boolean): void {
    const member = this.#members.get(id)
    if (member === undefined || member.isAway === isAway) return
    member.isAway = isAway
    this.#events.push({ type: isAway ? 'memberAway' : 'memberBack', member: id })
  }

  #setMissing(id: MemberId): void {
    const member = this.#members.get(id)
    if (member !== undefined) member.isMissing = true
    this.#setAway(id, true)
  }

  /** PROTOCOL.md §5.2: of two members the one who came later is the newcomer. */
  #isNewcomer(id: MemberId, ordinal: number): boolean {
    return this.#selfOrdinal === ordinal
      ? compareMemberIds(id, this.#selfId) > 0
      : ordinal > this.#selfOrdinal
  }
}

/** As its owner is told of a member. */
export function presentMember({ memberId, isAway, ticket }: RoomMember): PresentMember {
  return { id: memberId, isAway, ticket: ticket.length === 0 ? undefined : ticket }
}
