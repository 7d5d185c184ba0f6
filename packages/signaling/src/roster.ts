import type { Millis, Random } from '@crowfly/sansio'
import type { ServerMessage } from './frame.ts'
import type { MemberEvent } from './member-event.ts'
import { compareMemberIds, type MemberId } from './member-id.ts'
import { MemberLink, maxBodyBytes } from './member-link.ts'
import { OwnerTimers } from './owner-timers.ts'
import { type PairContent, pairEnvelope } from './pair-envelope.ts'
import { type PairMessage, pairMessage } from './pair-message.ts'
import type { Queue } from './queue.ts'
import { decode, encode } from './schema.ts'
import type { ServerLine } from './server-line.ts'

/** Milliseconds that an acknowledgement waits for a message to ride on. */
const ackDelayMs = 200
/** Milliseconds without an acknowledgement after which everything is sent again; doubled each time. */
const resendMs = 5_000
const maxResendMs = 60_000
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
  readonly link: MemberLink
  resendMs: Millis
  ackAt: Millis
  resendAt: Millis
  expireAt: Millis
}

/** The members that this one knows, and the link to each (PROTOCOL.md §5.3 and §6). */
export class Roster {
  readonly #selfId: MemberId
  readonly #random: Random
  readonly #line: ServerLine
  readonly #events: Queue<MemberEvent>
  readonly #members = new Map<MemberId, KnownMember>()
  readonly #timers = new OwnerTimers<KnownMember>(maxMembers)
  #selfOrdinal = 0
  /** Whether the server has this side in the room, so that envelopes may go. */
  #isOnline = false

  constructor(selfId: MemberId, random: Random, line: ServerLine, events: Queue<MemberEvent>) {
    this.#selfId = selfId
    this.#random = random
    this.#line = line
    this.#events = events
  }

  /** Queues a message. False when they are not here or the queue to them is full. */
  send(to: MemberId, message: PairMessage, now: Millis): boolean {
    const member = this.#members.get(to)
    if (member === undefined || !member.link.push(encode(pairMessage, message, maxBodyBytes))) return false
    this.#flush(member, now)
    return true
  }

  /** First time in the room: everybody in it was there before. Says who that is. */
  enter(ordinal: number, members: readonly RoomMember[]): readonly MemberId[] {
    this.#selfOrdinal = ordinal
    this.#isOnline = true
    for (const { memberId, ordinal, isAway } of members) {
      if (this.#isNew(memberId)) this.#add(memberId, ordinal, isAway)
    }
    return [...this.#members.keys()]
  }

  /** Back in the room after the server forgot the session: what it says meets what was known. */
  reenter(ordinal: number, members: readonly RoomMember[], now: Millis): void {
    if (ordinal !== this.#selfOrdinal) {
      // The server took this side for a newcomer, and so did everybody else.
      for (const member of [...this.#members.values()]) this.#remove(member, 'expired')
      this.#selfOrdinal = ordinal
    }
    const missing = new Set(this.#members.keys())
    for (const { memberId, ordinal, isAway } of members) {
      missing.delete(memberId)
      this.#meet(memberId, ordinal, now)
      this.#setAway(memberId, isAway, now)
    }
    for (const id of missing) this.#setMissing(id, now)
    // What the old session held is gone.
    for (const member of this.#members.values()) member.link.rewind()
    this.resume(now)
    for (const member of this.#members.values()) {
      // Makes an end that has forgotten the link say so.
      if (member.link.isEstablished && !member.link.isWaiting) this.#sendAck(member)
    }
  }

  /** There is no connection: nothing goes out, and nobody is given up. */
  suspend(): void {
    this.#isOnline = false
    for (const member of this.#members.values()) {
      member.ackAt = Infinity
      member.resendAt = Infinity
      member.expireAt = Infinity
      this.#arm(member)
    }
  }

  /** The session stands again. */
  resume(now: Millis): void {
    this.#isOnline = true
    for (const member of this.#members.values()) {
      if (member.isMissing) member.expireAt = now + this.#line.graceMs
      this.#oweAck(member, now)
      this.#flush(member, now)
    }
  }

  /** The server says that they came in. */
  handleJoined(id: MemberId, ordinal: number, now: Millis): void {
    this.#meet(id, ordinal, now)
    this.#setAway(id, false, now)
  }

  handleLeft(id: MemberId, reason: 'left' | 'expired'): void {
    const member = this.#members.get(id)
    if (member !== undefined) this.#remove(member, reason)
  }

  handleAway(id: MemberId, now: Millis): void {
    this.#setAway(id, true, now)
  }

  handleBack(id: MemberId, now: Millis): void {
    this.#setAway(id, false, now)
    const member = this.#members.get(id)
    if (member === undefined) return
    if (member.link.isStalled) member.link.rewind()
    this.#flush(member, now)
  }

  handleUndeliverable(to: MemberId): void {
    this.#members.get(to)?.link.stall()
  }

  handleEnvelope(from: MemberId, bytes: Uint8Array, now: Millis): void {
    const member = this.#members.get(from)
    if (member === undefined) return
    const envelope = decode(pairEnvelope, bytes)
    // A member that speaks no language of ours is not heard, and harms nobody else.
    if (typeof envelope === 'string') return
    if (envelope.content.type === 'reset') {
      if (member.link.isResetBy(envelope.content.opening)) this.#beginAnew(member)
      return
    }
    this.#receive(member, envelope.content, now)
  }

  handleTimeout(now: Millis): void {
    for (let member = this.#timers.expire(now); member !== undefined; member = this.#timers.expire(now)) {
      if (now >= member.expireAt) {
        this.#remove(member, 'expired')
        continue
      }
      if (now >= member.ackAt) {
        member.ackAt = Infinity
        this.#sendAck(member)
      }
      if (now >= member.resendAt) {
        member.resendAt = Infinity
        member.resendMs = Math.min(member.resendMs * 2, maxResendMs)
        member.link.rewind()
      }
      this.#flush(member, now)
    }
  }

  pollTimeout(): Millis {
    return this.#timers.next()
  }

  /** Sends what the line had no room for before. */
  flush(now: Millis): void {
    for (const member of this.#members.values()) this.#flush(member, now)
  }

  /** Forgets everybody without a word. */
  clear(): void {
    this.#isOnline = false
    this.#members.clear()
    this.#timers.clear()
  }

  #receive(member: KnownMember, content: Exclude<PairContent, { type: 'reset' }>, now: Millis): void {
    const { acknowledged } = member.link
    const reception = member.link.receive(content)
    if (reception === 'unknownLink') {
      const reset = { version: 0, content: { type: 'reset', opening: content.opening } } as const
      this.#post(member, encode(pairEnvelope, reset))
    } else if (reception === 'begunAnew') {
      const renewed = this.#beginAnew(member)
      if (!this.#isOpener(member)) this.#receive(renewed, content, now)
    } else if (reception === 'accepted') {
      for (let body = member.link.shift(); body !== undefined; body = member.link.shift()) {
        const message = decode(pairMessage, body)
        if (typeof message !== 'string') this.#events.push({ type: 'message', from: member.id, message })
      }
      if (member.link.acknowledged > acknowledged) {
        member.resendMs = resendMs
        member.resendAt = Infinity
      }
      this.#oweAck(member, now)
      this.#flush(member, now)
    }
  }

  /** The other end has forgotten the link, as if it had left and come again. */
  #beginAnew(member: KnownMember): KnownMember {
    this.#remove(member, 'expired')
    const renewed = this.#add(member.id, member.ordinal, false)
    this.#events.push({ type: 'memberJoined', member: member.id, isNewcomer: !this.#isOpener(renewed) })
    return renewed
  }

  /** They are in the room, says the server: new to us, returned, or always there. */
  #meet(id: MemberId, ordinal: number, now: Millis): void {
    const known = this.#members.get(id)
    if (known !== undefined && known.ordinal === ordinal) {
      known.isMissing = false
      known.expireAt = Infinity
      // They came back to a server that had forgotten them, so what it held for them is gone.
      known.link.rewind()
      this.#flush(known, now)
      return
    }
    if (known !== undefined) this.#remove(known, 'expired')
    if (!this.#isNew(id)) return
    const member = this.#add(id, ordinal, false)
    this.#events.push({ type: 'memberJoined', member: id, isNewcomer: !this.#isOpener(member) })
  }

  #isNew(id: MemberId): boolean {
    return id !== this.#selfId && !this.#members.has(id) && this.#members.size < maxMembers
  }

  #add(id: MemberId, ordinal: number, isAway: boolean): KnownMember {
    const member: KnownMember = {
      id,
      ordinal,
      slot: -1,
      isAway,
      isMissing: false,
      link: new MemberLink(this.#isOpener({ id, ordinal }), this.#random),
      resendMs,
      ackAt: Infinity,
      resendAt: Infinity,
      expireAt: Infinity,
    }
    member.slot = this.#timers.add(member)
    this.#members.set(id, member)
    return member
  }

  #remove(member: KnownMember, reason: 'left' | 'expired'): void {
    this.#members.delete(member.id)
    this.#timers.remove(member.slot)
    this.#events.push({ type: 'memberLeft', member: member.id, reason })
  }

  #setAway(id: MemberId, isAway: boolean, now: Millis): void {
    const member = this.#members.get(id)
    if (member === undefined || member.isAway === isAway) return
    member.isAway = isAway
    this.#expectAck(member, now)
    this.#events.push({ type: isAway ? 'memberAway' : 'memberBack', member: id })
  }

  #setMissing(id: MemberId, now: Millis): void {
    const member = this.#members.get(id)
    if (member !== undefined) member.isMissing = true
    this.#setAway(id, true, now)
  }

  /** PROTOCOL.md §6.1: of two members the newcomer opens. */
  #isOpener({ id, ordinal }: { id: MemberId; ordinal: number }): boolean {
    return this.#selfOrdinal === ordinal
      ? compareMemberIds(this.#selfId, id) > 0
      : this.#selfOrdinal > ordinal
  }

  #flush(member: KnownMember, now: Millis): void {
    while (this.#isOnline && !member.isMissing && this.#line.canPost) {
      const envelope = member.link.next()
      if (envelope === undefined) break
      this.#post(member, envelope)
      member.ackAt = Infinity
    }
    this.#expectAck(member, now)
  }

  #sendAck(member: KnownMember): void {
    member.ackAt = Infinity
    this.#post(member, member.link.ack())
  }

  #post(member: KnownMember, envelope: Uint8Array): void {
    if (this.#isOnline && !member.isMissing) this.#line.post({ type: 'send', to: member.id, envelope })
  }

  #oweAck(member: KnownMember, now: Millis): void {
    const { ackDue } = member.link
    if (!this.#isOnline || ackDue === 'none') return
    if (ackDue === 'now') this.#sendAck(member)
    else member.ackAt = Math.min(member.ackAt, now + ackDelayMs)
    this.#arm(member)
  }

  /** While they are away the server holds what was sent, and nothing is to be sent again. */
  #expectAck(member: KnownMember, now: Millis): void {
    if (!member.link.isWaiting || member.isAway || !this.#isOnline) member.resendAt = Infinity
    else member.resendAt = Math.min(member.resendAt, now + member.resendMs)
    this.#arm(member)
  }

  #arm(member: KnownMember): void {
    this.#timers.schedule(member.slot, Math.min(member.ackAt, member.resendAt, member.expireAt))
  }
}
