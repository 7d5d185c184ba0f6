import { decodeBase64url, encodeBase64url } from '@crowfly/bytes'
import type { Millis } from '@crowfly/sansio'
import { maxTicketBytes, maxTicketsAtOnce } from './frame.ts'
import type { Guest, KeptTicket, Member, Room } from './room.ts'
import type { ServerOutput } from './server-session.ts'

/** Stands for the ticket that there is not. */
export const noTicket = new Uint8Array(0)

/**
 * What members have left for newcomers, each ticket for one of them (PROTOCOL.md §5.3). Nobody's tickets are handed out
 * before somebody inside has confirmed them.
 */
export class TicketOffice {
  readonly #output: ServerOutput

  constructor(output: ServerOutput) {
    this.#output = output
  }

  /** They have left some; what is beyond the bound is not kept. `isAnew`: what they left before is withdrawn. */
  leave(member: Member, isAnew: boolean, tickets: readonly Uint8Array[]): void {
    if (isAnew) {
      member.tickets = []
      for (const guest of member.room.guests) guest.reserved.delete(member)
    }
    member.wanted = Math.max(0, member.wanted - tickets.length)
    const sound = tickets.filter(({ length }) => length > 0).map((ticket) => encodeBase64url(ticket))
    this.#keep(member, [...member.tickets, ...sound])
  }

  /** A ticket of `member` for a newcomer; empty when there is none to be had. */
  give(member: Member, now: Millis): Uint8Array {
    return octets(this.#take(member, now))
  }

  /** A newcomer wants one of `member`, now or when there is one. */
  ask(asker: Member, member: Member, now: Millis): void {
    if (member.askers.includes(asker)) return
    const ticket = this.#take(member, now)
    if (ticket !== undefined) this.#post(asker, member, ticket)
    else {
      member.askers = [...member.askers, asker]
      this.replenish(member)
    }
  }

  /** Gives those who wait what there is. */
  serve(member: Member): void {
    while (member.isConfirmed) {
      const [asker, ...askers] = member.askers
      const [ticket, ...tickets] = member.tickets
      if (asker === undefined || ticket === undefined) break
      member.askers = askers
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

  /** Keeps a ticket of `member` for somebody who looks, and shows it; empty when there is none to be had. */
  reserve(guest: Guest, member: Member, now: Millis): Uint8Array {
    const ticket = this.#take(member, now)
    if (ticket !== undefined) guest.reserved.set(member, ticket)
    return octets(ticket)
  }

  /** What a guest who comes in has been given before, or another one. */
  redeem(guest: Guest | undefined, member: Member, now: Millis): Uint8Array {
    const reserved = guest?.reserved.get(member)
    guest?.reserved.delete(member)
    return octets(reserved ?? this.#take(member, now))
  }

  /** The guest is gone: what was kept for them and cannot have been used is there for others. */
  release(guest: Guest): void {
    guest.room.removeGuest(guest)
    for (const [member, ticket] of guest.reserved) this.#keep(member, [ticket, ...member.tickets])
    guest.reserved.clear()
  }

  /** The member is gone, and nothing of them is kept. */
  forget(member: Member, room: Room): void {
    for (const { reserved } of room.guests) reserved.delete(member)
    for (const other of room.members) {
      if (other.askers.includes(member)) other.askers = other.askers.filter((asker) => asker !== member)
    }
  }

  #keep(member: Member, tickets: readonly KeptTicket[]): void {
    member.tickets = tickets.slice(0, maxTicketsAtOnce)
    this.serve(member)
  }

  #take(member: Member, now: Millis): KeptTicket | undefined {
    if (!member.isConfirmed) return undefined
    const [next, ...others] = member.tickets
    if (next !== undefined) member.tickets = others
    const ticket = next ?? this.#reclaim(member, now)
    this.replenish(member)
    return ticket
  }

  /** One that was kept for a guest who has taken too long. */
  #reclaim(member: Member, now: Millis): KeptTicket | undefined {
    for (const { reserved, until } of member.room.guests) {
      const ticket = reserved.get(member)
      if (ticket === undefined || until > now) continue
      reserved.delete(member)
      return ticket
    }
    return undefined
  }

  /** Whoever does not read what they ask for asks again. */
  #post(asker: Member, { id }: Member, ticket: KeptTicket): void {
    if (asker.session.hasRoomFor(maxTicketBytes)) {
      asker.session.post({ type: 'ticket', memberId: id, ticket: octets(ticket) })
    }
  }
}

function octets(ticket: KeptTicket | undefined): Uint8Array {
  return ticket === undefined ? noTicket : (decodeBase64url(ticket) ?? noTicket)
}
