import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { type Drive, drive, nodeCrypto, nodeRandom, plainBytes } from '@crowfly/node-io'
import type { Datagram, PathId } from '@crowfly/sansio'
import {
  type ClientConnection,
  defaultSignalingLimits,
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
import { PollEndpoint } from './poll-endpoint.ts'
import type { ServerSettings } from './settings.ts'
import { type Refusal, SignalAdmission } from './signal-admission.ts'
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

/** A connection that is made of requests; `path` is -1 once the machine knows it no more. */
interface PolledConnection {
  readonly link: PathId
  path: PathId
}

/** The signaling endpoint: carries frames between browsers and the machine, over WebSockets and polls. */
export class SignalService {
  readonly #options: SignalServiceOptions
  readonly #machine: SignalingServer
  readonly #drive: Drive
  readonly #webSockets: Server<typeof SignalSocket>
  /** By path; ids of connections that have gone are used again. */
  readonly #connections: (SignalSocket | PolledConnection | undefined)[] = []
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
    received: (socket, message, isBinary) => this.#receiveFromSocket(socket, message, isBinary),
    closed: (socket) => {
      this.#closing.delete(socket)
      this.#forget(socket)
    },
  }
  readonly #admission: SignalAdmission
  readonly #polls: PollEndpoint
  /** The polled ones, by the endpoint's number. */
  readonly #byLink: (PolledConnection | undefined)[] = []
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
    this.#admission = new SignalAdmission(options.settings, options.log)
    const { limits, signalingLimits } = options.settings
    this.#polls = new PollEndpoint({
      limits: {
        ...limits,
        maxConnections: signalingLimits.maxConnections ?? defaultSignalingLimits.maxConnections,
      },
      admission: this.#admission,
      owner: {
        opened: (link, client) => this.#openPolled(link, client),
        received: (link, bytes) => this.#receive(this.#byLink[link]?.path ?? -1, bytes),
        closed: (link) => {
          const connection = this.#byLink[link]
          if (connection) this.#forget(connection)
        },
      },
      log: options.log,
    })
  }

  /** Connections open now, over WebSockets and polls. */
  get size(): number {
    return this.#connections.length - this.#freePaths.length + this.#closing.size
  }

  /** Takes a request to change protocols, or refuses it with a sentence. */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const client = this.#refusalOf(request) ?? this.#admission.admit(request)
    if ('status' in client) {
      this.#options.log.debug({ status: client.status }, `refused a WebSocket: ${client.sentence}`)
      refuse(socket, client)
      return
    }
    this.#webSockets.handleUpgrade(request, socket, head, (opened) => {
      const path = this.#open(opened, client)
      opened.attach(this.#owner, path, socket)
      this.#drive.settle()
    })
  }

  /** Answers a request of a polled connection. */
  poll(request: IncomingMessage, response: ServerResponse): void {
    this.#polls.handle(request, response)
  }

  /** Tells all clients that the server stops, and closes their connections. Resolves when they are closed. */
  async close(): Promise<void> {
    this.#isStopping = true
    this.#machine.shutdown(this.#drive.now())
    this.#drive.settle()
    for (const connection of this.#connections) if (connection) this.#dismiss(connection)
    await Promise.all([
      this.#polls.stop(),
      ...Array.from(this.#closing, (socket) => new Promise((resolve) => socket.once('close', resolve))),
    ])
    this.#drive.stop()
  }

  #refusalOf(request: IncomingMessage): Refusal | undefined {
    if (this.#isStopping) return { status: 503, sentence: 'The server is stopping.' }
    if (pathOf(request) !== signalingPath)
      return { status: 404, sentence: `WebSockets are answered at ${signalingPath} only.` }
    const protocols = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim())
    if (!protocols?.includes(signalingSubprotocol))
      return { status: 400, sentence: `The subprotocol ${signalingSubprotocol} has to be offered.` }
    return undefined
  }

  /** Tells the machine of a connection; the caller settles. Returns its path. */
  #open(connection: SignalSocket | PolledConnection, client: ClientConnection): PathId {
    const path = this.#freePaths.pop() ?? this.#connections.length
    this.#connections[path] = connection
    this.#machine.handleOpen(path, client, this.#drive.now())
    return path
  }

  #openPolled(link: PathId, client: ClientConnection): void {
    const connection: PolledConnection = { link, path: -1 }
    this.#byLink[link] = connection
    connection.path = this.#open(connection, { ...client, isPolled: true })
    this.#drive.settle()
  }

  #receiveFromSocket(socket: SignalSocket, message: Buffer, isBinary: boolean): void {
    if (isBinary) this.#receive(socket.path, plainBytes(message))
    else if (socket.path >= 0) socket.close(closeUnsupportedData, 'binary messages only')
  }

  #receive(path: PathId, bytes: Uint8Array): void {
    if (path < 0) return
    const input = this.#input
    input.bytes = bytes
    input.start = 0
    input.end = bytes.length
    input.path = path
    this.#machine.handleDatagram(input, this.#drive.now())
    this.#drive.settle()
  }

  #transmit(output: Datagram): void {
    const connection = this.#connections[output.path]
    if (connection === undefined) return
    // The machine never writes to these bytes again: they may wait without a copy.
    const { bytes, start, end } = output
    if (connection instanceof SignalSocket) {
      this.#hold(connection)
      connection.send(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start), sendOptions)
    } else this.#polls.send(connection.link, bytes.subarray(start, end))
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
    const connection = this.#connections[event.path]
    if (connection) this.#dismiss(connection)
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
  #dismiss(connection: SignalSocket | PolledConnection): void {
    if (connection instanceof SignalSocket) {
      this.#closing.add(connection)
      connection.close(closeGoingAway)
    } else this.#polls.close(connection.link)
    this.#forget(connection)
  }

  #forget(connection: SignalSocket | PolledConnection): void {
    const { path } = connection
    if (path < 0) return
    if (connection instanceof SignalSocket) connection.detach()
    else {
      connection.path = -1
      this.#byLink[connection.link] = undefined
    }
    this.#connections[path] = undefined
    this.#machine.handleClose(path, this.#drive.now())
    this.#drive.settle()
    this.#freePaths.push(path)
  }
}

function refuse(socket: Socket, { status, sentence }: Refusal): void {
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
