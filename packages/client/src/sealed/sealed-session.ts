import { decodeBase64url, encodeBase64url, equalConstantTime } from '@crowfly/bytes'
import {
  answerUnknown,
  CodeEntry,
  decodeMemberMessage,
  decodeUnknown,
  encodeMemberMessage,
  encodeUnknown,
  envelopeKind,
  generateWordsCode,
  type OpenRoom,
  openKind,
  type Pairing,
  PairRegistry,
  type RoomCode,
  refusalKind,
  replyKind,
  type SealedMessage,
  TicketBook,
  unknownKind,
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
import { RosterWatch } from './roster-watch.ts'
import type { SealedEvent } from './sealed-event.ts'
import { SealedMember } from './sealed-member.ts'

/** To which room. */
export type SealedRoom =
  | { readonly kind: 'create'; readonly isOpen: boolean }
  | { readonly kind: 'join'; readonly code: RoomCode | OpenRoom; readonly ifEmpty: 'refuse' | 'wait' }

/** Milliseconds for which what a look has shown is good: the server keeps its tickets for 60 000. */
const lookLifeMs = 50_000

/** Milliseconds after which an `open` may come again that was refused for now. */
const laterMs = 10_000

/** Milliseconds in which changes of who is seen travel together. */
const announceDelayMs = 1_000

/** Members in a roster. */
const maxRoster = 64

/** Tickets in one message at most. */
const maxTickets = 16

/** Pairings that are kept with members who have gone; they may come back. */
const maxGone = 64

/** What a code is to this page. */
interface Code {
  readonly code: RoomCode | OpenRoom
  readonly book: TicketBook
  readonly entry: CodeEntry
}

/**
 * One member's stay in one room, of which the server reads nothing: a signaling session, a pairing with each other
 * member, and everything between members in sealed envelopes, once and in order whatever the server forgets
 * (PROTOCOL.md §6).
 */
export class SealedSession implements ConnectionMachine<SealedEvent> {
  readonly #random: Random
  readonly #session: MemberSession
  readonly #registry: PairRegistry
  readonly #events: SealedEvent[] = []
  readonly #members = new Map<MemberId, SealedMember>()
  /** Tickets that the server gave along with their members, until they are opened. */
  readonly #tickets = new Map<MemberId, Uint8Array>()
  /** Null until the nameplate is known. */
  #code: Code | null = null
  #look: { readonly members: readonly PresentMember[]; readonly at: Millis } | null = null
  #lookIceServers: readonly IceServer[] = []
  /** The owner has heard `joined`, after the look; the server has not said it yet. */
  #isEarly = false
  #isOnline = false
  /** Whether the room that is asked for has no secret. */
  #createsOpen = false
  readonly #rosters = new RosterWatch()
  /** When the others are told whom this side sees. */
  #announceAt: Millis = Infinity

  constructor({ random, authorization }: { random: Random; authorization?: string | undefined }) {
    this.#random = random
    this.#session = new MemberSession({ random, authorization })
    this.#registry = new PairRegistry(decodeBase64url(this.memberId) ?? new Uint8Array(0))
  }

  get memberId(): MemberId {
    return this.#session.memberId
  }

  /** The pairing with a member, while there is one. */
  pairingWith(id: MemberId): Pairing | undefined {
    return this.#members.get(id)?.pairing
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
    const beginsPairing = message.type === 'open' && member.isNewcomerHere && member.pairing === undefined
    if (beginsPairing) {
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
    this.#code?.book.close()
    this.#code?.entry.close()
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
    let earliest = Math.min(this.#session.pollTimeout(), this.#announceAt, this.#rosters.pollTimeout())
    for (const member of this.#members.values()) earliest = Math.min(earliest, member.pollTimeout())
    return earliest
  }

  #setCode(code: RoomCode | OpenRoom): void {
    if (this.#code !== null) return
    const parts = { random: this.#random, code, registry: this.#registry }
    this.#code = { code, book: new TicketBook(parts), entry: new CodeEntry(parts) }
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
        this.#leaveTickets(event.count)
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
    this.#setCode(this.#code?.code ?? this.#newCode(joined.nameplate))
    const { members, iceServers } = joined
    if (!this.#isEarly) {
      if (this.#code !== null) this.#enter(this.#code.code, members, iceServers)
      return
    }
    this.#isEarly = false
    this.#events.push({ type: 'iceServersChanged', iceServers })
    const present = new Set(members.map(({ id }) => id))
    for (const id of [...this.#members.keys()]) {
      if (present.has(id)) continue
      this.#handleLeft(id, now)
      this.#events.push({ type: 'memberLeft', member: id, reason: 'left' })
    }
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

  #add(id: MemberId, isNewcomerHere: boolean): SealedMember | undefined {
    if (this.#code === null) return undefined
    const member = new SealedMember({
      id,
      isNewcomerHere,
      entry: this.#code.entry,
      send: (octets) => this.#session.send(id, octets),
    })
    this.#members.set(id, member)
    return member
  }

  /** They are in the room: new here, or come back after they were given up. */
  #meet(id: MemberId, isNewcomerHere: boolean, now: Millis): void {
    const known = this.#members.get(id)
    if (known !== undefined && known.isNewcomerHere === isNewcomerHere) {
      known.isPresent = true
      known.isAway = false
      this.#announceSoon(now)
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
    this.#announceSoon(now)
    this.#tickets.delete(id)
    this.#rosters.forget(id)
    member.isPresent = false
    member.abandon()
    // The server may be wrong, or lie: what was proved stays, until another proof takes its place.
    this.#registry.doubt(member.octets)
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

  #leaveTickets(count: number): void {
    const book = this.#code?.book
    if (book === undefined) return
    this.#session.leaveTickets(
      Array.from({ length: Math.min(count, maxTickets) }, () => book.make()),
      false,
    )
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
    switch (octets[0]) {
      case envelopeKind:
        this.#receiveEnvelope(member, octets, now)
        break
      case openKind:
        this.#receiveOpen(member, octets, now)
        break
      case replyKind:
        this.#receiveReply(member, octets, now)
        break
      case refusalKind:
        this.#receiveRefusal(member, octets, now)
        break
      case unknownKind:
        this.#receiveUnknown(member, octets)
        break
    }
    this.#advance(member, now)
  }

  #receiveEnvelope(member: SealedMember, octets: Uint8Array, now: Millis): void {
    const reception = member.pairing?.receive(octets, now) ?? 'foreign'
    if (reception === 'foreign') {
      if (member.isOpening) this.#code?.entry.handleEnvelope(octets, member.octets)
      else if (member.delivery.takeRepeat(now)) this.#sayUnknown(member, answerUnknown(octets))
    } else if (reception === 'duplicate' && member.delivery.takeRepeat(now)) member.resend()
  }

  #receiveOpen(member: SealedMember, octets: Uint8Array, now: Millis): void {
    // Of two members only the newcomer opens.
    const outcome = member.isNewcomerHere
      ? undefined
      : this.#code?.book.handleOpen(octets, member.octets, now)
    if (outcome === undefined || outcome.type === 'malformed') return
    if (outcome.type === 'proven') {
      this.#session.confirm(member.id)
      this.#pair(member, outcome.pairing, now)
      this.#deliver(member, outcome.message, now)
      return
    }
    if (outcome.answer !== undefined) this.#session.send(member.id, outcome.answer)
    if (outcome.type !== 'guessed') return
    this.#session.reportGuess(member.id)
    if (outcome.warning !== undefined) this.#events.push({ type: 'guessed', guessing: outcome.warning })
  }

  #receiveReply(member: SealedMember, octets: Uint8Array, now: Millis): void {
    if (!member.isOpening) {
      if (member.pairing?.receive(octets, now) === 'duplicate' && member.delivery.takeRepeat(now))
        member.resend()
      return
    }
    const outcome = this.#code?.entry.handleReply(octets, member.octets, now)
    if (outcome?.type === 'confirmed') this.#pair(member, outcome.pairing, now)
    else if (outcome?.type === 'broken') this.#turnAway(member, 'wrongCode')
  }

  #receiveRefusal(member: SealedMember, octets: Uint8Array, now: Millis): void {
    if (!member.isOpening) return
    const reason = this.#code?.entry.handleRefusal(octets, member.octets)
    if (reason === 'later') member.delivery.resendAt(now + laterMs)
    else if (reason === 'wrongCode') this.#turnAway(member, 'wrongCode')
    else if (reason === 'closed') this.#turnAway(member, 'roomClosed')
    else if (reason !== undefined) member.retry(now)
  }

  /** Nobody vouches for it, so that nothing is ended by it: another proof is let in, or made. */
  #receiveUnknown(member: SealedMember, octets: Uint8Array): void {
    const pid = decodeUnknown(octets)
    const { pairing } = member
    if (pid === undefined || pairing === undefined) return
    if (!equalConstantTime(pid, pairing.pid)) return
    this.#registry.doubt(member.octets)
    if (member.isNewcomerHere) this.#lose(member)
  }

  /** Takes what is there, does what is due, and sets the next deadlines. */
  #advance(member: SealedMember, now: Millis): void {
    const channel = member.pairing?.channel
    if (channel !== undefined) {
      for (let next = channel.shift(); next !== undefined; next = channel.shift()) {
        this.#deliver(member, next, now)
      }
      if (channel.failure !== undefined) {
        this.#sayUnknown(member, encodeUnknown(channel.pid))
        this.#lose(member)
        return
      }
    }
    member.flush(now)
    this.#review(member, now)
  }

  #deliver(member: SealedMember, sealed: SealedMessage, now: Millis): void {
    member.delivery.owe(now)
    if (sealed.type === 'roster') {
      this.#hearRoster(member, sealed, now)
      return
    }
    const message = decodePairMessage(sealed.body)
    if (message !== undefined) this.#events.push({ type: 'message', from: member.id, message })
  }

  #pair(member: SealedMember, pairing: Pairing, now: Millis): void {
    member.pair(pairing)
    this.#rosters.forget(member.id)
    this.#announceSoon(now)
  }

  #announceSoon(now: Millis): void {
    this.#announceAt = Math.min(this.#announceAt, now + announceDelayMs)
  }

  /** Tells everybody here whom this side has proved itself to. */
  #announce(now: Millis): void {
    this.#announceAt = Infinity
    const seen = [...this.#members.values()].filter((member) => member.isSeen).slice(0, maxRoster)
    const roster = encodeMemberMessage({ type: 'roster', members: seen.map(({ octets }) => octets) })
    for (const member of seen) {
      member.push(roster)
      this.#advance(member, now)
    }
  }

  #hearRoster(member: SealedMember, sealed: SealedMessage, now: Millis): void {
    const message = decodeMemberMessage(sealed)
    if (message?.type !== 'roster') return
    this.#code?.entry.vouch(message.members)
    this.#rosters.hear(
      member.id,
      message.members.map((octets) => encodeBase64url(octets)),
    )
    this.#reviewRosters(now)
  }

  #reviewRosters(now: Millis): void {
    const isAccountedFor = (id: MemberId): boolean => {
      const member = this.#members.get(id)
      return id === this.memberId || member?.isSeen === true || (member?.isPresent === true && member.isAway)
    }
    for (const hidden of this.#rosters.review(isAccountedFor, now)) {
      this.#events.push({ type: 'memberHidden', ...hidden })
    }
  }

  /** The pairing is of no more use. */
  #lose(member: SealedMember): void {
    member.close()
    this.#rosters.forget(member.id)
    const { id, isNewcomerHere, isPresent } = member
    if (isPresent) this.#events.push({ type: 'pairingLost', member: id, isNewcomerHere })
  }

  #sayUnknown(member: SealedMember, answer: Uint8Array | undefined): void {
    if (answer !== undefined) this.#session.send(member.id, answer)
  }

  #expire(now: Millis): void {
    if (now >= this.#announceAt) this.#announce(now)
    if (now >= this.#rosters.pollTimeout()) this.#reviewRosters(now)
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
    member.delivery.review(member.unacknowledged(), canArrive, now)
  }
}
