import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { type Drive, drive, nodeCrypto, nodeRandom, plainBytes, unmapped } from '@crowfly/node-io'
import { type Datagram, type PathId, parseAddress } from '@crowfly/sansio'
import {
  type ClientConnection,
  type IceClient,
  type IceServersFor,
  SignalingServer,
  type SignalingServerEvent,
  signalingPath,
  signalingSubprotocol,
} from '@crowfly/signaling'
import { type Server, type ServerOptions, WebSocketServer } from 'ws'
import { type Authorize, mayEnter } from './authorize-hook.ts'
import { pathOf } from './http-service.ts'
import type { Log } from './log.ts'
import { RefusedOrigins } from './refused-origins.ts'
import { isOriginAllowed, parseHost } from './request-origin.ts'
import type { ServerSettings } from './settings.ts'
import { SignalSocket, type SignalSocketOwner } from './signal-socket.ts'

/** The longest message that is taken from a client; the protocol's own bound is below it. */
const maxPayloadBytes = 131_072

/** How long a closing handshake may take before the connection is cut. */
const closeTimeoutMs = 1_000

const sendOptions = { binary: true, compress: false }

// RFC 6455 §7.4.1
const closeGoingAway = 1001
const closeUnsupportedData = 1003

/** Settings of a `SignalService`. */
export interface SignalServiceOptions {
  settings: Pick<ServerSettings, 'limits' | 'origins' | 'signalingLimits' | 'trustedProxies'>
  tokenKey: Uint8Array
  iceServers: IceServersFor
  /** Milliseconds for which what `iceServers` gives can be used. */
  iceLifetimeMs: number
  /** Somebody is in their room no more: they left, or the server has given them up. */
  memberLeft(client: IceClient, reason: 'left' | 'expired'): void
  /** Asked before anybody enters; undefined: everybody may. */
  authorize: Authorize | undefined
  log: Log
}

/** The WebSocket endpoint: carries frames between browsers and the signaling machine. */
export class SignalService {
  readonly #options: SignalServiceOptions
  readonly #machine: SignalingServer
  readonly #drive: Drive
  readonly #webSockets: Server<typeof SignalSocket>
  /** By path; ids of connections that have gone are used again. */
  readonly #sockets: (SignalSocket | undefined)[] = []
  readonly #freePaths: PathId[] = []
  /** Those that the machine has forgotten and that are not closed yet. */
  readonly #closing = new Set<SignalSocket>()
  /**
   * Those whose writes are held until everything that has arrived by now has been heard, so that all frames to one
   * client are one system call.
   */
  readonly #held = new Set<SignalSocket>()
  readonly #input: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: 0 }
  readonly #owner: SignalSocketOwner = {
    received: (socket, message, isBinary) => this.#receive(socket, message, isBinary),
    closed: (socket) => {
      this.#closing.delete(socket)
      this.#forget(socket)
    },
  }
  readonly #refusedOrigins = new RefusedOrigins()
  #isStopping = false

  constructor(options: SignalServiceOptions) {
    this.#options = options
    this.#machine = new SignalingServer({
      random: nodeRandom,
      crypto: nodeCrypto,
      tokenKey: options.tokenKey,
      limits: options.settings.signalingLimits,
      iceServers: options.iceServers,
      iceLifetimeMs: options.iceLifetimeMs,
      isGuarded: options.authorize !== undefined,
    })
    this.#drive = drive<SignalingServerEvent>(this.#machine, {
      transmit: (output) => this.#transmit(output),
      event: (event) => this.#handleEvent(event),
    })
    // `closeTimeout` is younger than the published types.
    const webSocketOptions: ServerOptions<typeof SignalSocket> & { closeTimeout: number } = {
      WebSocket: SignalSocket,
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: maxPayloadBytes,
      closeTimeout: closeTimeoutMs,
      handleProtocols: () => signalingSubprotocol,
    }
    this.#webSockets = new WebSocketServer(webSocketOptions)
  }

  /** WebSocket connections open now. */
  get size(): number {
    return this.#sockets.length - this.#freePaths.length + this.#closing.size
  }

  /** Takes a request to change protocols, or refuses it with a sentence. */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const host = parseHost(request.headers.host)?.host
    const refusal = this.#refusalOf(request, host)
    const client = refusal ? undefined : this.#clientOf(request, host ?? '')
    if (client === undefined) {
      const [status, sentence] = refusal ?? [400, 'The connection is gone.']
      this.#options.log.debug({ status }, `refused a WebSocket: ${sentence}`)
      refuse(socket, status, sentence)
      return
    }
    this.#webSockets.handleUpgrade(request, socket, head, (opened) => this.#accept(opened, socket, client))
  }

  /** Tells all clients that the server stops, and closes their connections. Resolves when they are closed. */
  async close(): Promise<void> {
    this.#isStopping = true
    this.#machine.shutdown(this.#drive.now())
    this.#drive.settle()
    for (const socket of this.#sockets) if (socket) this.#dismiss(socket)
    await Promise.all(
      Array.from(this.#closing, (socket) => new Promise((resolve) => socket.once('close', resolve))),
    )
    this.#drive.stop()
  }

  #refusalOf(request: IncomingMessage, host: string | undefined): [number, string] | undefined {
    if (this.#isStopping) return [503, 'The server is stopping.']
    if (pathOf(request) !== signalingPath) return [404, `WebSockets are answered at ${signalingPath} only.`]
    if (host === undefined) return [400, 'The Host header names no host.']
    const { origin } = request.headers
    if (!isOriginAllowed(origin, request.headers.host, this.#options.settings.origins)) {
      this.#refusedOrigins.note(origin ?? '', host, this.#options.log)
      return [
        403,
        `Pages of ${origin} may not connect here. The server's operator can allow it with --origin.`,
      ]
    }
    const protocols = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim())
    if (!protocols?.includes(signalingSubprotocol)) {
      return [400, `The subprotocol ${signalingSubprotocol} has to be offered.`]
    }
    return undefined
  }

  #clientOf(request: IncomingMessage, host: string): ClientConnection | undefined {
    const bytes = parseAddress(request.socket.remoteAddress ?? '')
    if (bytes === undefined) return undefined
    const peer = unmapped(bytes, request.socket.remotePort ?? 0)
    const forwarded = request.headers['x-forwarded-for']
    const forwardedFor = Array.isArray(forwarded) ? forwarded.join(',') : forwarded
    return { address: this.#options.settings.trustedProxies.clientOf(peer, forwardedFor), host }
  }

  #accept(socket: SignalSocket, stream: Socket, client: ClientConnection): void {
    const path = this.#freePaths.pop() ?? this.#sockets.length
    this.#sockets[path] = socket
    socket.attach(this.#owner, path, stream)
    this.#machine.handleOpen(path, client, this.#drive.now())
    this.#drive.settle()
  }

  #receive(socket: SignalSocket, message: Buffer, isBinary: boolean): void {
    if (socket.path < 0) return
    if (!isBinary) {
      socket.close(closeUnsupportedData, 'binary messages only')
      return
    }
    const input = this.#input
    input.bytes = plainBytes(message)
    input.start = 0
    input.end = message.length
    input.path = socket.path
    this.#machine.handleDatagram(input, this.#drive.now())
    this.#drive.settle()
  }

  #transmit(output: Datagram): void {
    const socket = this.#sockets[output.path]
    if (socket === undefined) return
    this.#hold(socket)
    // The machine never writes to these bytes again: they may wait in the socket without a copy.
    const { bytes, start, end } = output
    socket.send(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start), sendOptions)
  }

  #hold(socket: SignalSocket): void {
    if (this.#held.has(socket)) return
    if (this.#held.size === 0) setImmediate(() => this.#releaseAll())
    this.#held.add(socket)
    socket.hold()
  }

  #releaseAll(): void {
    for (const socket of this.#held) {
      socket.release()
      if (socket.bufferedAmount <= this.#options.settings.limits.maxBufferedBytes) continue
      this.#options.log.debug('cut a connection whose client does not read')
      socket.terminate()
    }
    this.#held.clear()
  }

  #handleEvent(event: SignalingServerEvent): void {
    if (event.type === 'memberLeft') {
      this.#options.memberLeft(event, event.reason)
      return
    }
    if (event.type === 'authorize') {
      void this.#authorize(event)
      return
    }
    const socket = this.#sockets[event.path]
    if (socket) this.#dismiss(socket)
  }

  async #authorize(event: Extract<SignalingServerEvent, { type: 'authorize' }>): Promise<void> {
    const { authorize, log } = this.#options
    const { id, action, nameplate: room, authorization } = event
    const isAllowed =
      authorize === undefined || (await mayEnter(authorize, { action, room, authorization }, log))
    this.#machine.handleAuthorized(id, isAllowed, this.#drive.now())
    this.#drive.settle()
  }

  /** Closes a connection that the machine is to forget now: a dead one never answers the closing handshake. */
  #dismiss(socket: SignalSocket): void {
    this.#closing.add(socket)
    socket.close(closeGoingAway)
    this.#forget(socket)
  }

  #forget(socket: SignalSocket): void {
    const { path } = socket
    if (path < 0) return
    socket.detach()
    this.#sockets[path] = undefined
    this.#machine.handleClose(path, this.#drive.now())
    this.#drive.settle()
    this.#freePaths.push(path)
  }
}

function refuse(socket: Socket, status: number, sentence: string): void {
  const body = `${sentence}\n`
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  socket.once('finish', () => socket.destroy())
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
