import type { UdpSocket, UdpSockets } from '@crowfly/node-io'
import type { Log } from './log.ts'
import { systemCode } from './operator-error.ts'

/** How often addresses that came or went are looked for. */
const rescanMs = 3_000

/** A UDP port that is answered on, at every address of `addresses`. */
export interface UdpPort {
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

/** UDP ports that are answered on at this machine's addresses, by a socket for each, as addresses come and go. */
export class UdpPorts {
  readonly #sockets: UdpSockets
  readonly #log: Log
  readonly #ports = new Set<UdpPort>()
  readonly #bound = new Map<string, UdpSocket>()
  readonly #failed = new Map<string, string>()
  #timer: NodeJS.Timeout | undefined
  #isScanning = false
  #isClosed = false

  constructor(sockets: UdpSockets, log: Log) {
    this.#sockets = sockets
    this.#log = log
  }

  /** The sockets that are bound now. */
  get sockets(): UdpSocket[] {
    return [...this.#bound.values()]
  }

  /**
   * Answers on a UDP port from now on, at addresses that come later too. Resolves to what could not be bound; an
   * address that went away in the meantime is none of it.
   */
  async open(port: UdpPort): Promise<BindFailure[]> {
    const failures = await this.#bindMissing(port)
    this.#ports.add(port)
    this.#timer ??= setInterval(() => void this.rescan(), rescanMs).unref()
    return failures
  }

  /** Answers on this port no more. */
  closePort(port: UdpPort): void {
    this.#ports.delete(port)
    this.#closeUnwanted()
  }

  /** Closes all sockets for good. */
  close(): void {
    this.#isClosed = true
    clearInterval(this.#timer)
    this.#ports.clear()
    this.#closeUnwanted()
  }

  /** Follows the addresses that came and went. Done by itself every few seconds. */
  async rescan(): Promise<void> {
    this.#closeUnwanted()
    if (this.#isScanning) return
    this.#isScanning = true
    for (const port of this.#ports) await this.#bindMissing(port)
    this.#isScanning = false
  }

  #closeUnwanted(): void {
    const ports = [...this.#ports]
    const wanted = new Set(ports.flatMap((port) => port.addresses().map((at) => keyOf(at, port.port))))
    for (const [key, socket] of this.#bound) {
      if (wanted.has(key)) continue
      socket.close()
      this.#bound.delete(key)
      this.#log.debug({ address: key }, 'STUN and TURN are no longer answered here')
    }
  }

  async #bindMissing({ port, addresses }: UdpPort): Promise<BindFailure[]> {
    const failures: BindFailure[] = []
    for (const address of addresses()) {
      const key = keyOf(address, port)
      if (this.#bound.has(key)) continue
      try {
        const socket = await this.#sockets.bind(address, port)
        if (this.#isClosed) {
          socket.close()
          return failures
        }
        this.#bound.set(key, socket)
        this.#log.debug({ address: key }, 'STUN and TURN are answered here')
        this.#failed.delete(key)
      } catch (error) {
        const code = systemCode(error)
        // An IPv6 address cannot be bound until its duplicates have been looked for (RFC 4862 §5.4): it will be soon.
        if (code !== 'EADDRNOTAVAIL') failures.push({ address, port, code })
        if (this.#failed.get(key) !== code)
          this.#log.debug({ address: key, code }, 'STUN and TURN cannot be answered here')
        this.#failed.set(key, code)
      }
    }
    return failures
  }
}

function keyOf(address: string, port: number): string {
  return `${address} ${port}`
}
