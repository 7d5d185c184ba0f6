import type { MemberId } from '../../snapshot.ts'
import type { Voice } from './voice.ts'

/** Tickets of a member that the server likes to have. */
const ticketsWanted = 3

const noTicket = new Uint8Array(0)

/** Somebody's place in a room, and the tickets that they have left. */
export class Seat {
  readonly voice: Voice
  readonly id: MemberId
  readonly ordinal: number
  isAway = false
  isConfirmed: boolean
  tickets: Uint8Array[] = []
  /** Who waits for a ticket. */
  readonly askers = new Set<MemberId>()
  /** Shown to somebody who looked, and kept for them. */
  readonly reserved = new Map<MemberId, Uint8Array>()

  constructor(voice: Voice, ordinal: number, isConfirmed: boolean) {
    this.voice = voice
    this.id = voice.id
    this.ordinal = ordinal
    this.isConfirmed = isConfirmed
  }

  /** How many tickets are missing. */
  get missing(): number {
    return Math.max(0, ticketsWanted + this.askers.size - this.tickets.length)
  }

  /** A ticket for a newcomer; empty when there is none to be had. */
  take(newcomer: MemberId): Uint8Array {
    const kept = this.reserved.get(newcomer)
    this.reserved.delete(newcomer)
    if (kept !== undefined) return kept
    return (this.isConfirmed ? this.tickets.shift() : undefined) ?? noTicket
  }

  /** A ticket to show to somebody who looks. */
  reserve(guest: MemberId): Uint8Array {
    const ticket = this.take(guest)
    if (ticket.length > 0) this.reserved.set(guest, ticket)
    return ticket
  }
}
