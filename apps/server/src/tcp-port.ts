import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls'
import { unmapped } from '@crowfly/node-io'
import { parseAddress } from '@crowfly/sansio'
import { AddressCount } from './address-count.ts'
import type { TlsIdentity } from './certificate.ts'
import { type Carried, peek } from './peek.ts'
import type { ServerLimits } from './server-limits.ts'
import type { TrustedProxies } from './trusted-proxies.ts'

/** Settings of a `TcpPort`. */
export interface TcpPortOptions {
  /** Undefined: TLS is not served. */
  identity: TlsIdentity | undefined
  /** Whether connections without TLS are closed. */
  isTlsOnly?: boolean
  limits: ServerLimits
  trustedProxies: TrustedProxies
  /** Takes a connection with HTTP on it; undefined: such connections are closed. */
  http: ((socket: Socket) => void) | undefined
  stun(socket: Socket, transport: 'tcp' | 'tls'): void
}

/**
 * One TCP port for everything: HTTP, TLS, and STUN with TURN, told apart by a connection's first bytes; within TLS,
 * HTTP and STUN again.
 */
export class TcpPort {
  readonly #options: TcpPortOptions
  /** With their ports. */
  readonly #listeners = new Map<Server, number>()
  readonly #tls: TlsServer | undefined
  readonly #sockets = new Set<Socket>()
  readonly #perAddress = new AddressCount()

  constructor(options: TcpPortOptions) {
    this.#options = options
    if (options.identity) this.#tls = this.#createTls(options.identity)
  }

  /**
   * Listens on one address, or on all when it is undefined; port 0 takes any free one. Resolves to the port, rejects
   * with the system's error.
   */
  async listen(address: string | undefined, port: number): Promise<number> {
    if (address !== undefined) return this.#listen({ host: address, port })
    try {
      return await this.#listen({ host: '::', port })
    } catch (error) {
      // A system without IPv6.
      const isWithout = error instanceof Error && /EAFNOSUPPORT|EADDRNOTAVAIL/.test(error.message)
      if (!isWithout) throw error
      return this.#listen({ host: '0.0.0.0', port })
    }
  }

  /** Serves new TLS connections with another certificate. Throws what `node:tls` throws at a wrong one. */
  setIdentity(identity: TlsIdentity): void {
    this.#tls?.setSecureContext(identity)
  }

  /** Stops listening, on this port or on all. Connections stay. */
  stopListening(port?: number): void {
    for (const [listener, its] of this.#listeners) {
      if (port !== undefined && port !== its) continue
      listener.close()
      this.#listeners.delete(listener)
    }
  }

  /** Stops listening and ends all connections at once. */
  close(): void {
    this.stopListening()
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Connections open now. */
  get size(): number {
    return this.#sockets.size
  }

  async #listen(where: { host: string; port: number }): Promise<number> {
    // As node:http has it: a client may end its side once its request is sent.
    const listener = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket))
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject)
      listener.listen({ ...where, exclusive: true, backlog: 1024 }, resolve)
    })
    listener.removeAllListeners('error')
    // Out of file descriptors, most likely: this connection is lost, the listener is not.
    listener.on('error', () => undefined)
    const bound = listener.address()
    const port = typeof bound === 'object' && bound !== null ? bound.port : where.port
    this.#listeners.set(listener, port)
    return port
  }

  #accept(socket: Socket): void {
    const { limits, trustedProxies } = this.#options
    const bytes = parseAddress(socket.remoteAddress ?? '')
    if (bytes === undefined || this.#sockets.size >= limits.maxTcpConnections) {
      socket.destroy()
      return
    }
    const remote = unmapped(bytes, socket.remotePort ?? 0)
    const most = trustedProxies.has(remote) ? Number.POSITIVE_INFINITY : limits.maxTcpConnectionsPerAddress
    const network = this.#perAddress.take(remote.address, most)
    if (network === undefined) {
      socket.destroy()
      return
    }
    this.#sockets.add(socket)
    socket.on('error', destroy)
    socket.on('close', () => {
      this.#sockets.delete(socket)
      this.#perAddress.release(network)
    })
    peek(socket, limits.firstBytesTimeoutMs, (carried, seen) => {
      if (carried === 'tls' && this.#tls) {
        // TLS takes what is given back, and reads on, by itself.
        socket.pause()
        socket.unshift(seen)
        this.#tls.emit('connection', socket)
      } else if (this.#options.isTlsOnly) {
        socket.destroy()
      } else {
        this.#hand(socket, carried, seen, 'tcp')
      }
    })
  }

  #createTls(identity: TlsIdentity): TlsServer {
    // No ALPN list: given one, Node refuses every client that offers only others (`stun.turn`, RFC 7443). Without
    // it the offer is passed over and the first bytes decide, as they do outside TLS.
    // DEVIATION: Node's cipher suites have none with DHE, as RFC 8489 §6.2.3 wants one and RFC 9325 §4.1 none.
    const server = createTlsServer({
      cert: identity.cert,
      key: identity.key,
      handshakeTimeout: this.#options.limits.firstBytesTimeoutMs,
    })
    server.on('tlsClientError', (_error, socket) => socket.destroy())
    server.on('secureConnection', (socket) => {
      socket.on('error', destroy)
      peek(socket, this.#options.limits.firstBytesTimeoutMs, (carried, seen) =>
        this.#hand(socket, carried, seen, 'tls'),
      )
    })
    return server
  }

  #hand(socket: Socket, carried: Carried, seen: Buffer, transport: 'tcp' | 'tls'): void {
    if (carried === 'stun') this.#options.stun(socket, transport)
    else if (this.#options.http) this.#options.http(socket)
    else socket.destroy()
    // To the listener that was added just now, at once: `unshift` would take them through the stream's buffer.
    socket.emit('data', seen)
  }
}

/** One for all sockets: it is called on them. */
function destroy(this: Socket): void {
  this.destroy()
}
