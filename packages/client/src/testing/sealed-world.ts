import type { RoomCode } from '@crowfly/pairing'
import type { ConnectionMachine, Millis } from '@crowfly/sansio'
import {
  type ClientConnection,
  type PairMessage,
  type SignalingLimits,
  SignalingServer,
  type SignalingServerEvent,
} from '@crowfly/signaling'
import {
  ConnectionHost,
  type Ending,
  SeededRandom,
  testCrypto,
  VirtualClock,
  VirtualConnections,
} from '@crowfly/testkit'
import type { SealedEvent } from '../sealed/sealed-event.ts'
import { type SealedRoom, SealedSession } from '../sealed/sealed-session.ts'

/** A sealed session on the virtual network, and everything that it said. */
export class SealedPerson {
  readonly session: SealedSession
  readonly host: ConnectionHost<SealedEvent, undefined>
  readonly events: SealedEvent[] = []
  /** Called with each event before it is noted. */
  watch: (event: SealedEvent) => void = () => {}
  /** Connections that this person tries to make are answered by nobody. */
  isOffline = false
  readonly #world: SealedWorld
  readonly #connection: ClientConnection

  constructor(world: SealedWorld, connection: ClientConnection) {
    this.#world = world
    this.#connection = connection
    this.session = new SealedSession({ random: world.random.fork() })
    this.host = new ConnectionHost<SealedEvent, undefined>({
      clock: world.clock,
      machine: this.session,
      event: (event) => this.#handle(event),
    })
  }

  get id(): string {
    return this.session.memberId
  }

  /** Once joined. */
  get code(): RoomCode {
    const code = this.find('joined')?.code
    if (code === undefined || code.kind === 'open') throw new TypeError('not joined yet')
    return code
  }

  look(code: RoomCode): void {
    this.session.look(code, this.#world.clock.now())
    this.host.settle()
  }

  open(room: SealedRoom): void {
    this.session.open(room, this.#world.clock.now())
    this.host.settle()
  }

  send(to: string, message: PairMessage): boolean {
    const isTaken = this.session.send(to, message, this.#world.clock.now())
    this.host.settle()
    return isTaken
  }

  leave(): void {
    this.session.leave(this.#world.clock.now())
    this.host.settle()
  }

  /** All connections go silently dead. */
  cut(): void {
    for (const path of this.host.openPaths) this.host.cut(path)
  }

  /** All connections are closed, as by a proxy. */
  drop(): void {
    for (const path of this.host.openPaths) this.host.close(path)
  }

  handleNetworkChange(): void {
    this.session.handleNetworkChange(this.#world.clock.now())
    this.host.settle()
  }

  /** The first event of this type. */
  find<T extends SealedEvent['type']>(type: T): Extract<SealedEvent, { type: T }> | undefined {
    return this.all(type)[0]
  }

  all<T extends SealedEvent['type']>(type: T): Extract<SealedEvent, { type: T }>[] {
    const isWanted = (event: SealedEvent): event is Extract<SealedEvent, { type: T }> => event.type === type
    return this.events.filter(isWanted)
  }

  /** The messages that came from somebody. */
  heard(from: string): PairMessage[] {
    return this.all('message')
      .filter((event) => event.from === from)
      .map(({ message }) => message)
  }

  #handle(event: SealedEvent): void {
    this.watch(event)
    this.events.push(event)
    if (event.type === 'connect') this.#world.connect(this, this.#connection)
    if (event.type === 'disconnect') this.host.close(event.path)
  }
}

type ServerMachine = ConnectionMachine<SignalingServerEvent, ClientConnection>

/** A signaling server and people who do not trust it, in simulated time. */
export class SealedWorld {
  readonly clock = new VirtualClock()
  readonly random: SeededRandom
  readonly network: VirtualConnections
  readonly people: SealedPerson[] = []
  readonly #limits: Partial<SignalingLimits>
  readonly #tokenKey: Uint8Array
  #host: ConnectionHost<SignalingServerEvent, ClientConnection>

  /** The server is the product's, unless there is another. */
  constructor(seed = 1, limits: Partial<SignalingLimits> = {}, server?: ServerMachine) {
    this.random = new SeededRandom(seed)
    this.network = new VirtualConnections(this.clock, this.random.fork(), { delayMs: 10 })
    this.#limits = limits
    this.#tokenKey = this.random.bytes(32)
    this.#host = this.#start(server ?? this.#makeServer())
  }

  /** Somebody from an address of their own. */
  person(): SealedPerson {
    const address = Uint8Array.of(192, 0, 2, this.people.length + 1)
    const person = new SealedPerson(this, {
      address: { family: 4, address, port: 1 },
      host: 'crowfly.example',
    })
    this.people.push(person)
    return person
  }

  /** Somebody in a room of their own. */
  creator(): SealedPerson {
    const person = this.person()
    person.open({ kind: 'create', isOpen: false })
    this.until(() => person.find('joined') !== undefined)
    return person
  }

  connect(person: SealedPerson, connection: ClientConnection): void {
    const { admission } = this.network.conditions
    if (person.isOffline) this.network.conditions = { ...this.network.conditions, admission: 'ignore' }
    this.network.connect(person.host, undefined, this.#host, connection)
    this.network.conditions = { ...this.network.conditions, admission }
  }

  /** The server is gone with all that it knew; `restart` brings another with the same key. */
  crash(ending: Ending): void {
    this.#host.stop(ending)
  }

  restart(): void {
    this.#host = this.#start(this.#makeServer())
  }

  advance(durationMs: Millis): void {
    this.clock.advance(durationMs)
  }

  /** Lets time pass until `condition` holds; throws a `TimeoutError` when it does not. */
  until(condition: () => boolean, withinMs: Millis = 60_000): void {
    const end = this.clock.now() + withinMs
    while (!condition()) {
      if (this.clock.next() > end)
        throw new DOMException(`not within ${withinMs} ms: ${condition}`, 'TimeoutError')
      this.clock.step()
    }
  }

  #start(machine: ServerMachine): ConnectionHost<SignalingServerEvent, ClientConnection> {
    const host: ConnectionHost<SignalingServerEvent, ClientConnection> = new ConnectionHost({
      clock: this.clock,
      machine,
      event: (event: SignalingServerEvent) => {
        if (event.type === 'disconnect') host.close(event.path)
      },
    })
    return host
  }

  #makeServer(): SignalingServer {
    return new SignalingServer({
      random: this.random.fork(),
      crypto: testCrypto,
      tokenKey: this.#tokenKey,
      limits: this.#limits,
      iceServers: () => [],
    })
  }
}
