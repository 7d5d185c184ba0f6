import { decodeBase64url } from '@crowfly/bytes'
import {
  encodeUnknown,
  generateWordsCode,
  type OpenRoom,
  type Pairing,
  type RoomCode,
  type SealedMessage,
} from '@crowfly/pairing'
import type { ConnectionMachine, Datagram, Millis, PathId, Random } from '@crowfly/sansio'
import {
  decodePairMessage,
  type IceServer,
  type MemberEvent,
  type MemberId,
  MemberSession,
  type PairMessage,
  type PresentMember,
} from '@crowfly/signaling'
import { outgoing } from './outgoing.ts'
import { PairingDesk } from './pairing-desk.ts'
import { RosterExchange } from './roster-exchange.ts'
import type { SealedEvent } from './sealed-event.ts'
import { SealedMember } from './sealed-member.ts'
import { TicketSupply } from './ticket-supply.ts'

/** To which room. */
export type SealedRoom =
  | { readonly kind: 'create'; readonly isOpen: boolean }
  | { readonly kind: 'join'; readonly code: RoomCode | OpenRoom; readonly ifEmpty: 'refuse' | 'wait' }

/** Milliseconds for which what a look has shown is good: the server keeps its tickets for 60 000. */
const lookLifeMs = 50_000

/** Pairings that are kept with members who have gone; they may come back. */
const maxGone = 64

/**
 * One member's stay in one room, of which the server reads nothing: a signaling session, a pairing with each other
 * member, and everything between members in sealed envelopes, once and in order whatever the server forgets
 * (PROTOCOL.md §6).
 */
export class SealedSession implements ConnectionMachine<SealedEvent> {
  readonly #random: Random
  readonly #session: MemberSession
  readonly #events: SealedEvent[] = []
  readonly #members = new Map<MemberId, SealedMember>()
  /** Tickets that the server gave along with their members, until they are opened. */
  readonly #tickets = new Map<MemberId, Uint8Array>()
  /** This side's own, for whoever comes. */
  readonly #supply = new TicketSupply()
  /** Null until the code is known. */
  #desk: PairingDesk | null = null
  #look: { readonly members: readonly PresentMember[]; readonly at: Millis } | null = null
  #lookIceServers: readonly IceServer[] = []
  /** The owner has heard `joined`, after the look; the server has not said it yet. */
  #isEarly = false
  #isOnline = false
  /** Whether the room that is asked for has no secret. */
  #createsOpen = false
  readonly #rosters: RosterExchange

  constructor({ random, authorization }: { random: Random; authorization?: string | undefined }) {
    this.#random = random
    this.#session = new MemberSession({ random, authorization })
    this.#rosters = new RosterExchange(this.memberId, this.#members, (hidden) =>
      this.#events.push({ type: 'memberHidden', ...hidden }),
    )
  }

  get memberId(): MemberId {
    return this.#session.memberId
  }

  /** The pairing with a member, while there is one that is not in doubt. */
  pairingWith(id: MemberId): Pairing | undefined {
    return this.#members.get(id)?.current
  }

  /** Finds out who is there, and rings nobody; `open` may follow at any time. */
  look(code: RoomCode, now: Millis): void {
    this.#setCode(code)
    this.#session.look(code.nameplate, now)
    this.#settle(now)
  }

  /** Once. A code that was looked at needs no other trip to the server before its members are called. */
  open(room: SealedRoom, now: Millis): void {
    if (room.kind === 'create') {
      this.#createsOpen = room.isOpen
      this.#session.open({ kind: 'create' }, now)
    } else {
      this.#setCode(room.code)
      this.#session.open({ kind: 'join', nameplate: room.code.nameplate, ifEmpty: room.ifEmpty }, now)
      this.#enterEarly(room.code, now)
    }
    this.#settle(now)
  }

  /**
   * Sends a message to a member: once and in order, as soon as both have proved the code. A newcomer's `open` begins
   * that. False when they are not known, or too much waits for them. Throws a `SchemaError` on what is too large.
   */
  send(to: MemberId, message: PairMessage, now: Millis): boolean {
    const member = this.#members.get(to)
    if (member === undefined) return false
    const sealed = outgoing(message)
    if (member.isBegunBy(message.type)) {
      member.begin(sealed)
      this.#findTicket(member, now)
    } else if (!member.push(sealed)) return false
    this.#advance(member, now)
    this.#settle(now)
    return true
  }

  /** Leaves the room and tells the others. Final. */
  leave(now: Millis): void {
    for (const member of this.#members.values()) member.flush(now)
    this.#session.leave()
    for (const member of this.#members.values()) member.close()
    this.#members.clear()
    this.#desk?.close()
    this.#settle(now)
  }

  /** The platform says that the network changed: probe at once. */
  handleNetworkChange(now: Millis): void {
    this.#session.handleNetworkChange(now)
    this.#settle(now)
  }

  handleOpen(path: PathId, opened: undefined, now: Millis): void {
    this.#session.handleOpen(path, opened, now)
    this.#settle(now)
  }

  /** As in `MemberSession`. */
  moveTo(path: PathId, now: Millis): void {
    this.#session.moveTo(path, now)
    this.#settle(now)
  }

  handleClose(path: PathId, now: Millis): void {
    this.#session.handleClose(path, now)
    this.#settle(now)
  }

  handleDatagram(input: Datagram, now: Millis): void {
    this.#session.handleDatagram(input, now)
    this.#settle(now)
    // The timers of hidden tabs sleep, their message handlers do not: the server's pings drive what is due.
    this.#expire(now)
    this.#settle(now)
  }

  handleTimeout(now: Millis): void {
    this.#session.handleTimeout(now)
    this.#settle(now)
    this.#expire(now)
    this.#settle(now)
  }

  /** Sets `out.bytes` to the frame's own octets; they are never written again, so the driver may keep them. */
  pollTransmit(out: Datagram): boolean {
    return this.#session.pollTransmit(out)
  }

  pollEvent(): SealedEvent | undefined {
    return this.#events.shift()
  }

  pollTimeout(): Millis {
    let earliest = Math.min(
      this.#session.pollTimeout(),
      this.#supply.pollTimeout(),
      this.#rosters.pollTimeout(),
    )
    for (const member of this.#members.values()) earliest = Math.min(earliest, member.pollTimeout())
    return earliest
  }

  #setCode(code: RoomCode | OpenRoom): PairingDesk {
    const ownId = decodeBase64url(this.memberId) ?? new Uint8Array(0)
    this.#desk ??= new PairingDesk(ownId, code, this.#random)
    return this.#desk
  }

  #newCode(nameplate: string): RoomCode | OpenRoom {
    return this.#createsOpen ? { kind: 'open', nameplate } : generateWordsCode(nameplate, this.#random)
  }

  #settle(now: Millis): void {
    for (let event = this.#session.pollEvent(); event !== undefined; event = this.#session.pollEvent()) {
      this.#handle(event, now)
    }
  }

  #handle(event: MemberEvent, now: Millis): void {
    switch (event.type) {
      case 'looked':
        this.#look = { members: event.members, at: now }
        this.#lookIceServers = event.iceServers
        break
      case 'lookRefused':
        break
      case 'joined':
        this.#handleJoined(event, now)
        break
      case 'memberJoined':
        this.#meet(event.member, !event.isNewcomer, now)
        this.#events.push(event)
        break
      case 'memberReturned':
        this.#handleReturned(event.member, now)
        break
      case 'memberLeft':
        this.#handleLeft(event.member, now)
        this.#events.push(event)
        break
      case 'memberAway':
      case 'memberBack':
        this.#handleAway(event.member, event.type === 'memberAway', now)
        this.#events.push(event)
        break
      case 'envelope':
        this.#receive(event.from, event.envelope, now)
        break
      case 'undeliverable':
        this.#handleUndeliverable(event.to)
        break
      case 'ticket':
        this.#handleTicket(event.from, event.ticket, now)
        break
      case 'ticketsWanted':
        this.#supply.want(event.count)
        this.#leaveTickets(now)
        break
      case 'connectionLost':
        this.#isOnline = false
        for (const member of this.#members.values()) this.#review(member, now)
        this.#events.push(event)
        break
      case 'connectionRestored':
        this.#isOnline = true
        for (const member of this.#members.values()) this.#advance(member, now)
        this.#events.push(event)
        break
      default:
        this.#events.push(event)
    }
  }

  /** Calls those whom the look has shown, without waiting for the server to say it again. */
  #enterEarly(code: RoomCode | OpenRoom, now: Millis): void {
    const look = this.#look
    if (look === null || now - look.at > lookLifeMs || look.members.length === 0) return
    this.#isEarly = true
    this.#enter(code, look.members, this.#lookIceServers)
  }

  #handleJoined(joined: Extract<MemberEvent, { type: 'joined' }>, now: Millis): void {
    this.#isOnline = true
    const { code } = this.#desk ?? this.#setCode(this.#newCode(joined.nameplate))
    const { members, iceServers } = joined
    if (!this.#isEarly) {
      this.#enter(code, members, iceServers)
      return
    }
    this.#isEarly = false
    this.#events.push({ type: 'iceServersChanged', iceServers })
    for (const { id, isAway, ticket } of members) {
      const known = this.#members.get(id)
      if (known === undefined) {
        this.#meet(id, true, now)
        if (ticket !== undefined) this.#tickets.set(id, ticket)
        this.#events.push({ type: 'memberJoined', member: id, isNewcomer: false })
      } else if (known.needsTicket) {
        if (ticket !== undefined) this.#tickets.set(id, ticket)
        this.#findTicket(known, now)
      }
      if (isAway) this.#handle({ type: 'memberAway', member: id }, now)
    }
    // Last, so that nobody seems to be alone who is not: those who were there may be there anew.
    const present = new Set(members.map(({ id }) => id))
    for (const id of [...this.#members.keys()]) {
      if (present.has(id)) continue
      this.#handleLeft(id, now)
      this.#events.push({ type: 'memberLeft', member: id, reason: 'left' })
    }
  }

  #enter(
    code: RoomCode | OpenRoom,
    members: readonly PresentMember[],
    iceServers: readonly IceServer[],
  ): void {
    for (const { id, ticket } of members) {
      this.#add(id, true)
      if (ticket !== undefined) this.#tickets.set(id, ticket)
    }
    this.#events.push({ type: 'joined', code, members: members.map(({ id }) => id), iceServers })
    for (const { id, isAway } of members) {
      const member = this.#members.get(id)
      if (!isAway || member === undefined) continue
      member.isAway = true
      this.#events.push({ type: 'memberAway', member: id })
    }
  }

  #add(id: MemberId, isNewcomerHere: boolean): void {
    if (this.#desk === null) return
    const member = new SealedMember({
      id,
      isNewcomerHere,
      entry: this.#desk.entry,
      send: (octets) => this.#session.send(id, octets),
    })
    this.#members.set(id, member)
  }

  /** They are in the room: new here, or come back after they were given up. */
  #meet(id: MemberId, isNewcomerHere: boolean, now: Millis): void {
    const known = this.#members.get(id)
    if (known !== undefined && known.isNewcomerHere === isNewcomerHere) {
      known.isPresent = true
      known.isAway = false
      this.#rosters.announceSoon(now)
      this.#handleReturned(id, now)
      return
    }
    known?.close()
    this.#add(id, isNewcomerHere)
  }

  /** A server that has forgotten one of the two knows both again: what was on its way may be lost. */
  #handleReturned(id: MemberId, now: Millis): void {
    const member = this.#members.get(id)
    if (member === undefined) return
    if (member.pairing !== undefined) this.#session.confirm(id)
    if (member.needsTicket) this.#findTicket(member, now)
    member.resend()
    this.#advance(member, now)
  }

  #handleLeft(id: MemberId, now: Millis): void {
    const member = this.#members.get(id)
    if (member === undefined) return
    this.#rosters.announceSoon(now)
    this.#tickets.delete(id)
    this.#rosters.forget(id)
    member.isPresent = false
    member.abandon()
    // The server may be wrong, or lie: what was proved stays, until another proof takes its place.
    this.#desk?.doubt(member)
    if (member.pairing === undefined) this.#members.delete(id)
    const gone = [...this.#members.values()].filter(({ isPresent }) => !isPresent)
    for (const oldest of gone.slice(0, Math.max(0, gone.length - maxGone))) {
      oldest.close()
      this.#members.delete(oldest.id)
    }
  }

  #handleAway(id: MemberId, isAway: boolean, now: Millis): void {
    const member = this.#members.get(id)
    if (member === undefined) return
    member.isAway = isAway
    if (!isAway && member.isStalled) member.resend()
    this.#advance(member, now)
  }

  #handleUndeliverable(id: MemberId): void {
    const member = this.#members.get(id)
    if (member !== undefined) member.isStalled = true
  }

  #leaveTickets(now: Millis): void {
    if (this.#desk === null || now < this.#supply.pollTimeout()) return
    this.#session.leaveTickets(this.#desk.makeTickets(this.#supply.take(now)), false)
  }

  #handleTicket(id: MemberId, ticket: Uint8Array, now: Millis): void {
    const member = this.#members.get(id)
    if (member === undefined) return
    this.#tickets.set(id, ticket)
    if (member.needsTicket) this.#findTicket(member, now)
    this.#advance(member, now)
  }

  /** Opens the ticket that is there, or asks for one. */
  #findTicket(member: SealedMember, now: Millis): void {
    const ticket = this.#tickets.get(member.id)
    this.#tickets.delete(member.id)
    if (ticket === undefined) {
      if (!this.#isEarly) this.#session.askTicket(member.id)
      member.expectTicket(now)
      return
    }
    const fault = member.open(ticket, now)
    if (fault === 'notNow') {
      this.#tickets.set(member.id, ticket)
      member.retry(now)
    } else if (fault === 'useless') this.#turnAway(member, 'wrongCode')
  }

  #turnAway(member: SealedMember, reason: 'wrongCode' | 'roomClosed'): void {
    member.abandon()
    this.#events.push({ type: 'unwelcome', member: member.id, reason })
  }

  #receive(from: MemberId, octets: Uint8Array, now: Millis): void {
    const member = this.#members.get(from)
    if (member === undefined) return
    const outcome = this.#desk?.receive(member, octets, now)
    switch (outcome?.type) {
      case 'paired':
        this.#pair(member, outcome.pairing, now)
        if (outcome.message !== undefined) this.#deliver(member, outcome.message, now)
        break
      case 'answer':
        this.#session.send(from, outcome.octets)
        break
      case 'guessed':
        this.#session.send(from, outcome.octets)
        this.#session.reportGuess(from)
        if (outcome.warning !== undefined) this.#events.push({ type: 'guessed', guessing: outcome.warning })
        break
      case 'unwelcome':
        this.#turnAway(member, outcome.reason)
        break
      case 'doubted':
        this.#doubt(member, now)
        break
    }
    this.#advance(member, now)
  }

  /** Takes what is there, does what is due, and sets the next deadlines. */
  #advance(member: SealedMember, now: Millis): void {
    const channel = member.pairing?.channel
    if (channel !== undefined) {
      for (let next = channel.shift(); next !== undefined; next = channel.shift()) {
        this.#deliver(member, next, now)
      }
      if (channel.failure !== undefined) {
        this.#session.send(member.id, encodeUnknown(channel.pid))
        member.close()
        this.#doubt(member, now)
        return
      }
    }
    member.flush(now)
    this.#review(member, now)
  }

  #deliver(member: SealedMember, sealed: SealedMessage, now: Millis): void {
    member.delivery.owe(now)
    if (sealed.type === 'roster') {
      this.#desk?.entry.vouch(this.#rosters.hear(member.id, sealed, now))
      return
    }
    const message = decodePairMessage(sealed.body)
    if (message !== undefined) this.#events.push({ type: 'message', from: member.id, message })
  }

  #pair(member: SealedMember, pairing: Pairing, now: Millis): void {
    // Of the two the newcomer came to be judged; after a server has forgotten both, each speaks for the other.
    this.#session.confirm(member.id)
    member.pair(pairing)
    this.#rosters.forget(member.id)
    this.#rosters.announceSoon(now)
  }

  /** One side does not have the pairing any more, or the server says so: the two may prove themselves anew. */
  #doubt(member: SealedMember, now: Millis): void {
    this.#desk?.doubt(member)
    const { id, isNewcomerHere, isPresent } = member
    if (isPresent && isNewcomerHere && member.takeDoubt(now))
      this.#events.push({ type: 'pairingLost', member: id })
  }

  #expire(now: Millis): void {
    this.#leaveTickets(now)
    for (const member of this.#rosters.handleTimeout(now)) this.#advance(member, now)
    for (const member of [...this.#members.values()]) {
      if (member.pollTimeout() > now) continue
      const channel = member.pairing?.channel
      channel?.handleTimeout(now)
      if (channel !== undefined && member.delivery.takeAck(channel, now)) member.acknowledge(now)
      if (member.takeRetry(now)) this.#findTicket(member, now)
      if (member.delivery.takeResend(now)) member.resend()
      this.#advance(member, now)
    }
  }

  #review(member: SealedMember, now: Millis): void {
    const canArrive = (this.#isOnline || this.#isEarly) && !member.isAway && member.isPresent
    member.delivery.review(member.awaited(), canArrive, now)
  }
}
