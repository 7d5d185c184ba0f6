import { type Random, randomInteger } from '@crowfly/sansio'
import type { IceServer } from '@crowfly/signaling'
import type { ClientMessage, ServerMessage } from '@crowfly/signaling/wire'
import type { MemberId } from '../../snapshot.ts'
import type { Misconduct } from './misconduct.ts'
import { Seat } from './seat.ts'
import type { Voice } from './voice.ts'

type Said<Type extends ClientMessage['type']> = Extract<ClientMessage, { type: Type }>

interface Room {
  readonly nameplate: string
  readonly seats: Map<MemberId, Seat>
  ordinals: number
}

/** The rooms as PROTOCOL.md §5 has them, but for what the misconduct makes of it; without limits and budgets. */
export class MaliciousRooms {
  readonly #random: Random
  readonly #conduct: () => Misconduct
  readonly #iceServers: ServerMessage & { type: 'iceServers' }
  readonly #rooms = new Map<string, Room>()

  constructor(random: Random, iceServers: readonly IceServer[], conduct: () => Misconduct) {
    this.#random = random
    this.#conduct = conduct
    const servers = iceServers.map(({ urls, username = '', credential = '' }) => ({
      ...{ urls, username, credential },
    }))
    this.#iceServers = { type: 'iceServers', iceServers: servers, iceLifetimeMs: 0 }
  }

  /** Tells somebody something, or what the misconduct makes of it. */
  tell(voice: Voice, message: ServerMessage): void {
    for (const told of this.#conduct().say?.(voice.id, message) ?? [message]) voice.hear(told)
  }

  /** The voice of a member, wherever they are. */
  find(id: MemberId): Voice | undefined {
    return this.#seatOf(id)?.seat.voice
  }

  handle(voice: Voice, message: ClientMessage): void {
    switch (message.type) {
      case 'create':
        this.#admit(this.#open(this.#nameplate()), voice, 0)
        break
      case 'look':
        this.#look(voice, message)
        break
      case 'join':
        this.#join(voice, message)
        break
      default:
        this.#handleMember(voice.id, message)
    }
  }

  setAway(id: MemberId, isAway: boolean): void {
    const found = this.#seatOf(id)
    if (found === undefined || found.seat.isAway === isAway) return
    found.seat.isAway = isAway
    this.#spread(found.room, id, { type: isAway ? 'memberAway' : 'memberBack', memberId: id })
  }

  remove(id: MemberId, reason: 'left' | 'expired'): void {
    const found = this.#seatOf(id)
    if (found === undefined) return
    found.room.seats.delete(id)
    this.#spread(found.room, id, { type: 'memberLeft', memberId: id, reason })
    if (found.room.seats.size === 0) this.#rooms.delete(found.room.nameplate)
  }

  #handleMember(id: MemberId, message: ClientMessage): void {
    const found = this.#seatOf(id)
    if (found === undefined) return
    const { room, seat } = found
    switch (message.type) {
      case 'leave':
        this.remove(id, 'left')
        break
      case 'send':
        this.#send(room, seat, message)
        break
      case 'askIceServers':
        this.tell(seat.voice, this.#iceServers)
        break
      case 'leaveTickets':
        seat.tickets.push(...message.tickets)
        this.#serve(room, seat)
        break
      case 'askTicket':
        room.seats.get(message.memberId)?.askers.add(id)
        this.#serve(room, room.seats.get(message.memberId))
        break
      case 'confirm':
        this.#confirm(room, room.seats.get(message.memberId))
        break
    }
  }

  #look(voice: Voice, { nameplate, memberId }: Said<'look'>): void {
    const room = this.#rooms.get(nameplate)
    if (room === undefined) {
      this.tell(voice, { type: 'refused', code: 'unknownNameplate', retryAfterMs: 0 })
      return
    }
    const members = this.#listed(room, memberId, (seat) => seat.reserve(memberId))
    this.tell(voice, { ...this.#iceServers, type: 'looked', nameplate, members })
  }

  #join(voice: Voice, { nameplate, ordinal, ifEmpty }: Said<'join'>): void {
    const room = this.#rooms.get(nameplate)
    if (room === undefined && ifEmpty === 'refuse') {
      this.tell(voice, { type: 'refused', code: 'unknownNameplate', retryAfterMs: 0 })
    } else this.#admit(room ?? this.#open(nameplate), voice, ordinal)
  }

  #admit(room: Room, voice: Voice, known: number): void {
    const { id } = voice
    room.ordinals = Math.max(room.ordinals + (known === 0 ? 1 : 0), known)
    const seat = new Seat(voice, known === 0 ? room.ordinals : known, room.seats.size === 0 || known > 0)
    room.seats.delete(id)
    const members = this.#listed(room, id, (other) => (known === 0 ? other.take(id) : new Uint8Array(0)))
    room.seats.set(id, seat)
    const { ordinal } = seat
    const { nameplate } = room
    const token = new Uint8Array(32)
    this.tell(voice, { ...this.#iceServers, type: 'joined', nameplate, ordinal, token, members })
    this.#spread(room, id, { type: 'memberJoined', memberId: id, ordinal })
    for (const each of room.seats.values()) this.#replenish(each)
  }

  #listed(room: Room, viewer: MemberId, ticketOf: (seat: Seat) => Uint8Array) {
    return [...room.seats.values()]
      .filter(({ id }) => id !== viewer && this.#sees(viewer, id))
      .map((seat) => ({
        ...{ memberId: seat.id, ordinal: seat.ordinal, isAway: seat.isAway, ticket: ticketOf(seat) },
      }))
  }

  #send({ seats }: Room, from: Seat, { to, envelope }: Said<'send'>): void {
    const target = seats.get(to)
    if (target === undefined) this.tell(from.voice, { type: 'undeliverable', to, reason: 'notHere' })
    else if (this.#sees(to, from.id)) this.tell(target.voice, { type: 'envelope', from: from.id, envelope })
  }

  #confirm(room: Room, seat: Seat | undefined): void {
    if (seat === undefined || seat.isConfirmed) return
    seat.isConfirmed = true
    this.tell(seat.voice, { type: 'confirmed', token: new Uint8Array(32) })
    this.#serve(room, seat)
  }

  /** Gives those who wait for a ticket what there is. */
  #serve({ seats }: Room, seat: Seat | undefined): void {
    if (seat === undefined) return
    for (const asker of seat.askers) {
      const ticket = seat.take(asker)
      if (ticket.length === 0) break
      seat.askers.delete(asker)
      const voice = seats.get(asker)?.voice
      if (voice !== undefined) this.tell(voice, { type: 'ticket', memberId: seat.id, ticket })
    }
    this.#replenish(seat)
  }

  #replenish(seat: Seat): void {
    const count = seat.missing
    if (count > 0) this.tell(seat.voice, { type: 'ticketsWanted', count })
  }

  /** Tells everybody in the room but the one whom it is about. */
  #spread(room: Room, about: MemberId, message: ServerMessage): void {
    for (const { id, voice } of [...room.seats.values()]) {
      if (id !== about && this.#sees(id, about)) this.tell(voice, message)
    }
  }

  #sees(viewer: MemberId, other: MemberId): boolean {
    return this.#conduct().sees?.(viewer, other) ?? true
  }

  #seatOf(id: MemberId): { room: Room; seat: Seat } | undefined {
    for (const room of this.#rooms.values()) {
      const seat = room.seats.get(id)
      if (seat !== undefined) return { room, seat }
    }
    return undefined
  }

  #open(nameplate: string): Room {
    const room: Room = { nameplate, seats: new Map(), ordinals: 0 }
    this.#rooms.set(nameplate, room)
    return room
  }

  #nameplate(): string {
    return String(randomInteger(this.#random, 10_000)).padStart(4, '0')
  }
}
