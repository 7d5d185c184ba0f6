import {
  type Datagram,
  type Millis,
  type PathId,
  PathTable,
  parseAddress,
  type Transport,
  type TransportAddress,
} from '@crowfly/sansio'
import { decodeErrorCode, decodeNonce, StunMessage } from '@crowfly/stun'
import { lend, SeededRandom, testCrypto } from '@crowfly/testkit'
import { decodeData } from '../../proto/attributes/data.ts'
import { decodeXorPeerAddress } from '../../proto/attributes/xor-peer-address.ts'
import { decodeXorRelayedAddress } from '../../proto/attributes/xor-relayed-address.ts'
import { ChannelDataMessage, isChannelData } from '../../proto/channel-data.ts'
import { TurnMethod } from '../../proto/turn-method.ts'
import type { PeerPolicy } from '../peer-policy.ts'
import type { RelayDatagram, RelayId, TurnServerEvent } from '../relay.ts'
import type { TurnAccount } from '../turn-account.ts'
import type { TurnLimits } from '../turn-limits.ts'
import { TurnServer, type TurnServerOptions } from '../turn-server.ts'
import {
  channelData,
  messageOf,
  requests,
  type Signature,
  sendIndication,
  sign,
  type Write,
} from './test-requests.ts'

export const REALM = 'test'

/** `192.0.2.1` and its like, with a port. */
export function address(text: string, port: number): TransportAddress {
  const bytes = parseAddress(text) ?? new Uint8Array(4)
  return { family: bytes.length === 4 ? 4 : 6, address: bytes, port }
}

/** What a client was sent. */
export type Received =
  | { kind: 'response'; message: StunMessage; code: number | undefined }
  | { kind: 'data'; peer: TransportAddress | undefined; data: Uint8Array; message: StunMessage }
  | { kind: 'channelData'; channel: number; data: Uint8Array; bytes: Uint8Array }

/** What a relay socket was told to send. */
export interface SentToPeer {
  relay: RelayId
  peer: TransportAddress
  data: Uint8Array
}

/** A server, its clock, and clients that say what a test wants. */
export class TurnBench {
  readonly paths = new PathTable({ capacity: 512 })
  readonly accounts = new Map<string, TurnAccount>()
  readonly events: TurnServerEvent[] = []
  readonly toPeers: SentToPeer[] = []
  readonly server: TurnServer
  readonly random = new SeededRandom(7)
  now: Millis = 1000.25
  readonly #received = new Map<PathId, Received[]>()

  constructor(
    peers: PeerPolicy = { kind: 'rooms' },
    limits: Partial<TurnLimits> = {},
    more: Pick<TurnServerOptions, 'acceptsClassicChannels' | 'software'> & { realm?: string } = {},
  ) {
    for (const [name, room] of [
      ['ann', 'one'],
      ['bob', 'one'],
      ['eve', 'two'],
      ['sam', null],
    ] as const) {
      this.accounts.set(name, { password: `${name}'s password`, room, mayAllocate: true })
    }
    this.server = new TurnServer({
      paths: this.paths,
      random: this.random.fork(),
      crypto: testCrypto,
      realm: REALM,
      nonceKey: new Uint8Array(32).fill(9),
      accounts: { find: (username) => this.accounts.get(username) },
      peers,
      limits,
      ...more,
    })
  }

  /** A client of this user at an address of its own. */
  client(username: string, options: { transport?: Transport; from?: TransportAddress } = {}): BenchClient {
    const { transport = 'udp', from = address('203.0.113.1', 40_000 + this.paths.size) } = options
    const local = from.family === 4 ? address('192.0.2.1', 3478) : address('2001:db8:1::1', 3478)
    const path =
      transport === 'udp'
        ? this.paths.intern(transport, local, from)
        : this.paths.open(transport, local, from)
    if (transport !== 'udp') this.server.handleOpen(path, undefined, this.now)
    return new BenchClient(this, path, username)
  }

  advance(ms: Millis): void {
    this.now += ms
    this.server.handleTimeout(this.now)
    this.drain()
  }

  /** Gives the server bytes from a client, lent as a driver lends them. */
  deliver(path: PathId, bytes: Uint8Array): void {
    lend(bytes, path, (input) => {
      this.server.handleDatagram(input, this.now)
      this.drain()
    })
  }

  /** Gives the server what a peer sent to a relay socket. */
  deliverFromPeer(relay: RelayId, peer: TransportAddress, data: Uint8Array): void {
    lend(data, 0, ({ bytes, start, end }) => {
      this.server.handleRelayDatagram({ bytes, start, end, relay, peer }, this.now)
      this.drain()
    })
  }

  drain(): void {
    const out: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: -1 }
    while (this.server.pollTransmit(out)) this.#inbox(out.path).push(receive(out))
    const peer = address('0.0.0.0', 0)
    const relayOut: RelayDatagram = { bytes: out.bytes, start: 0, end: 0, relay: -1, peer }
    while (this.server.pollRelayTransmit(relayOut)) {
      const data = relayOut.bytes.slice(relayOut.start, relayOut.end)
      this.toPeers.push({ relay: relayOut.relay, peer: relayOut.peer, data })
    }
    for (let event = this.server.pollEvent(); event !== undefined; event = this.server.pollEvent()) {
      this.events.push(event)
    }
  }

  /** What this path was sent since it was last asked. */
  take(path: PathId): Received[] {
    return this.#inbox(path).splice(0)
  }

  /** The response among it, if there is one; the rest stays. */
  takeResponse(path: PathId): StunMessage | undefined {
    const inbox = this.#inbox(path)
    const index = inbox.findIndex(({ kind }) => kind === 'response')
    const [received] = index < 0 ? [] : inbox.splice(index, 1)
    return received?.kind === 'response' ? received.message : undefined
  }

  #inbox(path: PathId): Received[] {
    const inbox = this.#received.get(path) ?? []
    this.#received.set(path, inbox)
    return inbox
  }
}

/** One client of a bench. */
export class BenchClient {
  readonly bench: TurnBench
  readonly path: PathId
  username: string
  nonce = ''
  isSha256 = false
  /** What the last Allocate gave. */
  relayed: TransportAddress = address('0.0.0.0', 0)

  constructor(bench: TurnBench, path: PathId, username: string) {
    this.bench = bench
    this.path = path
    this.username = username
  }

  get signature(): Signature {
    const password = this.bench.accounts.get(this.username)?.password ?? ''
    const { username, nonce, isSha256 } = this
    return { username, realm: REALM, password, nonce, crypto: testCrypto, isSha256 }
  }

  /** Sends a request as it is, and returns the response. */
  send(bytes: Uint8Array): StunMessage | undefined {
    this.bench.deliver(this.path, bytes)
    return this.bench.takeResponse(this.path)
  }

  /** Sends a request with credentials, getting a nonce first if there is none. */
  request(
    method: number,
    write: Write,
    transactionId: Uint8Array = this.bench.random.bytes(12),
  ): StunMessage {
    if (this.nonce === '') this.challenge()
    const bytes = messageOf(method, 'request', transactionId, (writer) => {
      write(writer)
      sign(writer, this.signature)
    })
    const response = this.send(bytes)
    if (response === undefined) throw new TypeError('the server did not answer')
    return response
  }

  /** Asks without credentials, and keeps the nonce. */
  challenge(): StunMessage {
    const response = this.send(
      messageOf(TurnMethod.ALLOCATE, 'request', this.bench.random.bytes(12), requests.allocate()),
    )
    if (response === undefined) throw new TypeError('the server did not challenge')
    this.nonce = decodeNonce(response) ?? ''
    return response
  }

  /** Allocates; the error code, or undefined for success. */
  allocate(more: Write = () => {}): number | undefined {
    const response = this.request(TurnMethod.ALLOCATE, requests.allocate(more))
    this.relayed = decodeXorRelayedAddress(response) ?? this.relayed
    return codeOf(response)
  }

  refresh(lifetimeSeconds?: number, more: Write = () => {}): number | undefined {
    return codeOf(this.request(TurnMethod.REFRESH, requests.refresh(lifetimeSeconds, more)))
  }

  permit(...peers: TransportAddress[]): number | undefined {
    return codeOf(this.request(TurnMethod.CREATE_PERMISSION, requests.createPermission(...peers)))
  }

  bind(channel: number, peer: TransportAddress): number | undefined {
    return codeOf(this.request(TurnMethod.CHANNEL_BIND, requests.channelBind(channel, peer)))
  }

  /** Sends payload by a Send indication. */
  say(peer: TransportAddress, text: string, more: Write = () => {}): void {
    const bytes = sendIndication(peer, new TextEncoder().encode(text), this.bench.random.bytes(12), more)
    this.bench.deliver(this.path, bytes)
  }

  /** Sends payload by ChannelData. */
  sayOn(channel: number, text: string): void {
    const isPadded = this.bench.paths.transport(this.path) !== 'udp'
    this.bench.deliver(this.path, channelData(channel, new TextEncoder().encode(text), isPadded))
  }

  /** What has arrived, in a few words each: `4000 hello`, or `198.51.100.1:1234 hello`. */
  heard(): string[] {
    return this.bench.take(this.path).map((received) => {
      if (received.kind === 'response') return `response ${received.code ?? 'success'}`
      const text = new TextDecoder().decode(received.data)
      if (received.kind === 'channelData') return `${received.channel.toString(16)} ${text}`
      return `${received.peer?.port} ${text}`
    })
  }
}

/** The error code of a response; undefined for success. */
export function codeOf(response: StunMessage): number | undefined {
  return decodeErrorCode(response)?.code
}

function receive({ bytes, start, end }: Datagram): Received {
  const copy = bytes.slice(start, end)
  if (isChannelData(copy, 0, copy.length)) {
    const message = new ChannelDataMessage()
    const fault = message.decode(copy)
    if (fault !== undefined) throw new TypeError(`the server sent ChannelData that is ${fault}`)
    const data = copy.slice(message.dataStart, message.dataEnd)
    return { kind: 'channelData', channel: message.channel, data, bytes: copy }
  }
  const message = new StunMessage()
  const fault = message.decodeWithClassic(copy)
  if (fault !== undefined) throw new TypeError(`the server sent STUN that is ${fault}`)
  if (message.messageClass !== 'indication') return { kind: 'response', message, code: codeOf(message) }
  const at = decodeData(message)
  const data = copy.slice(at?.start ?? 0, at?.end ?? 0)
  return { kind: 'data', peer: decodeXorPeerAddress(message), data, message }
}
