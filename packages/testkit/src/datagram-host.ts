import {
  equalTransportAddress,
  type Machine,
  type Millis,
  type PathId,
  PathTable,
  type TransportAddress,
} from '@crowfly/sansio'
import { lend } from './borrowed-input.ts'
import { type Drive, drive } from './drive.ts'
import type { VirtualNetwork, VirtualSocket } from './virtual-network.ts'

/** What a `DatagramHost` is made of. */
export interface DatagramHostOptions<Event> {
  network: VirtualNetwork
  machine: Machine<Event>
  /** Addresses to receive at. */
  addresses: readonly TransportAddress[]
  /** The table that the machine looks paths up in, if it does. */
  paths?: PathTable
  event?: (event: Event) => void
}

/** A machine with sockets on the virtual network. */
export class DatagramHost<Event> implements Drive {
  readonly paths: PathTable
  readonly #sockets: readonly VirtualSocket[]
  readonly #machine: Machine<Event>
  readonly #drive: Drive

  constructor(options: DatagramHostOptions<Event>) {
    this.paths = options.paths ?? new PathTable({ capacity: 64 })
    this.#machine = options.machine
    this.#sockets = options.addresses.map((local) =>
      options.network.bind(local, (bytes, remote) => this.#receive(local, remote, bytes)),
    )
    this.#drive = drive(options.machine, {
      clock: options.network.clock,
      transmit: ({ bytes, start, end, path }) => {
        const local = this.paths.local(path)
        const socket = this.#sockets.find((socket) => equalTransportAddress(socket.local, local))
        socket?.send(this.paths.remote(path), bytes, start, end)
      },
      event: (event) => options.event?.(event),
    })
    this.#drive.settle()
  }

  /** The path from one of this host's addresses, the first of the same family, to `remote`; -1 when there is none. */
  pathTo(remote: TransportAddress): PathId {
    const socket = this.#sockets.find((socket) => socket.local.family === remote.family)
    return socket === undefined ? -1 : this.paths.intern('udp', socket.local, remote)
  }

  now(): Millis {
    return this.#drive.now()
  }

  settle(): void {
    this.#drive.settle()
  }

  /** The host is gone: its sockets close, its machine is left as it is. */
  stop(): void {
    this.#drive.stop()
    for (const socket of this.#sockets) socket.close()
  }

  #receive(local: TransportAddress, remote: TransportAddress, bytes: Uint8Array): void {
    const path = this.paths.intern('udp', local, remote)
    if (path < 0) return
    lend(bytes, path, (input) => {
      this.#machine.handleDatagram(input, this.now())
      this.#drive.settle()
    })
  }
}
