import { encodeBase64url } from '@crowfly/bytes'
import { decodeMemberMessage, encodeMemberMessage, type SealedMessage } from '@crowfly/pairing'
import type { Millis } from '@crowfly/sansio'
import type { MemberId } from '@crowfly/signaling'
import { type HiddenMember, RosterWatch } from './roster-watch.ts'
import type { SealedMember } from './sealed-member.ts'

/** Milliseconds in which changes of who is seen travel together. */
const announceDelayMs = 1_000

/** Members in a roster. */
const maxRoster = 64

/** Tells the others whom this side is paired with, and compares what they say. */
export class RosterExchange {
  readonly #selfId: MemberId
  readonly #members: ReadonlyMap<MemberId, SealedMember>
  readonly #onHidden: (hidden: HiddenMember) => void
  readonly #watch = new RosterWatch()
  #announceAt: Millis = Infinity

  /** `members` are looked at whenever it is due. */
  constructor(
    selfId: MemberId,
    members: ReadonlyMap<MemberId, SealedMember>,
    onHidden: (hidden: HiddenMember) => void,
  ) {
    this.#selfId = selfId
    this.#members = members
    this.#onHidden = onHidden
  }

  /** This side sees others than before. */
  announceSoon(now: Millis): void {
    this.#announceAt = Math.min(this.#announceAt, now + announceDelayMs)
  }

  /** What a member says. Gives whom they name. */
  hear(from: MemberId, sealed: SealedMessage, now: Millis): readonly Uint8Array[] {
    const message = decodeMemberMessage(sealed)
    if (message?.type !== 'roster') return []
    const named = message.members.map((octets) => encodeBase64url(octets))
    this.#watch.hear(from, named)
    this.#review(now)
    return message.members
  }

  /** The member has gone, or the two have to prove themselves anew. */
  forget(id: MemberId): void {
    this.#watch.forget(id)
  }

  /** Gives the members to whom something is to be sent. */
  handleTimeout(now: Millis): readonly SealedMember[] {
    if (now >= this.#watch.pollTimeout()) this.#review(now)
    if (now < this.#announceAt) return []
    this.#announceAt = Infinity
    const seen = [...this.#members.values()].filter((member) => member.isSeen).slice(0, maxRoster)
    const roster = encodeMemberMessage({ type: 'roster', members: seen.map(({ octets }) => octets) })
    return seen.filter((member) => member.push(roster))
  }

  pollTimeout(): Millis {
    return Math.min(this.#announceAt, this.#watch.pollTimeout())
  }

  #review(now: Millis): void {
    const isAccountedFor = (id: MemberId): boolean => {
      const member = this.#members.get(id)
      return id === this.#selfId || member?.isSeen === true || (member?.isPresent === true && member.isAway)
    }
    for (const hidden of this.#watch.review(isAccountedFor, now)) this.#onHidden(hidden)
  }
}
