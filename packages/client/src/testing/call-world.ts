import { generateWordsCode, type RoomCode } from '@crowfly/pairing'
import type { ConnectionMachine } from '@crowfly/sansio'
import { type ClientConnection, SignalingServer, type SignalingServerEvent } from '@crowfly/signaling'
import { ConnectionHost, SeededRandom, VirtualClock } from '@crowfly/testkit'
import type { CallPlatform } from '../call-platform.ts'
import type { PageEvent } from '../page-events.ts'
import type { PassStorage } from '../pass-book.ts'
import { Preparation } from '../preparation.ts'
import { RoomCall } from '../room-call.ts'
import type { CallSnapshot, CallStatus, CodeJoinOptions, ServerTrustedJoinOptions } from '../snapshot.ts'
import { fakeCertificate } from './fake-certificate.ts'
import { advance, clockOf, until } from './fake-clock.ts'
import { FakeMedia, FakeStream } from './fake-media.ts'
import { FakeNetwork } from './fake-network.ts'
import { roadsTo, type ServerPlace, type ServerRoads, transportOn } from './fake-socket.ts'

/** A storage as a tab has one. */
export class FakeStorage implements PassStorage {
  readonly items = new Map<string, string>()
  getItem(key: string): string | null {
    return this.items.get(key) ?? null
  }
  setItem(key: string, value: string): void {
    this.items.set(key, value)
  }
  removeItem(key: string): void {
    this.items.delete(key)
  }
}

/** What a page joins with; without a room it makes one. */
export type PageOptions = Partial<CodeJoinOptions> | Partial<ServerTrustedJoinOptions>

/** A tab with a call in it. */
export class FakePage {
  readonly call: RoomCall
  readonly media = new FakeMedia()
  readonly storage: FakeStorage
  readonly name: string
  readonly #world: CallWorld
  /** The ways to the server: a WebSocket's, and a poll's. */
  readonly roads: ServerRoads
  readonly #listeners = new Set<(event: PageEvent) => void>()

  constructor(world: CallWorld, name: string, options: PageOptions, storage: FakeStorage) {
    this.#world = world
    this.name = name
    this.storage = storage
    this.roads = roadsTo(world.place)
    const platform: CallPlatform = {
      ...world.platform(name, this.roads),
      watchPage: (listener) => {
        this.#listeners.add(listener)
        return () => this.#listeners.delete(listener)
      },
      passStorage: storage,
    }
    this.call = new RoomCall({ room: { kind: 'create' }, name, media: this.media, ...options }, platform)
  }

  get snapshot(): CallSnapshot {
    return this.call.getSnapshot()
  }

  get status(): CallStatus {
    return this.snapshot.status
  }

  get phase(): CallStatus['phase'] {
    return this.status.phase
  }

  get notices(): readonly string[] {
    return this.snapshot.notices.map(({ kind, name }) => (name === '' ? kind : `${kind} ${name}`))
  }

  /** Names of the peers whose media flows. */
  get connected(): readonly string[] {
    return this.snapshot.peers.filter((peer) => peer.connection === 'connected').map((peer) => peer.name)
  }

  tell(event: PageEvent): void {
    for (const listener of [...this.#listeners]) listener(event)
  }

  /** The page and the server do not hear each other any more. */
  silence(): void {
    for (const road of this.roads) road.isBlocked = true
  }

  unsilence(): void {
    for (const road of this.roads) road.isBlocked = false
  }

  /** The page goes and comes again in the same tab, under the same code. */
  reload(ifEmpty: 'refuse' | 'wait' = 'refuse'): FakePage {
    const code = this.#world.codeOf(this)
    this.tell('leaving')
    const room = { kind: 'join', code, ifEmpty } as const
    return this.#world.join(this.name, code, { room }, this.storage)
  }
}

/** Pages, the signaling server and the network between them, with the machines of the product. */
export class CallWorld {
  readonly clock = new VirtualClock()
  readonly random: SeededRandom
  readonly network: FakeNetwork
  readonly place: ServerPlace = { host: null }
  readonly #tokenKey: Uint8Array
  /** Where the server says that STUN is. */
  icePort = 3478

  constructor(seed = 1) {
    this.random = new SeededRandom(seed)
    this.network = new FakeNetwork(this.clock, this.random.fork(), { operationMs: 5 })
    this.#tokenKey = this.random.bytes(32)
    this.startServer()
  }

  /** In place of the one that was: another one, or the product's with an empty memory and the same key. */
  startServer(machine: ConnectionMachine<SignalingServerEvent, ClientConnection> = this.#makeServer()): void {
    this.place.host = new ConnectionHost({
      clock: this.clock,
      machine,
      event: (event) => {
        if (event.type === 'disconnect') this.place.host?.close(event.path)
      },
    })
  }

  #makeServer(): SignalingServer {
    return new SignalingServer({
      random: this.random.fork(),
      crypto: {
        hmacSha1: fold,
        hmacSha256: fold,
        sha256: (message) => fold(message, message),
        md5: (message) => fold(message, message),
      },
      tokenKey: this.#tokenKey,
      iceServers: (host) => [{ urls: [`stun:${host}:${this.icePort}`] }],
      iceLifetimeMs: 3_600_000,
    })
  }

  killServer(): void {
    this.place.host?.stop()
    this.place.host = null
  }

  create(name: string, options: PageOptions = {}): FakePage {
    return new FakePage(this, name, options, new FakeStorage())
  }

  join(
    name: string,
    code: RoomCode,
    options: Partial<CodeJoinOptions> = {},
    storage = new FakeStorage(),
  ): FakePage {
    return new FakePage(this, name, { room: { kind: 'join', code, ifEmpty: 'refuse' }, ...options }, storage)
  }

  /** A browser on `host`, whose ways to the server are `roads`. */
  platform(host: string, roads: ServerRoads): CallPlatform {
    return {
      clock: clockOf(this.clock),
      random: this.random.fork(),
      transports: [transportOn(roads[0], this.clock), transportOn(roads[1], this.clock)],
      Connection: this.network.constructorFor(host),
      createCertificate: async () => fakeCertificate(this.random.fork()),
      createStream: () => new FakeStream(),
      watchPage: () => () => {},
      passStorage: null,
      origin: 'https://call.example',
    }
  }

  /** A look at a room. */
  prepare(code: RoomCode): Preparation {
    return new Preparation({ code }, this.platform('looker', roadsTo(this.place)))
  }

  /** What others join a page by. */
  codeOf({ snapshot: { code } }: FakePage): RoomCode {
    if (code === null) throw new TypeError('the page has no code yet')
    return code
  }

  /** A code under which nobody has ever been. */
  unknownCode(): RoomCode {
    return generateWordsCode('0000', this.random)
  }

  /** A page that waits under a code of its own. */
  async host(name: string): Promise<{ page: FakePage; code: RoomCode }> {
    const page = this.create(name)
    await this.until(() => page.phase === 'waiting')
    return { page, code: this.codeOf(page) }
  }

  /** Two who talk: `caller` has called `host` and was accepted. */
  async pair(): Promise<{ host: FakePage; caller: FakePage; code: RoomCode }> {
    const { page: host, code } = await this.host('Ann')
    const caller = this.join('Bob', code)
    await this.until(() => host.snapshot.callers.length === 1)
    host.call.accept(caller.snapshot.selfId ?? '')
    await this.until(() => host.connected.length === 1 && caller.connected.length === 1)
    return { host, caller, code }
  }

  /** Lets time pass until `condition` holds; throws a TimeoutError when it never does. */
  async until(condition: () => boolean, withinMs = 60_000): Promise<void> {
    if (!(await until(this.clock, condition, withinMs))) {
      throw new DOMException(`not within ${withinMs} ms: ${condition}`, 'TimeoutError')
    }
  }

  advance(durationMs: number): Promise<void> {
    return advance(this.clock, durationMs)
  }
}

/** Stands for a MAC where nobody forges: 32 bytes that depend on every byte of both. */
function fold(key: Uint8Array, message: Uint8Array): Uint8Array {
  const digest = new Uint8Array(32)
  ;[...key, ...message].forEach((byte, index) => {
    const at = index % 32
    digest[at] = Math.imul((digest[at] ?? 0) ^ byte, 31) + index
  })
  return digest
}
