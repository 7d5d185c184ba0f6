import type { Millis } from '@crowfly/sansio'
import { maxTicketBytes, maxTicketsAtOnce } from './frame.ts'
import type { Guest, Member } from './room.ts'
import type { ServerOutput } from './server-session.ts'

const noTicket = new Uint8Array(0)

/**
 * What members have left for newcomers, each ticket for one of them (PROTOCOL.md §5.3). Nobody's tickets are handed out
 * before somebody inside has confirmed them.
 */
export class TicketOffice {
  readonly #output: ServerOutput

  constructor(output: ServerOutput) {
    this.#output = output
  }

  /** They have left some. `isAnew`: what they left before is withdrawn. */
  leave(member: Member, isAnew: boolean, tickets: readonly Uint8Array[]): void {
    if (isAnew) {
      member.tickets = []
      for (const guest of member.room.guests) guest.reserved.delete(member)
    }
    member.wanted = Math.max(0, member.wanted - tickets.length)
    const sound = tickets.filter(({ length }) => length > 0)
    member.tickets = [...member.tickets, ...sound].slice(0, maxTicketsAtOnce)
    this.serve(member)
  }

  /** A ticket of `member` for a newcomer; empty when there is none to be had. */
  give(member: Member, now: Millis): Uint8Array {
    if (!member.isConfirmed) return noTicket
    const [next, ...others] = member.tickets
    if (next !== undefined) member.tickets = others
    const ticket = next ?? this.#reclaim(member, now)
    this.replenish(member)
    return ticket ?? noTicket
  }

  /** A newcomer wants one of `member`, now or when there is one. */
  ask(asker: Member, member: Member, now: Millis): void {
    if (member.askers.includes(asker)) return
    const ticket = this.give(member, now)
    if (ticket.length > 0) this.#post(asker, member, ticket)
    else {
      member.askers = [...member.askers, asker]
      this.replenish(member)
    }
  }

  /** Gives those who wait what there is. */
  serve(member: Member): void {
    while (member.isConfirmed && member.askers.length > 0 && member.tickets.length > 0) {
      const [asker, ...askers] = member.askers
      member.askers = askers
      if (asker === undefined || asker.room.find(asker.id) !== asker) continue
      const [ticket = noTicket, ...tickets] = member.tickets
      member.tickets = tickets
      this.#post(asker, member, ticket)
    }
    this.replenish(member)
  }

  /** Asks a member for what is missing. */
  replenish(member: Member): void {
    const due = this.#output.limits.ticketsPerMember + member.askers.length
    const count = Math.min(due, maxTicketsAtOnce) - member.tickets.length - member.wanted
    if (count <= 0 || !member.session.hasRoomFor(0)) return
    member.wanted += count
    member.session.post({ type: 'ticketsWanted', count })
  }

  /** Keeps a ticket of each member for somebody who looks. */
  reserve(guest: Guest, now: Millis): void {
    for (const member of guest.room.members) {
      const ticket = this.give(member, now)
      if (ticket.length > 0) guest.reserved.set(member, ticket)
    }
  }

  /** What a guest who comes in has been given before, or another one. */
  redeem(guest: Guest | undefined, member: Member, now: Millis): Uint8Array {
    const reserved = guest?.reserved.get(member)
    guest?.reserved.delete(member)
    return reserved ?? this.give(member, now)
  }

  /** The guest is gone: what was kept for them and cannot have been used is there for others. */
  release(guest: Guest): void {
    guest.room.removeGuest(guest)
    for (const [member, ticket] of guest.reserved) {
      if (member.room.find(member.id) !== member) continue
      member.tickets = [ticket, ...member.tickets].slice(0, maxTicketsAtOnce)
      this.serve(member)
    }
    guest.reserved.clear()
  }

  /** One that was kept for a guest who has taken too long. */
  #reclaim(member: Member, now: Millis): Uint8Array | undefined {
    for (const { reserved, until } of member.room.guests) {
      const ticket = reserved.get(member)
      if (ticket === undefined || until > now) continue
      reserved.delete(member)
      return ticket
    }
    return undefined
  }

  /** Whoever does not read what they ask for asks again. */
  #post(asker: Member, { id }: Member, ticket: Uint8Array): void {
    if (asker.session.hasRoomFor(maxTicketBytes)) {
      asker.session.post({ type: 'ticket', memberId: id, ticket })
    }
  }
}
