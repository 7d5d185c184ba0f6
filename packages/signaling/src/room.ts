import type { Millis } from '@crowfly/sansio'
import type { ServerMessage } from './frame.ts'
import type { MemberId } from './member-id.ts'
import type { ServerSession } from './server-session.ts'

/** The largest ordinal (u32). */
const maxOrdinal = 0xffff_ffff

/** Newcomers that are kept in mind until somebody inside judges them, beyond those who are there. */
const maxUnjudged = 32

/** One list for all who have nothing. */
const none: readonly never[] = []

/** As base64url: its octets in an array of their own take four times the memory. */
export type KeptTicket = string

/** Somebody who has come in, and where from: what they do wrong is counted there. They may have left since. */
export interface Newcomer {
  readonly id: MemberId
  readonly addressKey: string
}

/** Someone in a room, for as long as their session is remembered. */
export class Member {
  readonly id: MemberId
  /** When they joined, as a place in the order of joins: of two members the higher one is the newcomer. */
  readonly ordinal: number
  readonly room: Room
  readonly session: ServerSession
  /** Whether somebody inside has said that they belong there: only then are their tickets handed out. */
  isConfirmed = false
  /** What they have left for newcomers, the oldest first. */
  tickets: readonly KeptTicket[] = none
  /** Tickets that they have been asked for and have not left yet. */
  wanted = 0
  /** Members who wait for a ticket of theirs. */
  askers: readonly Member[] = none

  constructor(id: MemberId, ordinal: number, room: Room, session: ServerSession) {
    this.id = id
    this.ordinal = ordinal
    this.room = room
    this.session = session
  }
}

/** Someone who looks at a room and is not in it. */
export interface Guest {
  readonly id: MemberId
  readonly room: Room
  /** Tickets that are kept for them until `until`. */
  readonly reserved: Map<Member, KeptTicket>
  readonly until: Millis
}

/** A room is open while it has members; away ones count. */
export class Room {
  readonly nameplate: string
  /** Replaced by another list with each change, which costs less than a list with room to grow. */
  #members: readonly Member[] = none
  #guests: readonly Guest[] = none
  /** The oldest first. */
  #unjudged: readonly Newcomer[] = none
  #nextOrdinal = 1
  /** A token bucket's state: the joins of newcomers. */
  joinsFullAt: Millis = 0

  constructor(nameplate: string) {
    this.nameplate = nameplate
  }

  get members(): readonly Member[] {
    return this.#members
  }

  get guests(): readonly Guest[] {
    return this.#guests
  }

  /** Members whom nobody inside has confirmed yet. */
  get pending(): number {
    return this.#members.filter(({ isConfirmed }) => !isConfirmed).length
  }

  find(id: MemberId): Member | undefined {
    return this.#members.find((member) => member.id === id)
  }

  /** Whether a member or a guest goes by this id. */
  has(id: MemberId): boolean {
    return this.find(id) !== undefined || this.#guests.some((guest) => guest.id === id)
  }

  /** Admits `session` as `id`. `ordinal` is what a returning member had before; a newcomer gets the next. */
  admit(id: MemberId, session: ServerSession, ordinal = this.#nextOrdinal): Member {
    const member = new Member(id, ordinal, this, session)
    this.#nextOrdinal = Math.min(Math.max(this.#nextOrdinal, ordinal + 1), maxOrdinal)
    this.#members = [...this.#members, member]
    session.member = member
    return member
  }

  remove(member: Member): void {
    this.#members = this.#members.filter((other) => other !== member)
    member.session.member = undefined
  }

  /** Where nobody is left who could confirm others, the one who has been there for longest is taken for good. */
  confirmSomebody(): Member | undefined {
    if (this.#members.some(({ isConfirmed }) => isConfirmed)) return undefined
    const eldest = this.#members.toSorted((a, b) => a.ordinal - b.ordinal)[0]
    if (eldest !== undefined) eldest.isConfirmed = true
    return eldest
  }

  /** Keeps in mind where a newcomer comes from until they are judged. */
  watch(newcomer: Newcomer): void {
    const others = this.#unjudged.filter(({ id }) => id !== newcomer.id)
    this.#unjudged = [...others, newcomer].slice(-maxUnjudged)
  }

  /** Somebody inside judges a newcomer: undefined if that has been done before. */
  judge(id: MemberId): Newcomer | undefined {
    const newcomer = this.#unjudged.find((other) => other.id === id)
    const others = this.#unjudged.filter((other) => other !== newcomer)
    this.#unjudged = others.length === 0 ? none : others
    return newcomer
  }

  addGuest(guest: Guest): void {
    this.#guests = [...this.#guests, guest]
  }

  removeGuest(guest: Guest): void {
    this.#guests = this.#guests.filter((other) => other !== guest)
  }

  /** Tells everybody but `except`. */
  tell(message: ServerMessage, except?: Member): void {
    for (const member of this.#members) if (member !== except) member.session.post(message)
  }
}
