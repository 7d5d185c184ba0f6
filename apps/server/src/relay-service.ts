import type { Socket } from 'node:net'
import {
  type Drive,
  drive,
  nodeCrypto,
  nodeRandom,
  type PeerDatagram,
  RelaySockets,
  StreamPaths,
  type UdpSocket,
  UdpSockets,
} from '@crowfly/node-io'
import {
  addressLength,
  type Datagram,
  type PathId,
  PathTable,
  parseAddress,
  randomInteger,
} from '@crowfly/sansio'
import {
  type PeerFilter,
  type PublicPolicy,
  type RelayId,
  type TurnAccounts,
  type TurnLimits,
  TurnServer,
  type TurnServerCounters,
  type TurnServerEvent,
  TurnStreamFramer,
} from '@crowfly/turn'
import { localAddresses } from './local-addresses.ts'
import type { Log } from './log.ts'
import { systemCode } from './operator-error.ts'

/**
 * Paths remembered at a time: those of allocations over UDP, which are held, of as many streams as there are TCP
 * connections by default, and of whoever asks STUN meanwhile.
 */
const pathCapacity = 131_072

const nonceKeyBytes = 32

/** How often addresses that came or went are looked for. */
const rescanMs = 3_000

/** A UDP port that STUN and TURN are answered on, at every address of `addresses`. */
export interface RelayUdpPort {
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

/** Settings of a `RelayService`. */
export interface RelayServiceOptions {
  accounts: TurnAccounts
  realm: string
  peers: RelayPeers
  limits: Partial<TurnLimits>
  /** Whether clients of RFC 5766, whose channels go up to 0x7FFF, are served too. Default false. */
  acceptsClassicChannels?: boolean
  log: Log
}

/** Whom clients may reach: `PeerPolicy` as far as it is settings. */
export type RelayPeers =
  | { kind: 'rooms' }
  | { kind: 'public'; filter: PeerFilter; ports: { least: number; most: number } }

/**
 * STUN and TURN by one machine: over UDP by a socket for each local address, over TCP and TLS on streams given to it,
 * and, if peers are public, by a socket for each relayed address that is in use.
 */
export class RelayService {
  readonly #machine: TurnServer
  readonly #drive: Drive
  readonly #udp: UdpSockets
  readonly #streams: StreamPaths
  readonly #relays: RelaySockets
  /** Clients to be cut off, and relayed addresses that could not be opened, of the input under way. */
  readonly #leaving: PathId[] = []
  readonly #unopened: RelayId[] = []
  #isSettling = false
  readonly #toPeer: PeerDatagram = {
    bytes: new Uint8Array(0),
    start: 0,
    end: 0,
    relay: 0,
    peer: { family: 4, address: new Uint8Array(4), port: 0 },
  }
  readonly #log: Log
  readonly #ports: RelayUdpPort[] = []
  readonly #bound = new Map<string, UdpSocket>()
  readonly #failed = new Map<string, string>()
  #timer: NodeJS.Timeout | undefined
  /** Of all interfaces, as they were a moment ago. */
  #ownAddresses = readOwnAddresses()
  #isScanning = false
  #isClosed = false

  constructor(options: RelayServiceOptions) {
    const { accounts, realm, peers, limits, acceptsClassicChannels = false, log } = options
    this.#log = log
    const paths = new PathTable({ capacity: pathCapacity, hashSeed: randomInteger(nodeRandom, 2 ** 32) })
    const nonceKey = new Uint8Array(nonceKeyBytes)
    nodeRandom.fill(nonceKey)
    this.#machine = new TurnServer({
      paths,
      random: nodeRandom,
      crypto: nodeCrypto,
      realm,
      nonceKey,
      accounts,
      peers: peers.kind === 'rooms' ? peers : this.#publicPolicy(peers, paths),
      limits,
      acceptsClassicChannels,
    })
    const receive = (input: Datagram): void => {
      this.#machine.handleDatagram(input, this.#drive.now())
      this.#settle()
    }
    this.#udp = new UdpSockets({ paths, receive })
    this.#streams = new StreamPaths({
      paths,
      receive,
      framer: () => new TurnStreamFramer(),
      // A client without an allocation that says nothing is the machine's to cut off.
      idleTimeoutMs: 0,
      opened: (path) => {
        this.#machine.handleOpen(path, undefined, this.#drive.now())
        this.#settle()
      },
      closed: (path) => {
        this.#machine.handleClose(path, this.#drive.now())
        this.#settle()
      },
    })
    this.#relays = new RelaySockets({
      receive: (input) => {
        this.#machine.handleRelayDatagram(input, this.#drive.now())
        this.#settle()
      },
      failed: (relay, code) => {
        log.debug({ code }, 'a relayed address could not be opened')
        this.#handleRelayFailed(relay)
      },
    })
    this.#drive = drive(this.#machine, {
      transmit: (output) => {
        if (!this.#streams.transmit(output)) this.#udp.transmit(output)
      },
      event: (event) => this.#handleEvent(event),
    })
  }

  /** What it has done so far, for metrics. */
  get counters(): Readonly<TurnServerCounters> {
    return this.#machine.counters
  }

  /** Relay sockets open now; none, ever, unless peers are public. */
  get relaySockets(): number {
    return this.#relays.size
  }

  /** Ends what these usernames have allocated: their owner has gone. */
  endAllocationsOf(isTheirs: (username: string) => boolean): void {
    this.#machine.endAllocationsOf(isTheirs, this.#drive.now())
    this.#settle()
  }

  /** Takes over a TCP or TLS connection that carries STUN or TURN. */
  accept(socket: Socket, transport: 'tcp' | 'tls'): void {
    this.#streams.add(socket, transport)
  }

  /**
   * Answers on a UDP port from now on, at addresses that come later too. Resolves to what could not be bound; an
   * address that went away in the meantime is none of it.
   */
  async open(port: RelayUdpPort): Promise<BindFailure[]> {
    const failures = await this.#bindMissing(port)
    this.#ports.push(port)
    this.#timer ??= setInterval(() => void this.rescan(), rescanMs).unref()
    return failures
  }

  /** Where it answers over UDP now. */
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
    this.#relays.closeAll()
  }

  /** Follows the addresses that came and went. Done by itself every few seconds. */
  async rescan(): Promise<void> {
    this.#ownAddresses = readOwnAddresses()
    const wanted = new Set(this.#ports.flatMap((port) => port.addresses().map((at) => keyOf(at, port.port))))
    for (const [key, socket] of this.#bound) {
      if (wanted.has(key)) continue
      socket.close()
      this.#bound.delete(key)
      this.#log.debug({ address: key }, 'an address went away; it is no longer answered there')
    }
    if (this.#isScanning) return
    this.#isScanning = true
    for (const port of this.#ports) await this.#bindMissing(port)
    this.#isScanning = false
  }

  /**
   * Relayed addresses first, before a client hears of a permission, and perhaps its peer from it; what they say goes
   * out, and whoever is to be cut off is, last.
   */
  #settle(): void {
    if (this.#isSettling) return
    this.#isSettling = true
    for (let event = this.#machine.pollEvent(); event !== undefined; event = this.#machine.pollEvent()) {
      if (event.type === 'disconnect') this.#leaving.push(event.path)
      else this.#handleEvent(event)
    }
    this.#drive.settle()
    while (this.#machine.pollRelayTransmit(this.#toPeer)) this.#relays.transmit(this.#toPeer)
    for (const path of this.#leaving.splice(0)) this.#streams.end(path)
    this.#isSettling = false
    // The machine's next input, so that what it had to say of the last one comes first.
    const failed = this.#unopened.shift()
    if (failed !== undefined) this.#handleRelayFailed(failed)
  }

  #handleRelayFailed(relay: RelayId): void {
    if (this.#isSettling) {
      this.#unopened.push(relay)
      return
    }
    this.#machine.handleRelayFailed(relay, this.#drive.now())
    this.#settle()
  }

  #handleEvent(event: TurnServerEvent): void {
    switch (event.type) {
      case 'openRelay':
        this.#relays.open(event.relay, event.address)
        break
      case 'closeRelay':
        this.#relays.close(event.relay)
        break
      case 'disconnect':
        this.#streams.end(event.path)
        break
    }
  }

  #publicPolicy({ filter, ports }: Extract<RelayPeers, { kind: 'public' }>, paths: PathTable): PublicPolicy {
    const ownAddresses = (): readonly Uint8Array[] => this.#ownAddresses
    return {
      kind: 'public',
      filter,
      ports,
      relayAddress: (family, path) => this.#relayAddress(family, paths, path),
      get ownAddresses() {
        return ownAddresses()
      },
    }
  }

  /** The address that the client came to; of the other family one that is listened on and reaches as far. */
  #relayAddress(family: 4 | 6, paths: PathTable, path: PathId): Uint8Array | undefined {
    const { address: asked } = paths.local(path)
    if (paths.family(path) === family) return asked
    for (const { address } of this.#bound.values()) {
      const bytes = address.includes('%') ? undefined : parseAddress(address)
      if (bytes?.length === addressLength(family) && isLoopback(bytes) === isLoopback(asked)) return bytes
    }
    return undefined
  }

  async #bindMissing({ port, addresses }: RelayUdpPort): Promise<BindFailure[]> {
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

function readOwnAddresses(): Uint8Array[] {
  return localAddresses().flatMap(({ address }) => parseAddress(address) ?? [])
}

// RFC 1122 §3.2.1.3 and RFC 4291 §2.5.3
function isLoopback(address: Uint8Array): boolean {
  return address.length === 4 ? address[0] === 127 : address.every((byte, i) => byte === (i === 15 ? 1 : 0))
}

function keyOf(address: string, port: number): string {
  return `${address} ${port}`
}
