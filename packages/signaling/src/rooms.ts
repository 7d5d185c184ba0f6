import { ByteWriter, decodeBase64url, encodeUtf8, equalConstantTime } from '@crowfly/bytes'
import type { Crypto, Millis, Random } from '@crowfly/sansio'
import type { AddressBudgets } from './address-budgets.ts'
import type { ClientMessage, ServerMessage, WireRefusalCode } from './frame.ts'
import type { IceServersFor } from './ice-server.ts'
import type { MemberId } from './member-id.ts'
import { generateNameplate } from './nameplate.ts'
import { Quarantine } from './quarantine.ts'
import { type Member, Room } from './room.ts'
import type { ServerConnection, ServerOutput, ServerSession } from './server-session.ts'

type Join = Extract<ClientMessage, { type: 'join' }>
type IceOffer = Pick<Extract<ServerMessage, { type: 'joined' }>, 'iceServers' | 'iceLifetimeMs'>

interface Refusal {
  readonly code: WireRefusalCode
  readonly retryAfterMs: Millis
}

const serverFull: Refusal = { code: 'serverFull', retryAfterMs: 30_000 }

const tokenLabel = encodeUtf8('crowfly-room-1')

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
    this.#quarantine = new Quarantine(output.limits.maxQuarantined, output.limits.quarantineMs)
  }

  /** False if a client in its right mind would not say this now. */
  handle(session: ServerSession, from: ServerConnection, message: ClientMessage, now: Millis): boolean {
    const { member } = session
    switch (message.type) {
      case 'create':
      case 'join': {
        if (member !== undefined) return false
        const refusal =
          message.type === 'create'
            ? this.#create(session, from, message.memberId, now)
            : this.#join(session, from, message, now)
        if (refusal !== undefined) this.#refuse(session, refusal)
        return true
      }
      case 'leave':
        if (member !== undefined) this.#remove(member, 'left', now)
        return true
      case 'send':
        if (member === undefined) return false
        this.#send(member, message.to, message.envelope)
        return true
      case 'askIceServers':
        if (member === undefined) return false
        // As with `undeliverable`: who does not read what they ask for gets no more of it.
        if (session.hasRoomFor(0)) session.post({ type: 'iceServers', ...this.#iceOffer(member, from) })
        return true
    }
  }

  /** The session is gone for good. */
  expire(session: ServerSession, now: Millis): void {
    if (session.member !== undefined) this.#remove(session.member, 'expired', now)
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

  #create(session: ServerSession, from: ServerConnection, id: MemberId, now: Millis): Refusal | undefined {
    const wait = this.#budgets.spend(from.address.key, 'rooms', now)
    if (wait > 0) return { code: 'tooManyTries', retryAfterMs: wait }
    const nameplate = this.#unusedNameplate(now)
    const room = nameplate === undefined ? undefined : this.#open(nameplate)
    if (room === undefined) return serverFull
    this.#admit(room, session, from, id)
    return undefined
  }

  #unusedNameplate(now: Millis): string | undefined {
    for (let tries = 0; tries < 16; tries++) {
      const nameplate = generateNameplate(this.#random)
      if (!this.#rooms.has(nameplate) && !this.#quarantine.has(nameplate, now)) return nameplate
    }
    return undefined
  }

  #join(session: ServerSession, from: ServerConnection, join: Join, now: Millis): Refusal | undefined {
    const isReturn = this.#isToken(join)
    const found = this.#rooms.get(join.nameplate)
    // A return is no try: whoever holds a token was in the room, which is opened again if need be.
    const refusal = isReturn ? undefined : this.#refusal(found, from, join, now)
    if (refusal !== undefined) return refusal
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
    this.#admit(room, session, from, join.memberId, isReturn ? join.ordinal : undefined)
    return undefined
  }

  /** Why a newcomer may not come in, or open a room that is not open. */
  #refusal(found: Room | undefined, from: ServerConnection, join: Join, now: Millis): Refusal | undefined {
    // With no unknown nameplates left a known one is refused too: else the refusal would tell them apart.
    const wait =
      this.#budgets.wait(from.address.key, 'unknownNameplates', now) ||
      this.#budgets.spend(from.address.key, 'joins', now)
    if (wait > 0) return { code: 'tooManyTries', retryAfterMs: wait }
    if (found !== undefined) return undefined
    if (this.#quarantine.has(join.nameplate, now)) {
      return join.ifEmpty === 'wait' ? undefined : { code: 'nobodyThere', retryAfterMs: 0 }
    }
    this.#budgets.spend(from.address.key, 'unknownNameplates', now)
    return { code: 'unknownNameplate', retryAfterMs: 0 }
  }

  #open(nameplate: string): Room | undefined {
    if (this.#rooms.size >= this.#output.limits.maxRooms) return undefined
    const room = new Room(nameplate)
    this.#rooms.set(nameplate, room)
    this.#quarantine.delete(nameplate)
    this.#output.counters.rooms = this.#rooms.size
    return room
  }

  #admit(room: Room, session: ServerSession, from: ServerConnection, id: MemberId, ordinal?: number): void {
    const member = room.admit(id, session, ordinal)
    this.#output.counters.members++
    const others = room.members.filter((other) => other !== member)
    session.post({
      type: 'joined',
      nameplate: room.nameplate,
      ordinal: member.ordinal,
      token: this.#token(room.nameplate, id, member.ordinal),
      members: others.map((other) => ({
        memberId: other.id,
        ordinal: other.ordinal,
        isAway: other.session.connection === undefined,
      })),
      ...this.#iceOffer(member, from),
    })
    room.tell({ type: 'memberJoined', memberId: id, ordinal: member.ordinal }, member)
  }

  #iceOffer({ id, room }: Member, { host }: ServerConnection): IceOffer {
    const servers = this.#iceServers(host, { nameplate: room.nameplate, memberId: id })
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
    this.#quarantine.add(room.nameplate, now)
    this.#output.counters.rooms = this.#rooms.size
  }

  #depart(member: Member, reason: 'left' | 'expired'): void {
    member.room.remove(member)
    this.#output.counters.members--
    member.room.tell({ type: 'memberLeft', memberId: member.id, reason })
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

  /** HMAC-SHA-256(tokenKey, "crowfly-room-1" ‖ nameplate ‖ memberId ‖ ordinal). */
  #token(nameplate: string, id: MemberId, ordinal: number): Uint8Array {
    const writer = new ByteWriter(new Uint8Array(64))
    writer.write(tokenLabel)
    writer.write(encodeUtf8(nameplate))
    writer.write(decodeBase64url(id) ?? new Uint8Array(16))
    writer.u32(ordinal)
    return this.#crypto.hmacSha256(this.#tokenKey, writer.written())
  }
}
