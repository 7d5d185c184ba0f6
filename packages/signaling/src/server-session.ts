import type { Millis, PathId } from '@crowfly/sansio'
import type { Petition } from './doorway.ts'
import { type GoodbyeCode, type ServerFrame, type ServerMessage, serverFrame } from './frame.ts'
import { FrameQueue } from './frame-queue.ts'
import type { SignalingLimits } from './limits.ts'
import { Queue } from './queue.ts'
import { ReliableStream } from './reliable-stream.ts'
import type { Guest, Member } from './room.ts'
import { encode } from './schema.ts'
import { type SignalingCounters, zeroCounters } from './signaling-counters.ts'
import type { SignalingServerEvent } from './signaling-server-event.ts'

/** Where everything that a server sends meets: shared by its connections, sessions and rooms. */
export class ServerOutput {
  readonly limits: SignalingLimits
  readonly counters: SignalingCounters = zeroCounters()
  readonly frames = new FrameQueue()
  readonly events = new Queue<SignalingServerEvent>()
  /** Sessions that are to be ended when the input under way has been dealt with. */
  readonly ending: { session: ServerSession; code: GoodbyeCode }[] = []
  /** Of the `handle*` under way. */
  now: Millis = 0

  constructor(limits: SignalingLimits) {
    this.limits = limits
  }

  send(connection: ServerConnection, bytes: Uint8Array): void {
    this.counters.framesOut++
    this.counters.bytesOut += bytes.length
    this.frames.push(connection.path, bytes)
  }

  sendFrame(connection: ServerConnection, frame: ServerFrame): void {
    this.send(connection, encode(serverFrame, frame))
  }
}

/** Connections from one address, which share its budgets. */
export interface AddressUse {
  readonly key: string
  connections: number
}

/**
 * What a connection is to the server: bound to a session once it has said hello. A closing one was told to go; what it
 * still says is not heard.
 */
export type ConnectionState = 'greeting' | ServerSession | 'closing'

/** One open connection. Of ten thousand idle ones each costs a few numbers: no buffer, no closure, no text. */
export class ServerConnection {
  readonly path: PathId
  readonly address: AddressUse
  readonly host: string
  /** Over HTTP: pinged more rarely. */
  readonly isPolled: boolean
  /** In the server's timers, while it is served. */
  slot = -1
  state: ConnectionState = 'greeting'
  heardAt: Millis
  /** Token buckets: see `TokenBucket`. */
  messagesFullAt: Millis = 0
  bytesFullAt: Millis = 0

  constructor(path: PathId, address: AddressUse, host: string, isPolled: boolean, now: Millis) {
    this.path = path
    this.address = address
    this.host = host
    this.isPolled = isPolled
    this.heardAt = now
  }
}

/** What the server remembers of a client from connection to connection. */
export class ServerSession {
  readonly key: string
  readonly stream = new ReliableStream()
  readonly #output: ServerOutput
  /** In the server's timers, while there is no connection. */
  slot = -1
  connection: ServerConnection | undefined
  member: Member | undefined
  /** Looking at a room, not in it. */
  guest: Guest | undefined
  /** What the client has shown to the application; empty when that is nothing. */
  authorization = ''
  /** The application is being asked. */
  petition: Petition | undefined

  constructor(key: string, output: ServerOutput) {
    this.key = key
    this.#output = output
  }

  /** Whether the outbox takes another envelope. A quarter of its places is kept for what the server itself says. */
  hasRoomFor(bytes: number): boolean {
    const { limits, counters } = this.#output
    return (
      this.stream.waiting < limits.maxOutboxMessages * 0.75 &&
      this.stream.waitingBytes + bytes <= limits.maxOutboxBytes &&
      counters.waitingBytes + bytes <= limits.maxTotalOutboxBytes
    )
  }

  /** Queues `message`, sends it if there is a connection, and keeps it until it is acknowledged. */
  post(message: ServerMessage): void {
    const output = this.#output
    const { nextSeq } = this.stream
    const frame = encode(serverFrame, { type: 'item', seq: nextSeq, ack: this.stream.takeAck(), message })
    this.stream.push(frame)
    output.counters.waitingBytes += frame.length
    if (this.connection !== undefined) output.send(this.connection, frame)
    if (this.stream.waiting === output.limits.maxOutboxMessages) {
      output.ending.push({ session: this, code: 'tooSlow' })
    }
  }

  /** False if the client acknowledges what it was never sent. */
  acknowledge(ack: number): boolean {
    const before = this.stream.waitingBytes
    const isPossible = this.stream.acknowledge(ack)
    this.#output.counters.waitingBytes += this.stream.waitingBytes - before
    return isPossible
  }
}
