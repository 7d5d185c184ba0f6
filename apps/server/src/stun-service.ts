import type { Socket } from 'node:net'
import { type Drive, drive, nodeRandom, StreamPaths, type UdpSocket, UdpSockets } from '@crowfly/node-io'
import { type Datagram, PathTable, randomInteger } from '@crowfly/sansio'
import { BindingServer, StunStreamFramer } from '@crowfly/stun'
import type { Log } from './log.ts'
import { systemCode } from './operator-error.ts'

/** Paths remembered at a time, of UDP peers and TCP streams together. */
const pathCapacity = 65_536

/** How often addresses that came or went are looked for. */
const rescanMs = 3_000

/** A port that STUN is answered on, at every address of `addresses`. */
export interface StunUdpPort {
  port: number
  /** The local addresses to answer on, as they are now. */
  addresses(): readonly string[]
}

/** An address that could not be bound, and the system's error. */
export interface BindFailure {
  address: string
  port: number
  code: string
}

/** Answers STUN Binding requests: over UDP by a socket for each local address, over TCP and TLS on streams given to it. */
export class StunService {
  readonly #machine: BindingServer
  readonly #drive: Drive
  readonly #udp: UdpSockets
  readonly #streams: StreamPaths
  readonly #log: Log
  readonly #ports: StunUdpPort[] = []
  readonly #bound = new Map<string, UdpSocket>()
  readonly #failed = new Map<string, string>()
  #timer: NodeJS.Timeout | undefined
  #isScanning = false
  #isClosed = false

  constructor(log: Log) {
    this.#log = log
    const paths = new PathTable({ capacity: pathCapacity, hashSeed: randomInteger(nodeRandom, 2 ** 32) })
    this.#machine = new BindingServer({ paths })
    const receive = (input: Datagram): void => {
      this.#machine.handleDatagram(input, this.#drive.now())
      this.#drive.settle()
    }
    this.#udp = new UdpSockets({ paths, receive })
    this.#streams = new StreamPaths({ paths, receive, framer: () => new StunStreamFramer() })
    this.#drive = drive(this.#machine, {
      transmit: (output) => {
        if (!this.#streams.transmit(output)) this.#udp.transmit(output)
      },
      event: () => undefined,
    })
  }

  /** Takes over a TCP or TLS connection that carries STUN. */
  accept(socket: Socket, transport: 'tcp' | 'tls'): void {
    this.#streams.add(socket, transport)
  }

  /**
   * Answers on a UDP port from now on, at addresses that come later too. Resolves to what could not be bound; an
   * address that went away in the meantime is none of it.
   */
  async open(port: StunUdpPort): Promise<BindFailure[]> {
    const failures = await this.#bindMissing(port)
    this.#ports.push(port)
    this.#timer ??= setInterval(() => void this.rescan(), rescanMs).unref()
    return failures
  }

  /** Where STUN is answered over UDP now. */
  get udpSockets(): UdpSocket[] {
    return [...this.#bound.values()]
  }

  /** Answers on no UDP port any more. */
  closePorts(): void {
    this.#ports.length = 0
    for (const socket of this.#bound.values()) socket.close()
    this.#bound.clear()
  }

  /** Closes all sockets at once. */
  close(): void {
    this.#isClosed = true
    clearInterval(this.#timer)
    this.#drive.stop()
    this.closePorts()
    this.#streams.close()
  }

  /** Follows the addresses that came and went. Done by itself every few seconds. */
  async rescan(): Promise<void> {
    const wanted = new Set(this.#ports.flatMap((port) => port.addresses().map((at) => keyOf(at, port.port))))
    for (const [key, socket] of this.#bound) {
      if (wanted.has(key)) continue
      socket.close()
      this.#bound.delete(key)
      this.#log.debug({ address: key }, 'an address went away; STUN is no longer answered there')
    }
    if (this.#isScanning) return
    this.#isScanning = true
    for (const port of this.#ports) await this.#bindMissing(port)
    this.#isScanning = false
  }

  async #bindMissing({ port, addresses }: StunUdpPort): Promise<BindFailure[]> {
    const failures: BindFailure[] = []
    for (const address of addresses()) {
      const key = keyOf(address, port)
      if (this.#bound.has(key)) continue
      try {
        const socket = await this.#udp.bind(address, port)
        if (this.#isClosed) {
          socket.close()
          return failures
        }
        this.#bound.set(key, socket)
        this.#log.debug({ address: key }, 'STUN is answered here')
        this.#failed.delete(key)
      } catch (error) {
        const code = systemCode(error)
        // An IPv6 address cannot be bound until its duplicates have been looked for (RFC 4862 §5.4): it will be soon.
        if (code !== 'EADDRNOTAVAIL') failures.push({ address, port, code })
        if (this.#failed.get(key) !== code)
          this.#log.debug({ address: key, code }, 'STUN cannot be answered here')
        this.#failed.set(key, code)
      }
    }
    return failures
  }
}

function keyOf(address: string, port: number): string {
  return `${address} ${port}`
}
