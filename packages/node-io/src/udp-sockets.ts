import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import {
  type Datagram,
  formatAddress,
  type PathId,
  type PathTable,
  parseAddress,
  type TransportAddress,
} from '@crowfly/sansio'
import { NodeIoError } from './node-io-error.ts'
import { plainBytes } from './plain-bytes.ts'

/** Settings of `UdpSockets`. */
export interface UdpSocketsOptions {
  /** Where the path of each datagram is interned. */
  paths: PathTable
  /** Takes a datagram, borrowed until it returns: hand it to the machine and settle the drive. */
  receive(datagram: Datagram): void
}

/** One bound UDP socket. */
export interface UdpSocket {
  /** As it was asked for, with the zone of a link-local address. */
  readonly address: string
  readonly port: number
  close(): void
}

/** What went by, for logs and metrics. */
export interface UdpCounters {
  received: number
  sent: number
  /** Datagrams that no path could be found for, or that came from port 0, and sends that the system refused. */
  dropped: number
}

interface BoundSocket extends UdpSocket {
  readonly local: TransportAddress
  readonly socket: Socket
}

/**
 * The UDP sockets of one machine, on `node:dgram`: portable, one datagram a system call.
 *
 * Each socket is bound to one address and a reply goes out of the socket that the datagram came in by, so it
 * always leaves from the address that was asked. A socket on a wildcard address could not promise that.
 */
export class UdpSockets {
  readonly counters: UdpCounters = { received: 0, sent: 0, dropped: 0 }
  readonly #options: UdpSocketsOptions
  readonly #sockets = new Set<BoundSocket>()
  /** By path, the socket that it was last seen on; evicted ids are overwritten. */
  readonly #socketOfPath: BoundSocket[] = []
  readonly #input: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: 0 }
  /** The datagram being received: answering it needs no address to be formatted, and keeps its zone. */
  #current: { path: PathId; remote: RemoteInfo } | undefined

  constructor(options: UdpSocketsOptions) {
    this.#options = options
  }

  /**
   * Binds a socket to one local address; port 0 takes any free one. Rejects with the system's error
   * (`EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`), or `NodeIoError` `NODE_IO_ADDRESS` when `address` is not one.
   */
  async bind(address: string, port: number): Promise<UdpSocket> {
    const bytes = parseAddress(address)
    if (bytes === undefined) throw new NodeIoError('NODE_IO_ADDRESS', `"${address}" is not an IP address`)
    const family = isIPv6(address) ? 6 : 4
    const socket = createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      ipv6Only: family === 6,
      // Addresses here are literals: answering at once spares each send a turn of the event loop.
      lookup: (hostname, _options, callback) => callback(null, hostname, family),
    })
    await new Promise<void>((resolve, reject) => {
      socket.once('error', (error) => {
        socket.close()
        reject(error)
      })
      socket.bind({ address, port, exclusive: true }, resolve)
    })
    socket.removeAllListeners('error')
    widenReceiveBuffer(socket)
    return this.#add(socket, address, { family, address: bytes, port: socket.address().port })
  }

  /** Sends a datagram on its path. Dropped when the path's socket is closed, as a network would. */
  transmit(output: Datagram): void {
    const bound = this.#socketOfPath[output.path]
    if (bound === undefined || !this.#sockets.has(bound)) {
      this.counters.dropped++
      return
    }
    // The system may keep the bytes until it has room, and the machine writes over them: copy.
    const bytes = Buffer.allocUnsafe(output.end - output.start)
    bytes.set(output.bytes.subarray(output.start, output.end))
    this.counters.sent++
    if (this.#current?.path === output.path) {
      bound.socket.send(bytes, this.#current.remote.port, this.#current.remote.address)
      return
    }
    const remote = this.#options.paths.remote(output.path)
    const zone = bound.address.includes('%') ? bound.address.slice(bound.address.indexOf('%')) : ''
    bound.socket.send(bytes, remote.port, formatAddress(remote.address) + zone)
  }

  /** Closes all sockets. */
  close(): void {
    for (const socket of this.#sockets) socket.close()
  }

  #add(socket: Socket, address: string, local: TransportAddress): UdpSocket {
    const bound: BoundSocket = {
      address,
      port: local.port,
      local,
      socket,
      close: () => {
        if (this.#sockets.delete(bound)) socket.close()
      },
    }
    this.#sockets.add(bound)
    socket.on('message', (message, remote) => this.#receive(bound, message, remote))
    // A send that the system refused (no route, a firewall): the network would have dropped it as silently.
    socket.on('error', () => {
      this.counters.dropped++
    })
    return bound
  }

  #receive(bound: BoundSocket, message: Buffer, remote: RemoteInfo): void {
    const address = parseAddress(remote.address)
    // RFC 768 lets a sender leave its port out. Nothing can be sent to port 0, and Node throws when it is tried.
    if (address === undefined || remote.port === 0) {
      this.counters.dropped++
      return
    }
    const { family } = bound.local
    const path = this.#options.paths.intern('udp', bound.local, { family, address, port: remote.port })
    if (path < 0) {
      this.counters.dropped++
      return
    }
    this.counters.received++
    this.#socketOfPath[path] = bound
    this.#current = { path, remote }
    const input = this.#input
    input.bytes = plainBytes(message)
    input.start = 0
    input.end = message.length
    input.path = path
    this.#options.receive(input)
    this.#current = undefined
  }
}

/** Bytes; the system grants what it allows. A datagram of 20 bytes takes up some 800 of them. */
const receiveBufferBytes = 2 ** 21

/** Asks for room in which a burst waits while the process is busy. */
export function widenReceiveBuffer(socket: Socket): void {
  try {
    socket.setRecvBufferSize(receiveBufferBytes)
  } catch {
    // A system that refuses instead of granting less: its default stays.
  }
}
