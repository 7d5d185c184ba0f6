import type { Pairing, RoomCode } from '@crowfly/pairing'
import type { Datagram, PathId, Random } from '@crowfly/sansio'
import { type MemberId, type PairMessage, signalingPath, signalingSubprotocol } from '@crowfly/signaling'
import type { Agenda, Alarm } from './agenda.ts'
import type { Handler } from './peer-connection.ts'
import type { SealedEvent } from './sealed/sealed-event.ts'
import { type SealedRoom, SealedSession } from './sealed/sealed-session.ts'

/** The W3C shape that the link needs of a WebSocket. */
export interface SocketLike {
  binaryType: BinaryType
  readonly readyState: number
  onopen: Handler<unknown> | null
  onmessage: Handler<{ readonly data: unknown }> | null
  onclose: Handler<unknown> | null
  send(bytes: Uint8Array<ArrayBuffer>): void
  close(): void
}

export type SocketConstructor = new (url: string, protocol: string) => SocketLike

/** `WebSocket.OPEN` (RFC 6455, W3C): the number, since the constructor is injected. */
const SOCKET_OPEN = 1

/** The events that concern the call; those for the driver are dealt with here. */
export type LinkEvent = Exclude<SealedEvent, { type: 'connect' } | { type: 'disconnect' }>

export interface SignalingLinkOptions {
  readonly server: URL
  readonly Socket: SocketConstructor
  readonly agenda: Agenda
  readonly random: Random
  readonly authorization: string | undefined
  readonly onEvent: (event: LinkEvent) => void
}

/** Drives a `SealedSession` over WebSockets. Events come one at a time, never within another's handling. */
export class SignalingLink {
  readonly #options: SignalingLinkOptions
  readonly #session: SealedSession
  readonly #alarm: Alarm
  readonly #url: string
  /** Sockets that the session has not been told the end of. */
  readonly #sockets = new Map<PathId, SocketLike>()
  readonly #out: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: 0 }
  #nextPath: PathId = 0
  #isDraining = false
  #isClosed = false

  constructor(options: SignalingLinkOptions) {
    this.#options = options
    this.#session = new SealedSession(options)
    this.#url = socketUrl(options.server)
    this.#alarm = options.agenda.alarm((now) => {
      this.#session.handleTimeout(now)
      this.#drain()
    })
  }

  get memberId(): MemberId {
    return this.#session.memberId
  }

  /** The pairing with a member, while there is one. */
  pairingWith(member: MemberId): Pairing | undefined {
    return this.#session.pairingWith(member)
  }

  /** Finds out who is there under a code; nobody hears of it. */
  look(code: RoomCode): void {
    this.#session.look(code, this.#now())
    this.#drain()
  }

  open(room: SealedRoom): void {
    this.#session.open(room, this.#now())
    this.#drain()
  }

  send(to: MemberId, message: PairMessage): boolean {
    const isQueued = this.#session.send(to, message, this.#now())
    this.#drain()
    return isQueued
  }

  handleNetworkChange(): void {
    this.#session.handleNetworkChange(this.#now())
    this.#drain()
  }

  /** Leaves the room and closes. Final; no event follows. */
  leave(): void {
    if (this.#isClosed) return
    this.#session.leave(this.#now())
    this.#isClosed = true
    // Not by #drain(), which does nothing while it hands out the event that this answers.
    while (this.#session.pollTransmit(this.#out)) this.#transmit()
    this.#alarm.clear()
    for (const [path, socket] of [...this.#sockets]) this.#abandon(path, socket)
  }

  #now(): number {
    return this.#options.agenda.now()
  }

  // A handler of an event may call back in: it only adds to what the loop below goes on to take out.
  #drain(): void {
    if (this.#isDraining) return
    this.#isDraining = true
    try {
      for (;;) {
        while (this.#session.pollTransmit(this.#out)) this.#transmit()
        const event = this.#session.pollEvent()
        if (event === undefined) break
        this.#handle(event)
      }
    } finally {
      this.#isDraining = false
    }
    if (!this.#isClosed) this.#alarm.set(this.#session.pollTimeout())
  }

  #transmit(): void {
    const socket = this.#sockets.get(this.#out.path)
    if (socket?.readyState !== SOCKET_OPEN) return
    socket.send(this.#out.bytes.slice(this.#out.start, this.#out.end))
  }

  #handle(event: SealedEvent): void {
    if (event.type === 'connect') this.#connect()
    else if (event.type === 'disconnect') {
      const socket = this.#sockets.get(event.path)
      if (socket !== undefined) this.#abandon(event.path, socket)
    } else if (!this.#isClosed) this.#options.onEvent(event)
  }

  #connect(): void {
    if (this.#isClosed) return
    // An attempt that still hangs is given up without a word.
    for (const [path, socket] of [...this.#sockets]) {
      if (socket.readyState !== SOCKET_OPEN) this.#abandon(path, socket)
    }
    const path = this.#nextPath
    this.#nextPath += 1
    const socket = new this.#options.Socket(this.#url, signalingSubprotocol)
    socket.binaryType = 'arraybuffer'
    this.#sockets.set(path, socket)
    socket.onopen = () => {
      this.#session.handleOpen(path, undefined, this.#now())
      this.#drain()
    }
    socket.onmessage = ({ data }) => {
      // A text frame is no message of this protocol; empty bytes are refused by the session like any other garbage.
      const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(0)
      this.#session.handleDatagram({ bytes, start: 0, end: bytes.length, path }, this.#now())
      this.#drain()
    }
    socket.onclose = () => {
      this.#forget(path, socket)
      this.#session.handleClose(path, this.#now())
      this.#drain()
    }
  }

  #abandon(path: PathId, socket: SocketLike): void {
    this.#forget(path, socket)
    socket.close()
  }

  #forget(path: PathId, socket: SocketLike): void {
    this.#sockets.delete(path)
    socket.onopen = null
    socket.onmessage = null
    socket.onclose = null
  }
}

function socketUrl(server: URL): string {
  const url = new URL(signalingPath, server)
  url.protocol = url.protocol === 'http:' || url.protocol === 'ws:' ? 'ws:' : 'wss:'
  return url.href
}
