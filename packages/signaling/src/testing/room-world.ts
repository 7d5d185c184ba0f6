import { decodeUtf8, encodeUtf8 } from '@crowfly/bytes'
import type { ConnectionMachine, Datagram, Millis, PathId } from '@crowfly/sansio'
import { ConnectionHost, SeededRandom, testCrypto, VirtualClock, VirtualConnections } from '@crowfly/testkit'
import {
  type ClientConnection,
  type MemberEvent,
  MemberSession,
  type RoomRequest,
  type SignalingLimits,
  SignalingServer,
  type SignalingServerEvent,
} from '../index.ts'
import { PolledConnections, PollHost } from './polled-connections.ts'

/** How a connection is made. */
export type Road = 'webSocket' | 'polls'

/** A session as a driver drives it that may have a better connection made beside the one in use. */
class Traveller implements ConnectionMachine<MemberEvent, boolean> {
  readonly #session: MemberSession
  /** Connections beside the one in use that have not opened: the session has not heard of them. */
  readonly beside = new Set<PathId>()

  constructor(session: MemberSession) {
    this.#session = session
  }

  handleOpen(path: PathId, isBeside: boolean, now: Millis): void {
    this.beside.delete(path)
    if (isBeside) this.#session.moveTo(path, now)
    else this.#session.handleOpen(path, undefined, now)
  }

  handleClose(path: PathId, now: Millis): void {
    if (!this.beside.delete(path)) this.#session.handleClose(path, now)
  }

  handleDatagram(input: Datagram, now: Millis): void {
    this.#session.handleDatagram(input, now)
  }

  handleTimeout(now: Millis): void {
    this.#session.handleTimeout(now)
  }

  pollTransmit(out: Datagram): boolean {
    return this.#session.pollTransmit(out)
  }

  pollEvent(): MemberEvent | undefined {
    return this.#session.pollEvent()
  }

  pollTimeout(): Millis {
    return this.#session.pollTimeout()
  }
}

const tokenKey = Uint8Array.from({ length: 32 }, (_, i) => i)

/** A member session on the virtual network, and everything that it said. */
export class WorldMember {
  readonly session: MemberSession
  readonly host: ConnectionHost<MemberEvent, boolean>
  readonly events: MemberEvent[] = []
  /** Called with each event before it is noted. */
  watch: (event: MemberEvent) => void = () => {}
  /** Connections that this member tries to make are answered by nobody. */
  isOffline = false
  /** How the next connection is made. */
  road: () => Road = () => 'webSocket'
  readonly #traveller: Traveller
  readonly #world: RoomWorld
  readonly #connection: ClientConnection
  /** Left so far. */
  #tickets = 0

  constructor(world: RoomWorld, connection: ClientConnection) {
    this.#world = world
    this.#connection = connection
    this.session = new MemberSession({ random: world.random.fork() })
    this.#traveller = new Traveller(this.session)
    this.host = new ConnectionHost<MemberEvent, boolean>({
      clock: world.clock,
      machine: this.#traveller,
      event: (event) => this.#handle(event),
    })
  }

  get id(): string {
    return this.session.memberId
  }

  /** The nameplate, once joined. */
  get nameplate(): string {
    return this.find('joined')?.nameplate ?? ''
  }

  look(nameplate: string): void {
    this.session.look(nameplate, this.#world.clock.now())
    this.host.settle()
  }

  open(room: RoomRequest): void {
    this.session.open(room, this.#world.clock.now())
    this.host.settle()
  }

  send(to: WorldMember, envelope: Uint8Array): boolean {
    const isTaken = this.session.send(to.id, envelope)
    this.host.settle()
    return isTaken
  }

  confirm(member: WorldMember): void {
    this.session.confirm(member.id)
    this.host.settle()
  }

  leave(): void {
    this.session.leave()
    this.host.settle()
  }

  handleNetworkChange(): void {
    this.session.handleNetworkChange(this.#world.clock.now())
    this.host.settle()
  }

  /** Connects beside the connection in use, to go over to that one. */
  move(): void {
    this.#traveller.beside.add(this.#world.connect(this, this.#connection, true))
  }

  /** All connections go silently dead. */
  cut(): void {
    for (const path of this.host.openPaths) this.host.cut(path)
  }

  /** All connections are closed, as by a proxy. */
  drop(): void {
    for (const path of this.host.openPaths) this.host.close(path)
  }

  /** The first event of this type. */
  find<T extends MemberEvent['type']>(type: T): Extract<MemberEvent, { type: T }> | undefined {
    return this.all(type)[0]
  }

  all<T extends MemberEvent['type']>(type: T): Extract<MemberEvent, { type: T }>[] {
    const isWanted = (event: MemberEvent): event is Extract<MemberEvent, { type: T }> => event.type === type
    return this.events.filter(isWanted)
  }

  has(type: MemberEvent['type']): boolean {
    return this.find(type) !== undefined
  }

  #handle(event: MemberEvent): void {
    this.watch(event)
    this.events.push(event)
    if (event.type === 'ticketsWanted') {
      const tickets = Array.from({ length: event.count }, () => encodeUtf8(`${this.id} ${++this.#tickets}`))
      this.session.leaveTickets(tickets, false)
    }
    if (event.type === 'connect') this.#world.connect(this, this.#connection)
    if (event.type === 'disconnect') this.host.close(event.path)
  }
}

interface RunningServer {
  readonly server: SignalingServer
  readonly host: ConnectionHost<SignalingServerEvent, ClientConnection>
  readonly polls: PollHost
}

/** A signaling server and the members that use it, in simulated time. */
export class RoomWorld {
  readonly clock = new VirtualClock()
  readonly random: SeededRandom
  readonly network: VirtualConnections
  readonly requests: PolledConnections
  readonly members: WorldMember[] = []
  readonly #limits: Partial<SignalingLimits>
  readonly #iceLifetimeMs: Millis
  #running: RunningServer

  constructor(seed = 1, limits: Partial<SignalingLimits> = {}, iceLifetimeMs: Millis = 0) {
    this.random = new SeededRandom(seed)
    this.network = new VirtualConnections(this.clock, this.random.fork(), { delayMs: 10 })
    this.requests = new PolledConnections(this.clock, new SeededRandom(~seed))
    this.#limits = limits
    this.#iceLifetimeMs = iceLifetimeMs
    this.#running = this.#start()
  }

  get server(): SignalingServer {
    return this.#running.server
  }

  /** A member from an address of their own, unless one is given. */
  member(address: readonly number[] = [192, 0, 2, this.members.length + 1]): WorldMember {
    const family = address.length === 4 ? 4 : 6
    const member = new WorldMember(this, {
      address: { family, address: Uint8Array.from(address), port: 50_000 + this.members.length },
      host: 'crowfly.example',
    })
    this.members.push(member)
    return member
  }

  /** A member who creates a room, and is in it. */
  creator(): WorldMember {
    const member = this.member()
    member.open({ kind: 'create' })
    this.until(() => member.has('joined'))
    return member
  }

  /** A member who joins the room of another, and is in it. */
  joiner(host: WorldMember): WorldMember {
    const member = this.member()
    member.open({ kind: 'join', nameplate: host.nameplate, ifEmpty: 'refuse' })
    this.until(() => member.has('joined'))
    return member
  }

  /** What the endpoint for requests has counted since the server's start. */
  get pollCounters(): PollHost['counters'] {
    return this.#running.polls.counters
  }

  connect(member: WorldMember, connection: ClientConnection, isBeside = false): PathId {
    if (member.road() === 'polls') {
      const place = (): PollHost | undefined => (member.isOffline ? undefined : this.#running.polls)
      return this.requests.connect(member.host, isBeside, place, connection)
    }
    const { conditions } = this.network
    if (member.isOffline) this.network.conditions = { ...conditions, admission: 'ignore' }
    const path = this.network.connect(member.host, isBeside, this.#running.host, connection)
    this.network.conditions = conditions
    return path
  }

  /** The server says goodbye and is gone. */
  shutdown(): void {
    this.server.shutdown(this.clock.now())
    this.#running.host.settle()
    this.#running.host.stop('close')
    this.#running.polls.stop('close')
  }

  /** The server is gone, with or without its sockets being closed. */
  crash(ending: 'close' | 'cut' = 'close'): void {
    this.#running.host.stop(ending)
    this.#running.polls.stop(ending)
  }

  /** A server with an empty memory, under the same key. */
  start(): void {
    this.#running = this.#start()
  }

  advance(durationMs: Millis): void {
    this.clock.advance(durationMs)
  }

  /** Lets time pass until the condition holds; fails after a minute. */
  until(condition: () => boolean, withinMs: Millis = 60_000): void {
    if (!this.clock.runUntil(condition, withinMs)) throw new WorldTimeout(`not within ${withinMs} ms`)
  }

  #start(): RunningServer {
    const server = new SignalingServer({
      random: this.random.fork(),
      crypto: testCrypto,
      tokenKey,
      limits: this.#limits,
      iceServers: (host) => [{ urls: [`stun:${host}:8443`] }],
      iceLifetimeMs: this.#iceLifetimeMs,
    })
    const host: ConnectionHost<SignalingServerEvent, ClientConnection> = new ConnectionHost({
      clock: this.clock,
      machine: server,
      event(event: SignalingServerEvent) {
        if (event.type === 'disconnect') host.close(event.path)
      },
    })
    return { server, host, polls: new PollHost(this.clock, host) }
  }
}

/** What was waited for did not come. */
export class WorldTimeout extends Error {
  readonly code = 'WORLD_TIMEOUT'
}

/** An envelope that carries a text. */
export function note(text: string): Uint8Array {
  return encodeUtf8(text)
}

/** The text of an envelope. */
export function noted(envelope: Uint8Array): string {
  return decodeUtf8(envelope) ?? ''
}

/** The texts of the envelopes that came from `from`. */
export function notes(member: WorldMember, from: WorldMember): string[] {
  return member.all('envelope').flatMap((event) => (event.from === from.id ? [noted(event.envelope)] : []))
}
