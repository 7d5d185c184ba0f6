import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { formatAddress, parseAddress, type TransportAddress } from '@crowfly/sansio'
import { systemCode } from './node-io-error.ts'
import { plainBytes } from './plain-bytes.ts'
import type { UdpCounters } from './udp-sockets.ts'
import { widenReceiveBuffer } from './udp-sockets.ts'

/** A datagram between a relayed address and one of its peers: `bytes[start..end)`, borrowed like a `Datagram`. */
export interface PeerDatagram {
  bytes: Uint8Array
  start: number
  end: number
  /** The relayed address, by its owner's number for it. */
  relay: number
  peer: TransportAddress
}

/** Settings of `RelaySockets`. */
export interface RelaySocketsOptions {
  /** Takes a datagram from a peer, borrowed until it returns: hand it to the machine and settle the drive. */
  receive(datagram: PeerDatagram): void
  /** No socket could be bound for `relay`, or its socket failed for good: it is closed. `code` is the system's. */
  failed(relay: number, code: string): void
}

/**
 * One UDP socket for each relayed address that is open, on `node:dgram`. Peers are told apart by the datagrams'
 * source; nothing is connected, since one relayed address has many peers.
 */
export class RelaySockets {
  readonly counters: UdpCounters = { received: 0, sent: 0, dropped: 0 }
  readonly #options: RelaySocketsOptions
  readonly #sockets = new Map<number, Socket>()
  readonly #input: PeerDatagram = {
    bytes: new Uint8Array(0),
    start: 0,
    end: 0,
    relay: 0,
    peer: { family: 4, address: new Uint8Array(4), port: 0 },
  }

  constructor(options: RelaySocketsOptions) {
    this.#options = options
  }

  /** Relayed addresses that are open, or being opened. */
  get size(): number {
    return this.#sockets.size
  }

  /** Binds a socket for `relay`. What is sent by it at once waits for that; `failed` says when it can not be bound. */
  open(relay: number, { family, address, port }: TransportAddress): void {
    this.close(relay)
    const socket = createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      ipv6Only: family === 6,
      // Addresses here are literals: answering at once binds within this call, and spares sends a turn of the loop.
      lookup: (hostname, _options, callback) => callback(null, hostname, family),
    })
    this.#sockets.set(relay, socket)
    let isBound = false
    socket.on('error', (error) => {
      if (isBound) {
        // A send that the system refused (no route, a firewall): the network would have dropped it as silently.
        this.counters.dropped++
      } else if (this.#sockets.get(relay) === socket) {
        this.close(relay)
        this.#options.failed(relay, systemCode(error))
      }
    })
    socket.on('message', (message, remote) => this.#receive(relay, socket, family, message, remote))
    socket.bind({ address: formatAddress(address), port, exclusive: true }, () => {
      isBound = true
      widenReceiveBuffer(socket)
    })
  }

  /** Sends to a peer. Dropped when the relayed address is closed, as a network would. */
  transmit(output: PeerDatagram): void {
    const socket = this.#sockets.get(output.relay)
    const { address, port } = output.peer
    // Node throws at port 0.
    if (socket === undefined || port === 0) {
      this.counters.dropped++
      return
    }
    // The system may keep the bytes until it has room, and the machine writes over them: copy.
    const bytes = Buffer.allocUnsafe(output.end - output.start)
    bytes.set(output.bytes.subarray(output.start, output.end))
    this.counters.sent++
    socket.send(bytes, port, formatAddress(address))
  }

  /** Closes the socket of `relay`; nothing happens if there is none. */
  close(relay: number): void {
    const socket = this.#sockets.get(relay)
    if (socket === undefined) return
    this.#sockets.delete(relay)
    socket.close()
  }

  /** Closes all sockets. */
  closeAll(): void {
    for (const relay of [...this.#sockets.keys()]) this.close(relay)
  }

  #receive(relay: number, socket: Socket, family: 4 | 6, message: Buffer, remote: RemoteInfo): void {
    const address = parseAddress(remote.address)
    // The number may have been given to another one since.
    if (address === undefined || remote.port === 0 || this.#sockets.get(relay) !== socket) {
      this.counters.dropped++
      return
    }
    this.counters.received++
    const input = this.#input
    input.bytes = plainBytes(message)
    input.start = 0
    input.end = message.length
    input.relay = relay
    input.peer = { family, address, port: remote.port }
    this.#options.receive(input)
  }
}
