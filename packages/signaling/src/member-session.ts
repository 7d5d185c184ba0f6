import type { ConnectionMachine, Datagram, Millis, PathId, Random } from '@crowfly/sansio'
import type { ClientMessage, GoodbyeCode, ServerMessage, WireRefusalCode } from './frame.ts'
import type { IceServer } from './ice-server.ts'
import type { MemberEvent, RefusalCode } from './member-event.ts'
import { generateMemberId, type MemberId } from './member-id.ts'
import { MemberSessionError } from './member-session-error.ts'
import { isNameplate, isServerNameplate } from './nameplate.ts'
import { Queue } from './queue.ts'
import { presentMember, Roster } from './roster.ts'
import { type LineReport, ServerLine } from './server-line.ts'

export type RoomRequest = { kind: 'create' } | { kind: 'join'; nameplate: string; ifEmpty: 'refuse' | 'wait' }

/** Failed tries after which a server that never answered is called unreachable. */
const unreachableAfter = 3

/** Milliseconds that have to pass before ICE servers are asked for again, whatever the server says. */
const shortestIceLifeMs = 10_000

type Joined = Extract<ServerMessage, { type: 'joined' }>
type IceOffer = Pick<Joined, 'iceServers' | 'iceLifetimeMs'>

type Membership =
  | { readonly phase: 'unopened' }
  /** Only looking. */
  | { readonly phase: 'looking'; readonly nameplate: string }
  /** Not let in yet. */
  | { readonly phase: 'asking'; readonly room: RoomRequest }
  /** In the room. `returning`: says it to a server that has forgotten. */
  | {
      readonly phase: 'inside' | 'returning'
      readonly nameplate: string
      readonly ordinal: number
      readonly token: Uint8Array
    }
  | { readonly phase: 'ended' }

/** One member's stay in one room, over any number of connections. */
export class MemberSession implements ConnectionMachine<MemberEvent> {
  readonly memberId: MemberId
  readonly #events = new Queue<MemberEvent>()
  readonly #authorization: string
  readonly #line: ServerLine
  readonly #roster: Roster
  #membership: Membership = { phase: 'unopened' }
  /** What the server has not answered yet, in the order in which it was asked. */
  #asked: ('look' | 'join')[] = []
  #isConnectionLost = false
  #isUnreachable = false
  /** When new ICE servers are to be asked for; `Infinity` when that is not needed, or under way. */
  #askIceServersAt: Millis = Infinity

  /** `authorization`: what the application lets this person in by; at most 4 096 octets. */
  constructor(options: { random: Random; authorization?: string | undefined }) {
    this.#authorization = options.authorization ?? ''
    this.memberId = generateMemberId(options.random)
    this.#line = new ServerLine(options.random, this.#events)
    this.#roster = new Roster(this.memberId, this.#events)
  }

  /**
   * Asks who is in a room, and for a ticket of each, without going in; `open` may follow at any time. Throws a
   * `MemberSessionError` after `open` and on what is no nameplate.
   */
  look(nameplate: string, now: Millis): void {
    const { phase } = this.#membership
    if (phase !== 'unopened' && phase !== 'looking') throw reused()
    requireNameplate(nameplate)
    this.#membership = { phase: 'looking', nameplate }
    this.#askLook(nameplate)
    if (phase === 'unopened') this.#line.open(now)
  }

  /** Once per session object. Throws a `MemberSessionError` on a second time and on what is no nameplate. */
  open(room: RoomRequest, now: Millis): void {
    const { phase } = this.#membership
    if (phase !== 'unopened' && phase !== 'looking') throw reused()
    if (room.kind === 'join') requireNameplate(room.nameplate)
    this.#membership = { phase: 'asking', room }
    this.#ask(room)
    if (phase === 'unopened') this.#line.open(now)
  }

  /**
   * Sends octets to a member: in order and once as long as the server remembers both. Right after `open` also to those
   * whom a look has shown. False when this side is in no room, or too much waits for the server: try again later.
   * Throws a `SchemaError` on more than 64 KiB.
   */
  send(to: MemberId, envelope: Uint8Array): boolean {
    const { phase } = this.#membership
    const isIn = phase === 'asking' || phase === 'inside'
    if (!isIn || !this.#line.canPost) return false
    this.#line.post({ type: 'send', to, envelope })
    return true
  }

  /**
   * Leaves tickets for newcomers, at most 16 at a time. `isAnew` withdraws those before. As the three that follow it
   * says false when nothing was said: this side is in no room, or too much waits for the server.
   */
  leaveTickets(tickets: readonly Uint8Array[], isAnew: boolean): boolean {
    return this.#postInside({ type: 'leaveTickets', isAnew, tickets })
  }

  /** Asks for a ticket of a member; it comes when there is one. Without any, ask again after 10 s. */
  askTicket(member: MemberId): boolean {
    return this.#postInside({ type: 'askTicket', memberId: member })
  }

  /** They have shown that they belong here: their tickets may be handed out. To be said again when they return. */
  confirm(member: MemberId): boolean {
    return this.#postInside({ type: 'confirm', memberId: member })
  }

  /** They have tried a wrong code. */
  reportGuess(member: MemberId): boolean {
    return this.#postInside({ type: 'reportGuess', memberId: member })
  }

  /** Leaves the room and tells the others; the driver then sees `disconnect`. Final. */
  leave(): void {
    const { phase } = this.#membership
    // The server may have let in who does not know it yet.
    const mayBeIn = phase === 'asking' || phase === 'inside' || phase === 'returning'
    if (mayBeIn) this.#line.post({ type: 'leave' })
    this.#end()
  }

  /** The platform says that the network changed (online, other connection, page visible again): probe at once. */
  handleNetworkChange(now: Millis): void {
    this.#line.probe(now)
  }

  handleOpen(path: PathId, _opened: undefined, now: Millis): void {
    this.#line.handleOpen(path, now)
  }

  /** A better connection than the one in use has opened: the session goes over to it, without a word to the others. */
  moveTo(path: PathId, now: Millis): void {
    this.#line.moveTo(path, now)
  }

  handleClose(path: PathId, now: Millis): void {
    this.#handleReport(this.#line.handleClose(path, now), now)
  }

  handleDatagram(input: Datagram, now: Millis): void {
    this.#handleReport(this.#line.handleDatagram(input, now), now)
    // The timers of hidden tabs sleep, their message handlers do not: the server's pings drive what is due.
    this.handleTimeout(now)
  }

  handleTimeout(now: Millis): void {
    this.#handleReport(this.#line.handleTimeout(now), now)
    this.#roster.handleTimeout(now)
    this.#renewIceServers(now)
  }

  /** Sets `out.bytes` to the frame's own octets; they are never written again, so the driver may keep them. */
  pollTransmit(out: Datagram): boolean {
    return this.#line.frames.poll(out)
  }

  pollEvent(): MemberEvent | undefined {
    return this.#events.shift()
  }

  pollTimeout(): Millis {
    return Math.min(this.#line.pollTimeout(), this.#roster.pollTimeout(), this.#askIceServersAt)
  }

  #handleReport(report: LineReport | undefined, now: Millis): void {
    if (report === undefined) return
    switch (report.type) {
      case 'message':
        this.#handleMessage(report.message, now)
        break
      case 'welcomed':
        this.#handleWelcome(report.session, now)
        break
      case 'lost':
        this.#handleLoss(false)
        break
      case 'goodbye':
        this.#handleGoodbye(report.code, report.retryAfterMs, now)
        break
    }
  }

  #handleWelcome(session: 'new' | 'resumed' | 'forgotten', now: Millis): void {
    const membership = this.#membership
    if (session === 'forgotten') {
      this.#asked = []
      if (membership.phase === 'looking') this.#askLook(membership.nameplate)
      if (membership.phase === 'asking') this.#ask(membership.room)
      if (membership.phase === 'inside' || membership.phase === 'returning') {
        this.#membership = { ...membership, phase: 'returning' }
        this.#line.post({ type: 'join', ...membership, memberId: this.memberId, ifEmpty: 'wait' })
        this.#asked.push('join')
      }
    } else if (membership.phase === 'inside') {
      this.#restored()
      this.#roster.resume(this.#line.graceMs, now)
    }
  }

  #handleLoss(isServerStopping: boolean): void {
    this.#roster.suspend()
    const { phase } = this.#membership
    if ((phase === 'inside' || phase === 'returning') && !this.#isConnectionLost) {
      this.#isConnectionLost = true
      this.#events.push({ type: 'connectionLost', isServerStopping })
    }
    const isOutOfReach = !this.#line.wasWelcomed && this.#line.failures >= unreachableAfter
    if (isOutOfReach && !this.#isUnreachable) {
      this.#isUnreachable = true
      this.#events.push({ type: 'unreachable' })
    }
  }

  #handleGoodbye(code: GoodbyeCode, retryAfterMs: Millis, now: Millis): void {
    const isAsking = this.#membership.phase === 'asking'
    if (code === 'incompatibleVersion') {
      this.#refuse('incompatibleServer', 0)
    } else if (isAsking && code === 'malformed') {
      this.#refuse('malformed', 0)
    } else if (isAsking && (code === 'tooManyConnections' || code === 'serverFull')) {
      this.#refuse(code === 'serverFull' ? 'serverFull' : 'tooManyTries', retryAfterMs)
    } else {
      if (code === 'malformed') this.#line.renew(now, retryAfterMs)
      else this.#line.retry(now, retryAfterMs)
      this.#handleLoss(code === 'restarting')
    }
  }

  #handleMessage(message: ServerMessage, now: Millis): void {
    switch (message.type) {
      case 'joined':
        this.#handleJoined(message, now)
        break
      case 'refused':
        this.#handleRefused(message.code, message.retryAfterMs, now)
        break
      case 'memberJoined':
        this.#roster.handleJoined(message.memberId, message.ordinal)
        break
      case 'memberLeft':
        this.#roster.handleLeft(message.memberId, message.reason)
        break
      case 'memberAway':
        this.#roster.handleAway(message.memberId)
        break
      case 'memberBack':
        this.#roster.handleBack(message.memberId)
        break
      case 'envelope':
        // Borrowed from the frame.
        this.#events.push({ type: 'envelope', from: message.from, envelope: message.envelope.slice() })
        break
      case 'undeliverable':
        this.#events.push({ type: 'undeliverable', to: message.to })
        break
      case 'looked':
        this.#handleLooked(message, now)
        break
      case 'ticket':
        this.#events.push({ type: 'ticket', from: message.memberId, ticket: message.ticket })
        break
      case 'confirmed':
        this.#handleConfirmed(message.token)
        break
      case 'ticketsWanted':
        this.#events.push({ type: 'ticketsWanted', count: message.count })
        break
      case 'iceServers':
        this.#events.push({ type: 'iceServersChanged', iceServers: this.#takeIceServers(message, now) })
        break
    }
  }

  /** Whether this answers what was asked first. An answer to something else is not heard. */
  #isAnswer(to: 'look' | 'join'): boolean {
    if (this.#asked[0] !== to) return false
    this.#asked.shift()
    return true
  }

  #handleLooked(looked: Extract<ServerMessage, { type: 'looked' }>, now: Millis): void {
    if (!this.#isAnswer('look') || this.#membership.phase !== 'looking') return
    const iceServers = this.#takeIceServers(looked, now)
    this.#events.push({ type: 'looked', members: looked.members.map(presentMember), iceServers })
  }

  #handleConfirmed(token: Uint8Array): void {
    if (this.#membership.phase === 'inside') this.#membership = { ...this.#membership, token }
  }

  #handleJoined(joined: Joined, now: Millis): void {
    if (!this.#isAnswer('join')) return
    const { phase } = this.#membership
    const { ordinal, token, members } = joined
    const nameplate = nameplateOf(this.#membership, joined)
    if (nameplate === undefined) {
      this.#refuse('incompatibleServer', 0)
      return
    }
    this.#membership = { phase: 'inside', nameplate, ordinal, token }
    const iceServers = this.#takeIceServers(joined, now)
    if (phase === 'asking') {
      const present = this.#roster.enter(ordinal, members)
      this.#events.push({ type: 'joined', nameplate, members: present, iceServers })
    } else {
      // Before `connectionRestored`, upon which connections may be mended by them.
      this.#events.push({ type: 'iceServersChanged', iceServers })
      this.#restored()
      this.#roster.reenter(ordinal, members, this.#line.graceMs, now)
    }
  }

  #handleRefused(code: WireRefusalCode, retryAfterMs: Millis, now: Millis): void {
    if (this.#isAnswer('look')) {
      if (this.#membership.phase === 'looking')
        this.#events.push({ type: 'lookRefused', code: publicCode(code) })
      return
    }
    if (!this.#isAnswer('join')) return
    if (this.#membership.phase === 'returning' && retryAfterMs > 0) {
      // Without a membership the server forgets the session with its connection, so that the join is said again.
      this.#line.retry(now, retryAfterMs)
      this.#handleLoss(false)
    } else {
      this.#refuse(publicCode(code), retryAfterMs)
    }
  }

  #restored(): void {
    if (!this.#isConnectionLost) return
    this.#isConnectionLost = false
    this.#events.push({ type: 'connectionRestored' })
  }

  #refuse(code: RefusalCode, retryAfterMs: Millis): void {
    this.#events.push(retryAfterMs > 0 ? { type: 'refused', code, retryAfterMs } : { type: 'refused', code })
    this.#end()
  }

  #end(): void {
    this.#membership = { phase: 'ended' }
    this.#askIceServersAt = Infinity
    this.#roster.clear()
    this.#line.close()
  }

  /** PROTOCOL.md §5.2: half the lifetime is left for a server that can not be reached. */
  #takeIceServers({ iceServers, iceLifetimeMs }: IceOffer, now: Millis): readonly IceServer[] {
    this.#askIceServersAt =
      iceLifetimeMs > 0 ? now + Math.max(iceLifetimeMs / 2, shortestIceLifeMs) : Infinity
    return iceServers.map(iceServer)
  }

  #renewIceServers(now: Millis): void {
    if (now < this.#askIceServersAt) return
    // Again until they come: a server whose outbox is full gives no answer.
    this.#askIceServersAt = now + shortestIceLifeMs
    // What returns to a server that has forgotten gets new ones with its `joined`.
    const isInside = this.#membership.phase === 'inside' && !this.#isConnectionLost
    if (isInside) this.#line.post({ type: 'askIceServers' })
  }

  #ask(room: RoomRequest): void {
    const { memberId } = this
    this.#authorize()
    if (room.kind === 'create') this.#line.post({ type: 'create', memberId })
    else this.#line.post({ type: 'join', ...room, memberId, ordinal: 0, token: new Uint8Array(0) })
    this.#asked.push('join')
  }

  #authorize(): void {
    const authorization = this.#authorization
    if (authorization !== '') this.#line.post({ type: 'authorize', authorization })
  }

  #askLook(nameplate: string): void {
    this.#authorize()
    this.#line.post({ type: 'look', nameplate, memberId: this.memberId })
    this.#asked.push('look')
  }

  #postInside(message: ClientMessage): boolean {
    if (this.#membership.phase !== 'inside' || !this.#line.canPost) return false
    this.#line.post(message)
    return true
  }
}

/** The room that this side asked for, whatever the server calls it. Undefined when people could not come there. */
function nameplateOf(membership: Membership, joined: Joined): string | undefined {
  if ('nameplate' in membership) return membership.nameplate
  if ('room' in membership && membership.room.kind === 'join') return membership.room.nameplate
  return isServerNameplate(joined.nameplate) ? joined.nameplate : undefined
}

function iceServer({ urls, username, credential }: Joined['iceServers'][number]): IceServer {
  return username === '' && credential === '' ? { urls } : { urls, username, credential }
}

function publicCode(code: WireRefusalCode): RefusalCode {
  return code === 'memberIdInUse' ? 'malformed' : code
}

function reused(): MemberSessionError {
  return new MemberSessionError('MEMBER_SESSION_REUSED', 'a session is opened once; make a new one')
}

function requireNameplate(text: string): void {
  if (!isNameplate(text)) {
    throw new MemberSessionError('MEMBER_SESSION_NAMEPLATE', 'no nameplate: four to nine digits, or a name')
  }
}
