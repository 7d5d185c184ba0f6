import type { Datagram, Millis, PathId, Random } from '@crowfly/sansio'
import { SeededRandom, testCrypto } from '@crowfly/testkit'
import { type SignalingLimits, SignalingServer, type SignalingServerEvent } from '../index.ts'
import {
  type ClientFrame,
  type ClientMessage,
  clientFrame,
  decode,
  encode,
  protocolVersion,
  type ServerFrame,
  serverFrame,
} from '../wire.ts'

export type Goodbye = Extract<ServerFrame, { type: 'goodbye' }>

/** The 16 octets `n n n …` as a member id. */
export function memberId(n: number): string {
  return Buffer.alloc(16, n).toString('base64url')
}

/** A server without a network: what it says and whom it sends off is at hand after each call. */
export class BareServer {
  readonly server: SignalingServer
  now: Millis = 1000
  readonly #said = new Map<PathId, ServerFrame[]>()
  readonly #closed = new Set<PathId>()
  readonly #seq = new Map<PathId, number>()
  readonly #out: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: 0 }
  /** Members who are in their room no more, and why, in order. */
  readonly left: string[] = []
  /** What the application was asked, in order. */
  readonly asked: Extract<SignalingServerEvent, { type: 'authorize' }>[] = []
  /** Octets handed out by the server, as they were then and as they are now. */
  readonly handedOut: { bytes: Uint8Array; copy: Uint8Array }[] = []

  constructor(
    limits: Partial<SignalingLimits> = {},
    random: Random = new SeededRandom(1),
    isGuarded = false,
  ) {
    this.server = new SignalingServer({
      random,
      crypto: testCrypto,
      tokenKey: new Uint8Array(32),
      limits,
      iceServers: (host, { nameplate, memberId }) => [
        { urls: [`stun:${host}:8443`] },
        { urls: [`turn:${host}:8443`], username: memberId, credential: nameplate },
      ],
      iceLifetimeMs: 60_000,
      isGuarded,
    })
  }

  /** The application's answer to what it was asked last. */
  allow(isAllowed: boolean): void {
    this.server.handleAuthorized(this.asked.at(-1)?.id ?? 0, isAllowed, this.now)
    this.#drain()
  }

  open(path: PathId, address: readonly number[] = [192, 0, 2, 1]): void {
    const family = address.length === 4 ? 4 : 6
    this.#closed.delete(path)
    this.server.handleOpen(
      path,
      { address: { family, address: Uint8Array.from(address), port: 1 }, host: 'h' },
      this.now,
    )
    this.#drain()
  }

  close(path: PathId): void {
    this.server.handleClose(path, this.now)
    this.#drain()
  }

  bytes(path: PathId, bytes: Uint8Array): void {
    this.server.handleDatagram({ bytes, start: 0, end: bytes.length, path }, this.now)
    this.#drain()
  }

  frame(path: PathId, frame: ClientFrame): void {
    this.bytes(path, encode(clientFrame, frame))
  }

  hello(path: PathId, session = path, received = 0): void {
    this.#seq.set(path, 0)
    this.frame(path, {
      type: 'hello',
      version: protocolVersion,
      session: new Uint8Array(16).fill(session),
      received,
    })
  }

  item(path: PathId, message: ClientMessage): void {
    const seq = (this.#seq.get(path) ?? 0) + 1
    this.#seq.set(path, seq)
    this.frame(path, { type: 'item', seq, ack: 0, message })
  }

  /** A connection that has said hello. */
  greet(path: PathId, address?: readonly number[]): void {
    this.open(path, address)
    this.hello(path)
  }

  /** A member in a room of their own; returns its nameplate. */
  create(path: PathId, address?: readonly number[]): string {
    this.greet(path, address)
    this.item(path, { type: 'create', memberId: memberId(path) })
    const joined = this.message(path, 'joined')
    return joined?.nameplate ?? ''
  }

  join(path: PathId, nameplate: string, ifEmpty: 'refuse' | 'wait' = 'refuse', id = path): void {
    this.item(path, {
      type: 'join',
      nameplate,
      memberId: memberId(id),
      ordinal: 0,
      token: new Uint8Array(0),
      ifEmpty,
    })
  }

  look(path: PathId, nameplate: string, id = path): void {
    this.item(path, { type: 'look', nameplate, memberId: memberId(id) })
  }

  /** A member on a path of their own who comes in by the front door. */
  enter(path: PathId, nameplate: string, address?: readonly number[]): void {
    this.greet(path, address)
    this.join(path, nameplate)
  }

  /** Leaves a ticket for each number. */
  leaveTickets(path: PathId, numbers: readonly number[], isAnew = false): void {
    this.item(path, { type: 'leaveTickets', isAnew, tickets: numbers.map((n) => Uint8Array.of(n)) })
  }

  /** Lets time pass, and fires what falls into it. The paths in `alive` answer every ping. */
  advance(durationMs: Millis, alive: readonly PathId[] = []): void {
    const end = this.now + durationMs
    for (let at = this.server.pollTimeout(); at <= end; at = this.server.pollTimeout()) {
      this.now = Math.max(this.now, at)
      this.server.handleTimeout(this.now)
      this.#drain()
      for (const path of alive)
        if (this.take(path, 'ping') !== undefined) this.frame(path, { type: 'pong', ack: 0 })
    }
    this.now = end
  }

  shutdown(): void {
    this.server.shutdown(this.now)
    this.#drain()
  }

  /** Everything that was said on a path so far, oldest first. */
  said(path: PathId): readonly ServerFrame[] {
    return this.#said.get(path) ?? []
  }

  /** The latest frame of a type on a path. */
  last<T extends ServerFrame['type']>(path: PathId, type: T): Extract<ServerFrame, { type: T }> | undefined {
    const isWanted = (frame: ServerFrame): frame is Extract<ServerFrame, { type: T }> => frame.type === type
    return this.said(path).filter(isWanted).at(-1)
  }

  /** As `last`, and forgets it. */
  take(path: PathId, type: ServerFrame['type']): ServerFrame | undefined {
    const frames = this.#said.get(path) ?? []
    const place = frames.findLastIndex((frame) => frame.type === type)
    return place < 0 ? undefined : frames.splice(place, 1)[0]
  }

  /** The latest message of a type on a path. */
  message<T extends ServerMessageType>(path: PathId, type: T): ServerMessageOf<T> | undefined {
    return this.messages(path, type).at(-1)
  }

  messages<T extends ServerMessageType>(path: PathId, type: T): ServerMessageOf<T>[] {
    const isWanted = (message: ServerItem['message']): message is ServerMessageOf<T> => message.type === type
    return this.said(path).flatMap((frame) =>
      frame.type === 'item' && isWanted(frame.message) ? [frame.message] : [],
    )
  }

  /** Whether the server wanted the connection closed. */
  isSentOff(path: PathId): boolean {
    return this.#closed.has(path)
  }

  #drain(): void {
    for (;;) {
      while (this.server.pollTransmit(this.#out)) this.#note()
      const event = this.server.pollEvent()
      if (event === undefined) return
      if (event.type === 'memberLeft') {
        this.left.push(`${event.memberId} ${event.reason}`)
        continue
      }
      if (event.type === 'authorize') {
        this.asked.push(event)
        continue
      }
      this.#closed.add(event.path)
      this.server.handleClose(event.path, this.now)
    }
  }

  #note(): void {
    const { bytes, start, end, path } = this.#out
    this.handedOut.push({ bytes, copy: bytes.slice() })
    const frame = decode(serverFrame, bytes.slice(), start, end)
    if (typeof frame === 'string') throw new TypeError(`the server says nonsense: ${frame}`)
    const frames = this.#said.get(path) ?? []
    frames.push(frame)
    this.#said.set(path, frames)
  }
}

type ServerItem = Extract<ServerFrame, { type: 'item' }>
type ServerMessageType = ServerItem['message']['type']
type ServerMessageOf<T extends ServerMessageType> = Extract<ServerItem['message'], { type: T }>
