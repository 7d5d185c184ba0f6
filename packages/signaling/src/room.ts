import type { ServerMessage } from './frame.ts'
import type { MemberId } from './member-id.ts'
import type { ServerSession } from './server-session.ts'

/** Someone in a room, for as long as their session is remembered. */
export interface Member {
  readonly id: MemberId
  /** When they joined, as a place in the order of joins: of two members the higher one is the newcomer. */
  readonly ordinal: number
  readonly room: Room
  readonly session: ServerSession
}

/** The largest ordinal (u32). */
const maxOrdinal = 0xffff_ffff

/** A room is open while it has members; away ones count. */
export class Room {
  readonly nameplate: string
  /** Replaced by another list with each change, which costs less than a list with room to grow. */
  #members: readonly Member[] = []
  #nextOrdinal = 1

  constructor(nameplate: string) {
    this.nameplate = nameplate
  }

  get members(): readonly Member[] {
    return this.#members
  }

  find(id: MemberId): Member | undefined {
    return this.#members.find((member) => member.id === id)
  }

  /** Admits `session` as `id`. `ordinal` is what a returning member had before; a newcomer gets the next. */
  admit(id: MemberId, session: ServerSession, ordinal = this.#nextOrdinal): Member {
    const member: Member = { id, ordinal, room: this, session }
    this.#nextOrdinal = Math.min(Math.max(this.#nextOrdinal, ordinal + 1), maxOrdinal)
    this.#members = [...this.#members, member]
    session.member = member
    return member
  }

  remove(member: Member): void {
    this.#members = this.#members.filter((other) => other !== member)
    member.session.member = undefined
  }

  /** Tells everybody but `except`. */
  tell(message: ServerMessage, except?: Member): void {
    for (const member of this.#members) if (member !== except) member.session.post(message)
  }
}
