import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { type Drive, drive, nodeCrypto, nodeRandom, plainBytes, unmapped } from '@crowfly/node-io'
import { type Datagram, type PathId, parseAddress } from '@crowfly/sansio'
import {
  type ClientConnection,
  type IceServer,
  SignalingServer,
  type SignalingServerEvent,
  signalingPath,
  signalingSubprotocol,
} from '@crowfly/signaling'
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws'
import { pathOf } from './http-service.ts'
import type { Log } from './log.ts'
import { isOriginAllowed, parseHost } from './request-origin.ts'
import type { ServerSettings } from './settings.ts'

/** The longest message that is taken from a client; the protocol's own bound is below it. */
const maxPayloadBytes = 131_072

/** How long a closing handshake may take before the connection is cut. */
const closeTimeoutMs = 1_000

// RFC 6455 §7.4.1
const closeGoingAway = 1001
const closeUnsupportedData = 1003

/** Settings of a `SignalService`. */
export interface SignalServiceOptions {
  settings: Pick<ServerSettings, 'limits' | 'origins' | 'signalingLimits' | 'trustedProxies'>
  tokenKey: Uint8Array
  iceServers(host: string): readonly IceServer[]
  log: Log
}

/** The WebSocket endpoint: carries frames between browsers and the signaling machine. */
export class SignalService {
  readonly #options: SignalServiceOptions
  readonly #machine: SignalingServer
  readonly #drive: Drive
  readonly #webSockets: WebSocketServer
  /** By path; ids of connections that have gone are used again. */
  readonly #connections: (WebSocket | undefined)[] = []
  /** By path, what the WebSocket writes to. */
  readonly #sockets: (Socket | undefined)[] = []
  /** Those whose writes are held until the end of this turn, so that all frames to one client are one system call. */
  readonly #corked = new Set<Socket>()
  readonly #freePaths: PathId[] = []
  readonly #input: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: 0 }
  /** All that are not closed yet, those that the machine has forgotten too. */
  readonly #open = new Set<WebSocket>()
  #isStopping = false

  constructor(options: SignalServiceOptions) {
    this.#options = options
    this.#machine = new SignalingServer({
      random: nodeRandom,
      crypto: nodeCrypto,
      tokenKey: options.tokenKey,
      limits: options.settings.signalingLimits,
      iceServers: options.iceServers,
    })
    this.#drive = drive<SignalingServerEvent>(this.#machine, {
      transmit: (output) => this.#transmit(output),
      event: (event) => this.#handleEvent(event),
    })
    // `closeTimeout` is younger than the published types.
    const webSocketOptions: ServerOptions & { closeTimeout: number } = {
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
    return this.#open.size
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
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) =>
      this.#accept(webSocket, socket, client),
    )
  }

  /** Tells all clients that the server stops, and closes their connections. Resolves when they are closed. */
  async close(): Promise<void> {
    this.#isStopping = true
    this.#machine.shutdown(this.#drive.now())
    this.#drive.settle()
    await Promise.all(
      Array.from(this.#open, (webSocket) => {
        webSocket.close(closeGoingAway)
        return new Promise((resolve) => webSocket.once('close', resolve))
      }),
    )
    this.#drive.stop()
  }

  #refusalOf(request: IncomingMessage, host: string | undefined): [number, string] | undefined {
    if (this.#isStopping) return [503, 'The server is stopping.']
    if (pathOf(request) !== signalingPath) return [404, `WebSockets are answered at ${signalingPath} only.`]
    if (host === undefined) return [400, 'The Host header names no host.']
    const { origin } = request.headers
    if (!isOriginAllowed(origin, request.headers.host, this.#options.settings.origins)) {
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

  #accept(webSocket: WebSocket, socket: Socket, client: ClientConnection): void {
    const path = this.#freePaths.pop() ?? this.#connections.length
    this.#connections[path] = webSocket
    this.#sockets[path] = socket
    this.#open.add(webSocket)
    webSocket.on('message', (message: Buffer, isBinary) => this.#receive(path, webSocket, message, isBinary))
    webSocket.on('error', () => webSocket.terminate())
    webSocket.on('close', () => {
      this.#open.delete(webSocket)
      this.#forget(path, webSocket)
    })
    this.#machine.handleOpen(path, client, this.#drive.now())
    this.#drive.settle()
  }

  #receive(path: PathId, webSocket: WebSocket, message: Buffer, isBinary: boolean): void {
    if (this.#connections[path] !== webSocket) return
    if (!isBinary) {
      webSocket.close(closeUnsupportedData, 'binary messages only')
      return
    }
    const input = this.#input
    input.bytes = plainBytes(message)
    input.start = 0
    input.end = message.length
    input.path = path
    this.#machine.handleDatagram(input, this.#drive.now())
    this.#drive.settle()
  }

  #transmit(output: Datagram): void {
    const webSocket = this.#connections[output.path]
    if (webSocket === undefined) return
    this.#cork(this.#sockets[output.path])
    // The machine never writes to these bytes again: they may wait in the socket without a copy.
    webSocket.send(output.bytes.subarray(output.start, output.end), { binary: true, compress: false })
    if (webSocket.bufferedAmount > this.#options.settings.limits.maxBufferedBytes) {
      this.#options.log.debug('ended a connection whose client does not read')
      webSocket.terminate()
    }
  }

  #cork(socket: Socket | undefined): void {
    if (socket === undefined || this.#corked.has(socket)) return
    if (this.#corked.size === 0) process.nextTick(() => this.#uncork())
    this.#corked.add(socket)
    socket.cork()
  }

  #uncork(): void {
    for (const socket of this.#corked) socket.uncork()
    this.#corked.clear()
  }

  #handleEvent(event: SignalingServerEvent): void {
    const webSocket = this.#connections[event.path]
    if (webSocket === undefined) return
    // A dead connection never answers the closing handshake: the machine forgets it now, and it is cut shortly after.
    webSocket.close(closeGoingAway)
    this.#forget(event.path, webSocket)
  }

  #forget(path: PathId, webSocket: WebSocket): void {
    if (this.#connections[path] !== webSocket) return
    this.#connections[path] = undefined
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
