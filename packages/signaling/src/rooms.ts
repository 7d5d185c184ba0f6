import type { Crypto, Millis, Random } from '@crowfly/sansio'
import type { AddressBudgets } from './address-budgets.ts'
import { EntryRules, type Refusal } from './entry-rules.ts'
import { type ClientMessage, type ServerMessage, tokenBytes } from './frame.ts'
import type { IceServersFor } from './ice-server.ts'
import type { MemberId } from './member-id.ts'
import { type Guest, type Member, Room } from './room.ts'
import { RoomTokens } from './room-token.ts'
import type { ServerConnection, ServerOutput, ServerSession } from './server-session.ts'
import { noTicket, TicketOffice } from './ticket-office.ts'

/** `authorize` is dealt with before it comes here. */
type RoomMessage = Exclude<ClientMessage, { type: 'authorize' }>
type Join = Extract<ClientMessage, { type: 'join' }>
type Look = Extract<ClientMessage, { type: 'look' }>
type IceOffer = Pick<Extract<ServerMessage, { type: 'joined' }>, 'iceServers' | 'iceLifetimeMs'>

/** Who comes into a room. */
interface Entrant {
  readonly id: MemberId
  /** A returning member's. */
  readonly ordinal?: number | undefined
  /** Whether they were confirmed until now. */
  readonly isConfirmed?: boolean | undefined
}

const serverFull: Refusal = { code: 'serverFull', retryAfterMs: 30_000 }

/** PROTOCOL.md §5: the room machine. It hears what clients ask, in order, and posts to their sessions. */
export class Rooms {
  readonly #output: ServerOutput
  readonly #tokens: RoomTokens
  readonly #iceServers: IceServersFor
  readonly #iceLifetimeMs: Millis
  readonly #budgets: AddressBudgets
  readonly #rules: EntryRules
  readonly #tickets: TicketOffice
  readonly #rooms = new Map<string, Room>()

  constructor(
    output: ServerOutput,
    options: {
      random: Random
      crypto: Crypto
      tokenKey: Uint8Array
      iceServers: IceServersFor
      iceLifetimeMs?: Millis
      budgets: AddressBudgets
    },
  ) {
    this.#output = output
    this.#tokens = new RoomTokens(options.crypto, options.tokenKey)
    this.#iceServers = options.iceServers
    this.#iceLifetimeMs = options.iceLifetimeMs ?? 0
    this.#budgets = options.budgets
    this.#rules = new EntryRules(output.limits, options.budgets, options.random)
    this.#tickets = new TicketOffice(output)
  }

  /** False if a client in its right mind would not say this now. */
  handle(session: ServerSession, from: ServerConnection, message: RoomMessage, now: Millis): boolean {
    switch (message.type) {
      case 'create':
      case 'join':
      case 'look': {
        if (session.member !== undefined) return false
        const { guest } = session
        const refusal = this.#handleEntry(session, from, message, now)
        if (refusal !== undefined) this.#refuse(session, refusal)
        if (guest !== undefined && guest !== session.guest) this.#farewell(guest)
        return true
      }
      case 'askIceServers':
        return this.#handleMember(session, (member) => {
          // As with `undeliverable`: who does not read what they ask for gets no more of it.
          if (session.hasRoomFor(0))
            session.post({ type: 'iceServers', ...this.#iceOffer(member.room, member.id, from) })
        })
      case 'leave':
        return this.#handleMember(session, (member) => this.#remove(member, 'left', now))
      case 'send':
        return this.#handleMember(session, (member) => this.#send(member, message.to, message.envelope))
      case 'leaveTickets':
        return this.#handleMember(session, (member) =>
          this.#tickets.leave(member, message.isAnew, message.tickets),
        )
      case 'askTicket':
        return this.#handleMember(session, (member) => this.#askTicket(member, from, message.memberId, now))
      case 'confirm':
        return this.#handleMember(session, (member) => this.#confirm(member, message.memberId))
      case 'reportGuess':
        return this.#handleMember(session, (member) => this.#report(member, message.memberId, now))
    }
  }

  /** Whether this is somebody who was in the room before, and can show it. */
  isReturn(join: Join): boolean {
    return this.#tokens.examine(join.token, join) !== 'none'
  }

  /** The application does not let them in. */
  turnAway(session: ServerSession): true {
    this.#refuse(session, { code: 'notAllowed', retryAfterMs: 0 })
    return true
  }

  /** The session is gone for good. */
  expire(session: ServerSession, now: Millis): void {
    if (session.member !== undefined) this.#remove(session.member, 'expired', now)
  }

  /** Whoever looked through this session does so no more. */
  dismiss(session: ServerSession): void {
    const { guest } = session
    if (guest === undefined) return
    this.#release(session)
    this.#farewell(guest)
  }

  markAway({ member }: ServerSession): void {
    member?.room.tell({ type: 'memberAway', memberId: member.id }, member)
  }

  markBack({ member }: ServerSession): void {
    member?.room.tell({ type: 'memberBack', memberId: member.id }, member)
  }

  /** Forgets every room without a word. */
  clear(): void {
    this.#rooms.clear()
    this.#output.counters.rooms = 0
    this.#output.counters.members = 0
  }

  /** Who has not got in may have said more in the same breath; it is not heard. */
  #handleMember(session: ServerSession, handle: (member: Member) => void): true {
    if (session.member === undefined) this.#output.counters.unheard++
    else handle(session.member)
    return true
  }

  #handleEntry(
    session: ServerSession,
    from: ServerConnection,
    message: Extract<ClientMessage, { type: 'create' | 'join' | 'look' }>,
    now: Millis,
  ): Refusal | undefined {
    switch (message.type) {
      case 'create':
        return this.#create(session, from, message.memberId, now)
      case 'join':
        return this.#join(session, from, message, now)
      case 'look':
        return this.#look(session, from, message, now)
    }
  }

  #create(session: ServerSession, from: ServerConnection, id: MemberId, now: Millis): Refusal | undefined {
    this.#release(session)
    const refusal = this.#rules.refuseRoom(from.address.key, now)
    if (refusal !== undefined) return refusal
    const nameplate = this.#rules.drawNameplate(this.#rooms, now)
    const room = nameplate === undefined ? undefined : this.#open(nameplate)
    if (room === undefined) return serverFull
    this.#admit(room, session, from, { id }, now)
    return undefined
  }

  #look(session: ServerSession, from: ServerConnection, look: Look, now: Millis): Refusal | undefined {
    this.#release(session)
    const room = this.#rooms.get(look.nameplate)
    const wish = { nameplate: look.nameplate, ifEmpty: 'refuse' } as const
    const refusal = this.#rules.refuse(room, from.address.key, wish, 'looks', now)
    if (refusal !== undefined) return refusal
    if (room === undefined) return { code: 'nobodyThere', retryAfterMs: 0 }
    const crowd = this.#rules.refuseCrowd(room, now)
    if (crowd !== undefined) return crowd
    if (room.find(look.memberId) !== undefined) return { code: 'memberIdInUse', retryAfterMs: 0 }
    const lookers = this.#rules.refuseGuest(room, now, (lingering) => this.#tickets.release(lingering))
    if (lookers !== undefined) return lookers
    const until = now + this.#output.limits.ticketReserveMs
    const guest: Guest = { id: look.memberId, room, reserved: new Map(), until }
    session.guest = guest
    room.addGuest(guest)
    session.post({
      type: 'looked',
      nameplate: room.nameplate,
      members: room.members.map((member) => listed(member, this.#tickets.reserve(guest, member, now))),
      ...this.#iceOffer(room, look.memberId, from),
    })
    return undefined
  }

  #join(session: ServerSession, from: ServerConnection, join: Join, now: Millis): Refusal | undefined {
    const shown = this.#tokens.examine(join.token, join)
    const isReturn = shown !== 'none'
    const found = this.#rooms.get(join.nameplate)
    // A return is no try: whoever holds a token was in the room, which is opened again if need be.
    const refusal = isReturn ? undefined : this.#rules.refuse(found, from.address.key, join, 'joins', now)
    if (refusal !== undefined) return refusal
    const hasLooked = session.guest !== undefined && found?.guests.includes(session.guest)
    const crowd =
      isReturn || hasLooked || found === undefined ? undefined : this.#rules.refuseCrowd(found, now)
    if (crowd !== undefined) return crowd
    const namesake = found?.find(join.memberId)
    if (namesake !== undefined && !isReturn) return { code: 'memberIdInUse', retryAfterMs: 0 }
    const others = (found?.members.length ?? 0) - (namesake === undefined ? 0 : 1)
    if (others >= this.#output.limits.maxMembersPerRoom) return { code: 'roomFull', retryAfterMs: 0 }
    const room = found ?? this.#open(join.nameplate)
    if (room === undefined) return serverFull
    if (namesake !== undefined) this.#replace(namesake)
    const ordinal = isReturn ? join.ordinal : undefined
    const isConfirmed = shown === 'confirmed' || namesake?.isConfirmed
    this.#admit(room, session, from, { id: join.memberId, ordinal, isConfirmed }, now)
    this.#release(session)
    return undefined
  }

  #open(nameplate: string): Room | undefined {
    if (this.#rooms.size >= this.#output.limits.maxRooms) return undefined
    const room = new Room(nameplate)
    this.#rooms.set(nameplate, room)
    this.#rules.handleOpened(room)
    this.#output.counters.rooms = this.#rooms.size
    return room
  }

  #admit(
    room: Room,
    session: ServerSession,
    from: ServerConnection,
    { id, ordinal, isConfirmed = false }: Entrant,
    now: Millis,
  ): void {
    const member = room.admit(id, session, ordinal)
    member.isConfirmed = isConfirmed
    room.confirmSomebody()
    if (!member.isConfirmed) room.watch({ id, addressKey: from.address.key })
    this.#output.counters.members++
    const others = room.members.filter((other) => other !== member)
    const guest = session.guest?.room === room && session.guest.id === id ? session.guest : undefined
    // Who returns has paired with the others, or asks.
    const ticketOf = (other: Member): Uint8Array =>
      ordinal === undefined ? this.#tickets.redeem(guest, other, now) : noTicket
    session.post({
      type: 'joined',
      nameplate: room.nameplate,
      ordinal: member.ordinal,
      token: this.#token(member),
      members: others.map((other) => listed(other, ticketOf(other))),
      ...this.#iceOffer(room, id, from),
    })
    room.tell({ type: 'memberJoined', memberId: id, ordinal: member.ordinal }, member)
    this.#tickets.replenish(member)
  }

  #confirm(member: Member, id: MemberId): void {
    const other = member.room.find(id)
    if (!member.isConfirmed || other === undefined || other.isConfirmed) return
    other.isConfirmed = true
    member.room.judge(id)
    this.#handleConfirmed(other)
  }

  /** Their tickets go out, and a server that has forgotten the room will know it by their token. */
  #handleConfirmed(member: Member): void {
    // As with all that can be had again: one confirmation more is what a lost one costs.
    if (member.session.hasRoomFor(tokenBytes)) {
      member.session.post({ type: 'confirmed', token: this.#token(member) })
    }
    this.#tickets.serve(member)
  }

  #token({ id, ordinal, isConfirmed, room: { nameplate } }: Member): Uint8Array {
    return this.#tokens.issue({ nameplate, memberId: id, ordinal, isConfirmed })
  }

  /** Each newcomer's first wrong proof counts against the address that they came from. */
  #report({ room, isConfirmed }: Member, id: MemberId, now: Millis): void {
    if (!isConfirmed || room.find(id)?.isConfirmed === true) return
    const newcomer = room.judge(id)
    if (newcomer !== undefined) this.#budgets.spend(newcomer.addressKey, 'guesses', now)
  }

  /** Whoever asks too often is not heard, and asks again. */
  #askTicket(asker: Member, from: ServerConnection, id: MemberId, now: Millis): void {
    const asked = asker.room.find(id)
    if (asked === undefined || asked === asker) return
    // What a join brings: else a newcomer had as many tickets as it can ask for.
    if (this.#budgets.spend(from.address.key, 'joins', now) === 0) this.#tickets.ask(asker, asked, now)
    else this.#output.counters.unheard++
  }

  #iceOffer({ nameplate }: Room, memberId: MemberId, { host }: ServerConnection): IceOffer {
    const servers = this.#iceServers(host, { nameplate, memberId })
    return {
      iceServers: servers.map(({ urls, username = '', credential = '' }) => ({ urls, username, credential })),
      iceLifetimeMs: this.#iceLifetimeMs,
    }
  }

  #remove(member: Member, reason: 'left' | 'expired', now: Millis): void {
    const { room } = member
    this.#depart(member, reason)
    this.#output.events.push({ type: 'memberLeft', nameplate: room.nameplate, memberId: member.id, reason })
    if (room.members.length > 0) return
    this.#rooms.delete(room.nameplate)
    this.#rules.handleEnded(room, now)
    this.#output.counters.rooms = this.#rooms.size
  }

  #depart(member: Member, reason: 'left' | 'expired'): void {
    const { room } = member
    this.#withdraw(member)
    room.tell({ type: 'memberLeft', memberId: member.id, reason })
    const confirmed = room.confirmSomebody()
    if (confirmed !== undefined) this.#handleConfirmed(confirmed)
  }

  /** The same member comes by another session. To the others that is a return; nobody leaves. */
  #replace(member: Member): void {
    const { session } = member
    this.#withdraw(member)
    this.#output.ending.push({ session, code: 'replaced' })
  }

  #withdraw(member: Member): void {
    member.room.remove(member)
    this.#tickets.forget(member, member.room)
    this.#output.counters.members--
  }

  #release(session: ServerSession): void {
    if (session.guest !== undefined) this.#tickets.release(session.guest)
    session.guest = undefined
  }

  /** Someone who looked does so no more: they have left, unless they are there by this name in another way. */
  #farewell({ id, room: { nameplate } }: Guest): void {
    if (this.#rooms.get(nameplate)?.has(id)) return
    this.#output.events.push({ type: 'memberLeft', nameplate, memberId: id, reason: 'left' })
  }

  #send(from: Member, to: MemberId, envelope: Uint8Array): void {
    const target = from.room.find(to)
    const isHere = target !== undefined && target !== from
    if (isHere && target.session.hasRoomFor(envelope.length)) {
      this.#output.counters.envelopes++
      target.session.post({ type: 'envelope', from: from.id, envelope })
      return
    }
    this.#output.counters.undeliverable++
    // Only a hint, since the sender keeps what is not acknowledged: it must not fill the sender's own outbox.
    if (from.session.hasRoomFor(0))
      from.session.post({ type: 'undeliverable', to, reason: isHere ? 'mailboxFull' : 'notHere' })
  }

  #refuse(session: ServerSession, { code, retryAfterMs }: Refusal): void {
    this.#output.counters.refused[code]++
    session.post({ type: 'refused', code, retryAfterMs })
  }
}

function listed({ id, ordinal, session }: Member, ticket: Uint8Array) {
  return { memberId: id, ordinal, isAway: session.connection === undefined, ticket }
}
