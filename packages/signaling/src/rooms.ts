import { ByteWriter, decodeBase64url, encodeUtf8, equalConstantTime } from '@crowfly/bytes'
import type { Crypto, Millis, Random } from '@crowfly/sansio'
import type { AddressBudgets } from './address-budgets.ts'
import type { ClientMessage, ServerMessage, WireRefusalCode } from './frame.ts'
import type { IceServersFor } from './ice-server.ts'
import type { MemberId } from './member-id.ts'
import { generateNameplate, isServerNameplate, maxDigits, maxNameplateBytes, minDigits } from './nameplate.ts'
import { Quarantine } from './quarantine.ts'
import { type Guest, type Member, Room } from './room.ts'
import type { ServerConnection, ServerOutput, ServerSession } from './server-session.ts'
import { TicketOffice } from './ticket-office.ts'
import { TokenBucket } from './token-bucket.ts'

type Join = Extract<ClientMessage, { type: 'join' }>
type Look = Extract<ClientMessage, { type: 'look' }>
type IceOffer = Pick<Extract<ServerMessage, { type: 'joined' }>, 'iceServers' | 'iceLifetimeMs'>

interface Refusal {
  readonly code: WireRefusalCode
  readonly retryAfterMs: Millis
}

const serverFull: Refusal = { code: 'serverFull', retryAfterMs: 30_000 }
/** Milliseconds after which a room may take newcomers again that has too many unconfirmed ones. */
const pendingRetryMs = 10_000
/** Share of the nameplates of a length that may be taken before longer ones are handed out. */
const crowded = 0.1

const tokenLabel = encodeUtf8('crowfly-room-2')
const maxTokenInput = tokenLabel.length + maxNameplateBytes + 1 + 16 + 4

/** PROTOCOL.md §5: the room machine. It hears what clients ask, in order, and posts to their sessions. */
export class Rooms {
  readonly #output: ServerOutput
  readonly #random: Random
  readonly #crypto: Crypto
  readonly #tokenKey: Uint8Array
  readonly #iceServers: IceServersFor
  readonly #iceLifetimeMs: Millis
  readonly #budgets: AddressBudgets
  readonly #quarantine: Quarantine
  readonly #tickets: TicketOffice
  readonly #roomJoins: TokenBucket
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
    this.#random = options.random
    this.#crypto = options.crypto
    this.#tokenKey = options.tokenKey
    this.#iceServers = options.iceServers
    this.#iceLifetimeMs = options.iceLifetimeMs ?? 0
    this.#budgets = options.budgets
    const { limits } = output
    this.#quarantine = new Quarantine(limits.maxQuarantined, limits.quarantineMs)
    this.#tickets = new TicketOffice(output)
    this.#roomJoins = new TokenBucket(limits.joinsPerMinutePerRoom, limits.joinsPerMinutePerRoom / 60_000)
  }

  /** False if a client in its right mind would not say this now. */
  handle(session: ServerSession, from: ServerConnection, message: ClientMessage, now: Millis): boolean {
    switch (message.type) {
      case 'create':
      case 'join':
      case 'look': {
        if (session.member !== undefined) return false
        const refusal = this.#handleEntry(session, from, message, now)
        if (refusal !== undefined) this.#refuse(session, refusal)
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
        return this.#handleMember(session, (member) => {
          const asked = member.room.find(message.memberId)
          if (asked !== undefined && asked !== member) this.#tickets.ask(member, asked, now)
        })
      case 'confirm':
        return this.#handleMember(session, (member) => this.#confirm(member, message.memberId))
      case 'reportGuess':
        return this.#handleMember(session, (member) => this.#report(member, message.memberId, now))
    }
  }

  /** The session is gone for good. */
  expire(session: ServerSession, now: Millis): void {
    if (session.member !== undefined) this.#remove(session.member, 'expired', now)
  }

  /** Who looked is there no more, or as a member. */
  dismiss(session: ServerSession): void {
    const { guest } = session
    if (guest === undefined) return
    session.guest = undefined
    this.#tickets.release(guest)
    const { nameplate } = guest.room
    if (guest.room.find(guest.id) !== undefined) return
    this.#output.events.push({ type: 'memberLeft', nameplate, memberId: guest.id, reason: 'left' })
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
    this.dismiss(session)
    const wait = this.#budgets.spend(from.address.key, 'rooms', now)
    if (wait > 0) return { code: 'tooManyTries', retryAfterMs: wait }
    const nameplate = this.#unusedNameplate(now)
    const room = nameplate === undefined ? undefined : this.#open(nameplate)
    if (room === undefined) return serverFull
    this.#admit(room, session, from, id, undefined, now)
    return undefined
  }

  /** Random, as short as the number of those in use allows. */
  #unusedNameplate(now: Millis): string | undefined {
    const taken = this.#rooms.size + this.#quarantine.size
    let digits = minDigits
    while (digits < maxDigits && taken >= crowded * 10 ** digits) digits++
    for (let tries = 0; tries < 16; tries++) {
      const nameplate = generateNameplate(this.#random, digits)
      if (!this.#rooms.has(nameplate) && !this.#quarantine.has(nameplate, now)) return nameplate
    }
    return undefined
  }

  #look(session: ServerSession, from: ServerConnection, look: Look, now: Millis): Refusal | undefined {
    this.dismiss(session)
    const wait = this.#budgets.spend(from.address.key, 'looks', now)
    if (wait > 0) return { code: 'tooManyTries', retryAfterMs: wait }
    const room = this.#rooms.get(look.nameplate)
    const refusal = this.#refusal(room, from, { nameplate: look.nameplate, ifEmpty: 'refuse' }, now)
    if (refusal !== undefined) return refusal
    if (room === undefined) return { code: 'nobodyThere', retryAfterMs: 0 }
    const crowd = this.#crowd(room, now)
    if (crowd !== undefined) return crowd
    if (room.has(look.memberId)) return { code: 'memberIdInUse', retryAfterMs: 0 }
    if (room.guests.length >= this.#output.limits.maxPendingPerRoom) {
      return { code: 'tooManyTries', retryAfterMs: pendingRetryMs }
    }
    const until = now + this.#output.limits.ticketReserveMs
    const guest: Guest = { id: look.memberId, room, reserved: new Map(), until }
    session.guest = guest
    room.addGuest(guest)
    this.#tickets.reserve(guest, now)
    session.post({
      type: 'looked',
      nameplate: room.nameplate,
      members: room.members.map((member) => listed(member, guest.reserved.get(member) ?? new Uint8Array(0))),
      ...this.#iceOffer(room, look.memberId, from),
    })
    return undefined
  }

  #join(session: ServerSession, from: ServerConnection, join: Join, now: Millis): Refusal | undefined {
    const isReturn = this.#isToken(join)
    const found = this.#rooms.get(join.nameplate)
    // A return is no try: whoever holds a token was in the room, which is opened again if need be.
    const refusal = isReturn ? undefined : this.#refusal(found, from, join, now)
    if (refusal !== undefined) return refusal
    const hasLooked = session.guest !== undefined && session.guest.room === found
    const crowd = isReturn || hasLooked || found === undefined ? undefined : this.#crowd(found, now)
    if (crowd !== undefined) return crowd
    const room = found ?? this.#open(join.nameplate)
    if (room === undefined) return serverFull
    const namesake = room.find(join.memberId)
    if (namesake !== undefined) {
      if (!isReturn) return { code: 'memberIdInUse', retryAfterMs: 0 }
      this.#depart(namesake, 'expired')
      this.#output.ending.push({ session: namesake.session, code: 'replaced' })
    }
    if (room.members.length >= this.#output.limits.maxMembersPerRoom) {
      return { code: 'roomFull', retryAfterMs: 0 }
    }
    this.#admit(room, session, from, join.memberId, isReturn ? join.ordinal : undefined, now)
    this.dismiss(session)
    return undefined
  }

  /** Why a newcomer may not come in or look, or open a room that is not open. */
  #refusal(
    found: Room | undefined,
    from: ServerConnection,
    { nameplate, ifEmpty }: Pick<Join, 'nameplate' | 'ifEmpty'>,
    now: Millis,
  ): Refusal | undefined {
    const { key } = from.address
    // With no unknown nameplates left a known one is refused too: else the refusal would tell them apart.
    const wait =
      this.#budgets.wait(key, 'unknownNameplates', now) ||
      this.#budgets.wait(key, 'guesses', now) ||
      this.#budgets.spend(key, 'joins', now)
    if (wait > 0) return { code: 'tooManyTries', retryAfterMs: wait }
    if (found !== undefined) return undefined
    const isOwnName = !isServerNameplate(nameplate)
    if (ifEmpty === 'wait' && isOwnName) {
      const roomWait = this.#budgets.spend(key, 'rooms', now)
      return roomWait > 0 ? { code: 'tooManyTries', retryAfterMs: roomWait } : undefined
    }
    if (this.#quarantine.has(nameplate, now)) {
      return ifEmpty === 'wait' ? undefined : { code: 'nobodyThere', retryAfterMs: 0 }
    }
    this.#budgets.spend(key, 'unknownNameplates', now)
    return { code: isOwnName ? 'nobodyThere' : 'unknownNameplate', retryAfterMs: 0 }
  }

  /** Too many who come, or who have come and are not confirmed. */
  #crowd(room: Room, now: Millis): Refusal | undefined {
    if (room.pending >= this.#output.limits.maxPendingPerRoom) {
      return { code: 'tooManyTries', retryAfterMs: pendingRetryMs }
    }
    const wait = this.#roomJoins.wait(room.joinsFullAt, 1, now)
    if (wait > 0) return { code: 'tooManyTries', retryAfterMs: wait }
    room.joinsFullAt = this.#roomJoins.spend(room.joinsFullAt, 1, now)
    return undefined
  }

  #open(nameplate: string): Room | undefined {
    if (this.#rooms.size >= this.#output.limits.maxRooms) return undefined
    const room = new Room(nameplate)
    this.#rooms.set(nameplate, room)
    this.#quarantine.delete(nameplate)
    this.#output.counters.rooms = this.#rooms.size
    return room
  }

  #admit(
    room: Room,
    session: ServerSession,
    from: ServerConnection,
    id: MemberId,
    /** A returning member's. */
    ordinal: number | undefined,
    now: Millis,
  ): void {
    const member = room.admit(id, session, ordinal)
    this.#output.counters.members++
    const others = room.members.filter((other) => other !== member)
    const guest = session.guest?.room === room && session.guest.id === id ? session.guest : undefined
    // Who returns has paired with the others, or asks.
    const ticketOf = (other: Member): Uint8Array =>
      ordinal === undefined ? this.#tickets.redeem(guest, other, now) : new Uint8Array(0)
    session.post({
      type: 'joined',
      nameplate: room.nameplate,
      ordinal: member.ordinal,
      token: this.#token(room.nameplate, id, member.ordinal),
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
    this.#tickets.serve(other)
  }

  /** Each member's first wrong proof counts against the address that it comes from. */
  #report(member: Member, id: MemberId, now: Millis): void {
    const other = member.room.find(id)
    if (!member.isConfirmed || other === undefined || other.isConfirmed || other.isReported) return
    other.isReported = true
    const key = other.session.connection?.address.key
    if (key !== undefined) this.#budgets.spend(key, 'guesses', now)
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
    if (isServerNameplate(room.nameplate)) this.#quarantine.add(room.nameplate, now)
    this.#output.counters.rooms = this.#rooms.size
  }

  #depart(member: Member, reason: 'left' | 'expired'): void {
    member.room.remove(member)
    this.#output.counters.members--
    member.room.tell({ type: 'memberLeft', memberId: member.id, reason })
    const confirmed = member.room.confirmSomebody()
    if (confirmed !== undefined) this.#tickets.serve(confirmed)
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

  #isToken(join: Join): boolean {
    if (join.token.length === 0) return false
    return equalConstantTime(join.token, this.#token(join.nameplate, join.memberId, join.ordinal))
  }

  /** HMAC-SHA-256(tokenKey, "crowfly-room-2" ‖ nameplate ‖ 0 ‖ memberId ‖ ordinal). */
  #token(nameplate: string, id: MemberId, ordinal: number): Uint8Array {
    const writer = new ByteWriter(new Uint8Array(maxTokenInput))
    writer.write(tokenLabel)
    writer.write(encodeUtf8(nameplate))
    writer.u8(0)
    writer.write(decodeBase64url(id) ?? new Uint8Array(16))
    writer.u32(ordinal)
    return this.#crypto.hmacSha256(this.#tokenKey, writer.written())
  }
}

function listed({ id, ordinal, session }: Member, ticket: Uint8Array) {
  return { memberId: id, ordinal, isAway: session.connection === undefined, ticket }
}
