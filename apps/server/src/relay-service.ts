import type { Socket } from 'node:net'
import {
  type Drive,
  drive,
  nodeCrypto,
  nodeRandom,
  type PeerDatagram,
  RelaySockets,
  StreamPaths,
  UdpSockets,
} from '@crowfly/node-io'
import {
  addressLength,
  type Datagram,
  type PathId,
  PathTable,
  parseAddress,
  randomInteger,
  type TransportAddress,
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
import { CounterLog } from './counter-log.ts'
import type { Log } from './log.ts'
import { OwnAddresses } from './own-addresses.ts'
import { relayAddress } from './relay-address.ts'
import { UdpPorts } from './udp-ports.ts'

/**
 * Paths remembered at a time: those of allocations over UDP, which are held, of as many streams as there are TCP
 * connections by default, and of whoever asks STUN meanwhile.
 */
const pathCapacity = 131_072

const nonceKeyBytes = 32

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
  | {
      kind: 'public'
      filter: PeerFilter
      ports: { least: number; most: number }
      /** Addresses that peers see in place of this machine's own: it is behind a one-to-one NAT. */
      external: readonly Uint8Array[]
    }

/** What a relay counts: its machine, and its sockets. */
export interface RelayCounters extends TurnServerCounters {
  /**
   * Datagrams from or to no address that a socket has, of clients and of peers, and messages for streams on which too
   * much waited.
   */
  readonly droppedBySockets: { readonly udp: number; readonly streams: number; readonly relays: number }
}

/**
 * STUN and TURN by one machine: over UDP by a socket for each local address, over TCP and TLS on streams given to it,
 * and, if peers are public, by a socket for each relayed address that is in use.
 */
export class RelayService {
  readonly #machine: TurnServer
  readonly #drive: Drive
  readonly #udp: UdpSockets
  /** The UDP ports that it answers on. */
  readonly ports: UdpPorts
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
  readonly #external: readonly Uint8Array[]
  /** What it has done so far, for metrics: live. */
  readonly counters: Readonly<RelayCounters>
  readonly #counterLog: CounterLog
  /** Why relayed addresses could not be opened, each told once. */
  readonly #toldCodes = new Set<string>()

  constructor(options: RelayServiceOptions) {
    const { accounts, realm, peers, limits, acceptsClassicChannels = false, log } = options
    this.#external = peers.kind === 'public' ? peers.external : []
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
    this.ports = new UdpPorts(this.#udp, log)
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
    // DEVIATION: RFC 8656 §11.5 has ICMP errors passed on to clients; node:dgram does not tell of them.
    this.#relays = new RelaySockets({
      receive: (input) => {
        this.#machine.handleRelayDatagram(input, this.#drive.now())
        this.#settle()
      },
      failed: (relay, code) => {
        this.#tellOnce(code, log)
        this.#handleRelayFailed(relay)
      },
    })
    this.#drive = drive(this.#machine, {
      transmit: (output) => {
        if (!this.#streams.transmit(output)) this.#udp.transmit(output)
      },
      event: (event) => this.#handleEvent(event),
    })
    this.counters = { ...this.#machine.counters, droppedBySockets: this.#dropped() }
    this.#counterLog = new CounterLog(this.counters, log, { level: 'debug', everyMs: 1_000 })
  }

  /** Live counts of what did not get as far as the machine, or no further than it. */
  #dropped(): RelayCounters['droppedBySockets'] {
    const [udp, streams, relays] = [this.#udp, this.#streams, this.#relays]
    return {
      get udp() {
        return udp.counters.dropped
      },
      get streams() {
        return streams.dropped
      },
      get relays() {
        return relays.counters.dropped
      },
    }
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

  /** Closes all sockets at once. */
  close(): void {
    this.#drive.stop()
    this.ports.close()
    this.#streams.close()
    this.#relays.closeAll()
    this.#counterLog.close()
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
        this.#relays.open(event.relay, this.#bindAddress(event.address))
        break
      case 'closeRelay':
        this.#relays.close(event.relay)
        break
      case 'disconnect':
        this.#streams.end(event.path)
        break
    }
  }

  /** A port that another program has, or a limit of the system: the operator can put it right. */
  #tellOnce(code: string, log: Log): void {
    if (this.#toldCodes.has(code)) return
    this.#toldCodes.add(code)
    const remedy =
      code === 'EADDRINUSE'
        ? 'another program has a port of --relay-ports: give it ports of its own'
        : 'the system refused it'
    log.warn({ code }, `a relayed address could not be opened, and its client lost it (told once): ${remedy}`)
  }

  #publicPolicy(peers: Extract<RelayPeers, { kind: 'public' }>, paths: PathTable): PublicPolicy {
    const { filter, ports, external } = peers
    const ownAddresses = new OwnAddresses(external)
    return {
      kind: 'public',
      filter,
      ports,
      relayAddress: (family, path) =>
        relayAddress({ family, asked: paths.local(path).address, bound: this.#boundAddresses(), external }),
      get ownAddresses() {
        return ownAddresses.now
      },
    }
  }

  /** An external address is none of this machine's: what comes to it comes in at any of those. */
  #bindAddress(relayed: TransportAddress): TransportAddress {
    const { family, address, port } = relayed
    const isExternal = this.#external.some((each) => Buffer.compare(each, address) === 0)
    return isExternal ? { family, address: new Uint8Array(addressLength(family)), port } : relayed
  }

  /** Without link-local ones: an allocation's address has no zone. */
  #boundAddresses(): Uint8Array[] {
    return this.ports.sockets.flatMap(({ address }) =>
      address.includes('%') ? [] : (parseAddress(address) ?? []),
    )
  }
}
