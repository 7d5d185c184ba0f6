import type { Millis } from '@crowfly/sansio'
import type { MemberId } from '@crowfly/signaling'

/** Milliseconds that a member may be seen by another one only: proofs and rosters take their time. */
const graceMs = 30_000

/** Somebody whom this side does not see, and one who does. */
export interface HiddenMember {
  readonly member: MemberId
  readonly seenBy: MemberId
}

/**
 * Whom the others say that they are paired with. Whoever is seen by one and not by the other may be kept from it by the
 * server (trust.md §6).
 */
export class RosterWatch {
  readonly #rosters = new Map<MemberId, readonly MemberId[]>()
  /** Since when somebody is missed. */
  readonly #missed = new Map<MemberId, Millis>()
  readonly #told = new Set<MemberId>()

  /** What a member says. */
  hear(from: MemberId, roster: readonly MemberId[]): void {
    this.#rosters.set(from, roster)
  }

  /** The member has gone, or the two have to prove themselves anew. */
  forget(from: MemberId): void {
    this.#rosters.delete(from)
  }

  /** Looks again. `isAccountedFor`: seen here too, or known to be away. Gives those who are missed for too long, once. */
  review(isAccountedFor: (id: MemberId) => boolean, now: Millis): readonly HiddenMember[] {
    const missed = new Map<MemberId, MemberId>()
    for (const [seenBy, roster] of this.#rosters) {
      for (const member of roster) if (!isAccountedFor(member)) missed.set(member, seenBy)
    }
    for (const member of this.#missed.keys()) if (!missed.has(member)) this.#missed.delete(member)
    const hidden: HiddenMember[] = []
    for (const [member, seenBy] of missed) {
      const since = this.#missed.get(member) ?? now
      this.#missed.set(member, since)
      if (now - since < graceMs || this.#told.has(member)) continue
      this.#told.add(member)
      hidden.push({ member, seenBy })
    }
    return hidden
  }

  pollTimeout(): Millis {
    let earliest = Infinity
    for (const [member, since] of this.#missed) {
      if (!this.#told.has(member)) earliest = Math.min(earliest, since + graceMs)
    }
    return earliest
  }
}
