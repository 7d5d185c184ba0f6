import { encodeBase64url } from '@crowfly/bytes'
import type {
  ConnectionMachine,
  Crypto,
  Datagram,
  Millis,
  PathId,
  Random,
  TransportAddress,
} from '@crowfly/sansio'
import { AddressBudgets, budgetKey } from './address-budgets.ts'
import { Doorway } from './doorway.ts'
import {
  type ClientFrame,
  clientFrame,
  type GoodbyeCode,
  protocolVersion,
  type ServerFrame,
  serverFrame,
} from './frame.ts'
import type { IceServersFor } from './ice-server.ts'
import { defaultSignalingLimits, type SignalingLimits } from './limits.ts'
import { OwnerTimers } from './owner-timers.ts'
import { Rooms } from './rooms.ts'
import { decode, encode } from './schema.ts'
import { type AddressUse, ServerConnection, ServerOutput, ServerSession } from './server-session.ts'
import type { SignalingCounters, Violation } from './signaling-counters.ts'
import type { SignalingServerEvent } from './signaling-server-event.ts'
import { TokenBucket } from './token-bucket.ts'

export interface SignalingServerOptions {
  random: Random
  crypto: Crypto
  /** 32 octets, kept in the state folder: the tokens it signs bring members back after a restart. */
  tokenKey: Uint8Array
  limits?: Partial<SignalingLimits>
  iceServers: IceServersFor
  /** Milliseconds for which what `iceServers` gives can be used; 0, the default, for good. At most 2³² - 1. */
  iceLifetimeMs?: Millis
  /** Whether the application is asked before anybody creates, joins or looks (`authorize`). Default: it is not. */
  isGuarded?: boolean
}

/** What the driver knows of a connection that has just opened. */
export interface ClientConnection {
  /** The client's address; budgets are counted by it. */
  address: TransportAddress
  /** The host that the client asked for, without port: STUN URLs name it. */
  host: string
  /** Whether it is made of HTTP requests (`PollServer`), each of which a ping ends. Default: false. */
  isPolled?: boolean
}

/** Octets of the longest host name (RFC 1035 §2.3.4). */
const maxHostLength = 253

/** Milliseconds after which clients of a stopping server try again. */
const restartRetryMs = 500
/** Milliseconds after which a client may ask a full server again. */
const fullRetryMs = 10_000

interface KeepAlive {
  pingEveryMs: Millis
  deadAfterMs: Millis
}

function keepAlive(isPolled: boolean, limits: SignalingLimits): KeepAlive {
  return isPolled
    ? { pingEveryMs: limits.polledPingEveryMs, deadAfterMs: limits.polledDeadAfterMs }
    : { pingEveryMs: limits.pingEveryMs, deadAfterMs: limits.deadAfterMs }
}

function welcome(
  isPolled: boolean,
  isResumed: boolean,
  received: number,
  limits: SignalingLimits,
): ServerFrame {
  const { graceMs } = limits
  return { type: 'welcome', isResumed, received, ...keepAlive(isPolled, limits), graceMs }
}

/**
 * Rooms, members and opaque envelopes, for any number of connections.
 *
 * A connection is greeted (`hello`, `welcome`) and then bound to a session; this class keeps connections alive and
 * sessions in order, `Rooms` does what they ask.
 */
export class SignalingServer implements ConnectionMachine<SignalingServerEvent, ClientConnection> {
  readonly #limits: SignalingLimits
  readonly #output: ServerOutput
  readonly #budgets: AddressBudgets
  readonly #rooms: Rooms
  readonly #doorway: Doorway
  readonly #messageBucket: TokenBucket
  readonly #byteBucket: TokenBucket
  readonly #connections = new Map<PathId, ServerConnection>()
  readonly #addresses = new Map<string, AddressUse>()
  readonly #sessions = new Map<string, ServerSession>()
  readonly #timers: OwnerTimers<ServerConnection | ServerSession>
  #isStopping = false
  /** Asked for by the latest client, and mostly by the next one too: one text for all of them. */
  #host = ''

  /** Throws a `SchemaError` on limits that the protocol cannot carry. */
  constructor(options: SignalingServerOptions) {
    const limits = { ...defaultSignalingLimits, ...options.limits }
    // Says at once, rather than to the first client, that a limit has no form on the wire.
    for (const isPolled of [false, true]) encode(serverFrame, welcome(isPolled, false, 0, limits))
    this.#limits = limits
    this.#output = new ServerOutput(limits)
    this.#budgets = new AddressBudgets(limits)
    this.#rooms = new Rooms(this.#output, { ...options, budgets: this.#budgets })
    this.#doorway = new Doorway(this.#output, this.#rooms, options.isGuarded ?? false)
    this.#messageBucket = new TokenBucket(limits.messageBurst, limits.messagesPerSecond / 1000)
    this.#byteBucket = new TokenBucket(limits.byteBurst, limits.bytesPerSecond / 1000)
    // Each connection and each session has one deadline. Connections over the limit stay until they are closed.
    this.#timers = new OwnerTimers(2 * (limits.maxConnections + limits.maxSessions))
  }

  /** Plain numbers for metrics. Read only. */
  get counters(): Readonly<SignalingCounters> {
    return this.#output.counters
  }

  handleOpen(path: PathId, opened: ClientConnection, now: Millis): void {
    if (this.#connections.has(path)) this.handleClose(path, now)
    this.#output.now = now
    if (opened.host !== this.#host) this.#host = opened.host.length <= maxHostLength ? opened.host : ''
    const { isPolled = false } = opened
    const connection = new ServerConnection(path, this.#use(opened.address), this.#host, isPolled, now)
    const { address } = connection
    address.connections++
    this.#connections.set(path, connection)
    this.#output.counters.connections = this.#connections.size
    if (this.#isStopping) {
      this.#dismiss(connection, 'restarting', restartRetryMs)
      return
    }
    const isCrowded =
      address.connections > this.#limits.maxConnectionsPerAddress ||
      this.#connections.size > this.#limits.maxConnections
    const wait = isCrowded ? fullRetryMs : this.#budgets.spend(address.key, 'connections', now)
    if (wait > 0) {
      this.#dismiss(connection, 'tooManyConnections', wait)
      return
    }
    connection.slot = this.#timers.add(connection)
    this.#timers.schedule(connection.slot, now + this.#limits.helloTimeoutMs)
  }

  handleClose(path: PathId, now: Millis): void {
    const connection = this.#connections.get(path)
    if (connection === undefined) return
    this.#output.now = now
    this.#retire(connection)
    this.#connections.delete(path)
    connection.address.connections--
    if (connection.address.connections === 0) this.#addresses.delete(connection.address.key)
    this.#output.counters.connections = this.#connections.size
    this.#endSessions()
  }

  handleDatagram(input: Datagram, now: Millis): void {
    const connection = this.#connections.get(input.path)
    if (connection === undefined || connection.state === 'closing') return
    const { counters } = this.#output
    this.#output.now = now
    connection.heardAt = now
    counters.framesIn++
    counters.bytesIn += input.end - input.start
    if (!this.#isWithinRate(connection, input.end - input.start, now)) return
    // PROTOCOL.md §4.1: the version comes right after the type, whatever else a later `hello` holds.
    const isHello = input.end - input.start > 1 && input.bytes[input.start] === 1
    if (isHello && input.bytes[input.start + 1] !== protocolVersion) {
      this.#dismiss(connection, 'incompatibleVersion', 0)
      return
    }
    const frame = decode(clientFrame, input.bytes, input.start, input.end)
    const violation =
      typeof frame === 'string' ? frame : this.#handleFrame(connection, frame, input.end - input.start, now)
    if (violation !== undefined) this.#punish(connection, violation)
    this.#endSessions()
  }

  handleTimeout(now: Millis): void {
    this.#output.now = now
    for (let owner = this.#timers.expire(now); owner !== undefined; owner = this.#timers.expire(now)) {
      if (owner instanceof ServerSession) this.#expire(owner)
      else if (owner.state instanceof ServerSession) this.#keepAlive(owner, owner.state, now)
      else this.#dismiss(owner, 'tooSlow', 0)
    }
    this.#endSessions()
  }

  /** The application's answer to an `authorize`; of one that nobody waits for any more nothing comes. */
  handleAuthorized(id: number, isAllowed: boolean, now: Millis): void {
    this.#output.now = now
    const session = this.#doorway.answer(id, isAllowed, now)
    if (session !== undefined) {
      this.#output.counters.malformed.unexpected++
      this.#end(session, 'malformed')
    }
    this.#endSessions()
  }

  /** Tells every client goodbye `restarting`, closes its connection and forgets everything. */
  shutdown(now: Millis): void {
    this.#output.now = now
    this.#isStopping = true
    this.#timers.clear()
    this.#doorway.clear()
    this.#rooms.clear()
    this.#sessions.clear()
    this.#output.counters.sessions = 0
    this.#output.counters.waitingBytes = 0
    for (const connection of this.#connections.values()) {
      if (connection.state === 'closing') continue
      connection.state = 'closing'
      connection.slot = -1
      this.#bid(connection, 'restarting', restartRetryMs)
    }
  }

  /** Sets `out.bytes` to the frame's own octets; they are never written again, so the driver may keep them. */
  pollTransmit(out: Datagram): boolean {
    return this.#output.frames.poll(out)
  }

  pollEvent(): SignalingServerEvent | undefined {
    return this.#output.events.shift()
  }

  pollTimeout(): Millis {
    return this.#timers.next()
  }

  #use(address: TransportAddress): AddressUse {
    const key = budgetKey(address)
    const known = this.#addresses.get(key)
    if (known !== undefined) return known
    const use: AddressUse = { key, connections: 0 }
    this.#addresses.set(key, use)
    return use
  }

  #isWithinRate(connection: ServerConnection, bytes: number, now: Millis): boolean {
    const wait = Math.max(
      this.#messageBucket.wait(connection.messagesFullAt, 1, now),
      this.#byteBucket.wait(connection.bytesFullAt, bytes, now),
    )
    if (wait > 0) {
      this.#dismiss(connection, 'tooFast', wait)
      return false
    }
    connection.messagesFullAt = this.#messageBucket.spend(connection.messagesFullAt, 1, now)
    connection.bytesFullAt = this.#byteBucket.spend(connection.bytesFullAt, bytes, now)
    return true
  }

  #handleFrame(
    connection: ServerConnection,
    frame: ClientFrame,
    bytes: number,
    now: Millis,
  ): Violation | undefined {
    const session = connection.state
    if (frame.type === 'hello') {
      if (session !== 'greeting') return 'unexpected'
      this.#greet(connection, frame, now)
      return undefined
    }
    if (!(session instanceof ServerSession)) return 'unexpected'
    if (!session.acknowledge(frame.ack)) return 'wrongAck'
    if (frame.type === 'ping') {
      this.#output.sendFrame(connection, { type: 'pong', ack: session.stream.takeAck() })
    } else if (frame.type === 'item') {
      const arrival = session.stream.accept(frame.seq, bytes)
      if (arrival === 'gap') return 'sequenceGap'
      if (arrival === 'duplicate') this.#output.counters.duplicates++
      else if (!this.#doorway.handle(session, connection, frame.message, now)) return 'unexpected'
      if (session.stream.isAckDue) {
        this.#output.sendFrame(connection, { type: 'ack', ack: session.stream.takeAck() })
      }
    }
    return undefined
  }

  /** PROTOCOL.md §4.1: takes the session up again where it stood, or begins it. */
  #greet(connection: ServerConnection, hello: Extract<ClientFrame, { type: 'hello' }>, now: Millis): void {
    const key = encodeBase64url(hello.session)
    let session = this.#sessions.get(key)
    const standing = session?.stream.standingOf(hello.received) ?? 'current'
    const isServed = session?.member !== undefined && session.connection !== undefined
    if (standing === 'passed' || (standing === 'ahead' && isServed)) {
      // It was long under way (from before a restart, if it is ahead): the client is on a newer connection.
      this.#dismiss(connection, 'replaced', 0)
      return
    }
    if (session !== undefined && standing === 'ahead') {
      // It heard more than it was sent: not the client that we knew.
      this.#end(session, 'replaced')
      session = undefined
    }
    const isResumed = session !== undefined
    if (session === undefined) {
      if (this.#sessions.size >= this.#limits.maxSessions) {
        this.#dismiss(connection, 'serverFull', fullRetryMs)
        return
      }
      session = new ServerSession(key, this.#output)
      this.#sessions.set(key, session)
      this.#output.counters.sessions = this.#sessions.size
    }
    const wasAway = session.connection === undefined
    if (session.connection !== undefined) this.#replace(session.connection)
    connection.state = session
    session.connection = connection
    this.#rest(session)
    const { pingEveryMs } = keepAlive(connection.isPolled, this.#limits)
    this.#timers.schedule(connection.slot, now + pingEveryMs)
    const received = session.stream.takeAck()
    this.#output.sendFrame(connection, welcome(connection.isPolled, isResumed, received, this.#limits))
    if (!isResumed) return
    this.#output.counters.resumed++
    session.acknowledge(hello.received)
    for (const frame of session.stream.unacknowledged()) this.#output.send(connection, frame)
    if (wasAway) this.#rooms.markBack(session)
  }

  /** The same client has a newer connection. */
  #replace(connection: ServerConnection): void {
    connection.state = 'closing'
    this.#rest(connection)
    this.#bid(connection, 'replaced', 0)
  }

  /** Pings, and gives up what has been silent for too long. */
  #keepAlive(connection: ServerConnection, { stream }: ServerSession, now: Millis): void {
    const { pingEveryMs, deadAfterMs } = keepAlive(connection.isPolled, this.#limits)
    const deadAt = connection.heardAt + deadAfterMs
    if (now >= deadAt) {
      this.#output.counters.dead++
      this.#dismiss(connection, undefined, 0)
      return
    }
    this.#output.sendFrame(connection, { type: 'ping', ack: stream.takeAck() })
    this.#timers.schedule(connection.slot, Math.min(now + pingEveryMs, deadAt))
  }

  #punish(connection: ServerConnection, violation: Violation): void {
    this.#output.counters.malformed[violation]++
    if (connection.state instanceof ServerSession) this.#end(connection.state, 'malformed')
    else this.#dismiss(connection, 'malformed', 0)
  }

  /** Says goodbye (if there is a word for it) and has the connection closed; its session may come back. */
  #dismiss(connection: ServerConnection, code: GoodbyeCode | undefined, retryAfterMs: Millis): void {
    this.#retire(connection)
    this.#bid(connection, code, retryAfterMs)
  }

  #bid(connection: ServerConnection, code: GoodbyeCode | undefined, retryAfterMs: Millis): void {
    if (code !== undefined) {
      this.#output.counters.goodbyes[code]++
      this.#output.sendFrame(connection, { type: 'goodbye', code, retryAfterMs })
    }
    this.#output.events.push({ type: 'disconnect', path: connection.path })
  }

  /** Takes a connection out of service. Its session waits for the next one, if it is a member's. */
  #retire(connection: ServerConnection): void {
    const session = connection.state
    connection.state = 'closing'
    this.#rest(connection)
    if (!(session instanceof ServerSession)) return
    session.connection = undefined
    if (session.member === undefined) {
      this.#forget(session)
    } else {
      session.slot = this.#timers.add(session)
      this.#timers.schedule(session.slot, this.#output.now + this.#limits.graceMs)
      this.#rooms.markAway(session)
    }
  }

  #expire(session: ServerSession): void {
    this.#output.counters.expired++
    this.#end(session, undefined)
  }

  /** Ends a session for good: its member has left. */
  #end(session: ServerSession, code: GoodbyeCode | undefined): void {
    const { connection } = session
    this.#rooms.expire(session, this.#output.now)
    if (connection === undefined) this.#forget(session)
    else this.#dismiss(connection, code, 0)
  }

  /** Takes its deadline away, and its place among the timers. */
  #rest(owner: ServerConnection | ServerSession): void {
    if (owner.slot >= 0) this.#timers.remove(owner.slot)
    owner.slot = -1
  }

  #forget(session: ServerSession): void {
    this.#rest(session)
    this.#doorway.forget(session)
    this.#rooms.dismiss(session)
    this.#sessions.delete(session.key)
    this.#output.counters.sessions = this.#sessions.size
    this.#output.counters.waitingBytes -= session.stream.waitingBytes
  }

  #endSessions(): void {
    const { ending } = this.#output
    for (let end = ending.pop(); end !== undefined; end = ending.pop()) {
      if (this.#sessions.get(end.session.key) === end.session) this.#end(end.session, end.code)
    }
  }
}
