import { type Datagram, type Millis, PathTable, type Random, type TransportAddress } from '@crowfly/sansio'
import {
  decodeErrorCode,
  decodeNonce,
  deriveLongTermKey,
  encodeMessageIntegrity,
  encodeNonce,
  encodeRealm,
  encodeUsername,
  PasswordAlgorithmNumber,
  StunMessage,
  StunMessageWriter,
} from '@crowfly/stun'
import { SeededRandom } from '@crowfly/testkit'
import {
  ChannelDataMessage,
  decodeData,
  decodeXorRelayedAddress,
  encodeChannelNumber,
  encodeData,
  encodeLifetime,
  encodeRequestedTransport,
  encodeXorPeerAddress,
  isChannelData,
  PeerFilter,
  type PeerPolicy,
  type RelayDatagram,
  type RelayId,
  TransportProtocol,
  TurnMethod,
  TurnServer,
} from '@crowfly/turn'
import { repairScript, script, steps } from '../signaling-script.ts'
import { quickCrypto, repairMessage } from '../stun-repair.ts'
import { type FuzzTarget, invariant } from '../target.ts'

const REALM = 'r'
const NONE = new Uint8Array(0)
const METHODS = [
  TurnMethod.ALLOCATE,
  TurnMethod.REFRESH,
  TurnMethod.CREATE_PERMISSION,
  TurnMethod.CHANNEL_BIND,
]
const WAITS_MS = [0, 1, 30_000, 60_000, 299_999, 300_000, 600_000, 900_000]
// By path: two over UDP, two over TCP.
const USERS = ['ann', 'eve', 'bob', 'ann'] as const
const ROOMS: Readonly<Record<string, string>> = { ann: 'one', bob: 'one', eve: 'two' }
const KEYS = new Map(
  Object.keys(ROOMS).map((username) => [
    username,
    deriveLongTermKey({ username, realm: REALM, password: 'p' }, PasswordAlgorithmNumber.MD5, quickCrypto) ??
      NONE,
  ]),
)

function v4(a: number, b: number, c: number, d: number, port: number): TransportAddress {
  return { family: 4, address: Uint8Array.of(a, b, c, d), port }
}

const local = v4(192, 0, 2, 1, 3478)
const HOST = v4(9, 9, 9, 9, 5000)
const STRANGERS = [HOST, v4(127, 0, 0, 1, 22), v4(198, 51, 100, 1, 2000), v4(8, 1, 1, 1, 22)]

const publicPolicy: PeerPolicy = {
  kind: 'public',
  filter: new PeerFilter(),
  relayAddress: (family) => (family === 4 ? Uint8Array.of(8, 1, 1, 1) : undefined),
  ports: { least: 50_000, most: 50_007 },
}

/** The same numbers in each run, so that an input means the same each time. */
class RepeatedRandom implements Random {
  #seeded = new SeededRandom(1)

  repeat(): void {
    this.#seeded = new SeededRandom(1)
  }

  fill(target: Uint8Array): void {
    this.#seeded.fill(target)
  }
}

/** A server that has nothing left after each run, and so serves for the next one as well. */
class Stage {
  readonly isPublic: boolean
  readonly paths = new PathTable({ capacity: 4 })
  readonly server: TurnServer
  readonly #random = new RepeatedRandom()
  readonly #out: Datagram = { bytes: NONE, start: 0, end: 0, path: -1 }
  readonly #relayOut: RelayDatagram = { bytes: NONE, start: 0, end: 0, relay: -1, peer: HOST }
  readonly #message = new StunMessage()
  readonly #channelData = new ChannelDataMessage()
  readonly #streams = new Set<number>()
  readonly #sockets = new Set<RelayId>()
  readonly #nonces = new Map<number, string>()
  readonly #relayed: TransportAddress[] = []
  readonly #said = new Set<string>()
  #now: Millis = 1000

  constructor(isPublic: boolean) {
    this.isPublic = isPublic
    this.server = new TurnServer({
      paths: this.paths,
      random: this.#random,
      crypto: quickCrypto,
      realm: REALM,
      nonceKey: new Uint8Array(32),
      accounts: {
        find: (username) => {
          const room = ROOMS[username]
          return room === undefined ? undefined : { password: 'p', room, mayAllocate: true }
        },
      },
      peers: isPublic ? publicPolicy : { kind: 'rooms' },
      limits: { maxPermissionsPerAllocation: 2, maxChannelsPerAllocation: 2, maxRefusalsPerStream: 4 },
    })
  }

  begin(): void {
    this.#random.repeat()
    this.#relayed.length = 0
    this.#said.clear()
    this.#nonces.clear()
    for (const index of [0, 1]) this.paths.intern('udp', local, v4(203, 0, 113, index, 5000))
    for (const index of [2, 3]) this.paths.open('tcp', local, v4(203, 0, 113, index, 5000))
    this.#now = Math.ceil(this.#now / 1000) * 1000
  }

  step(kind: number, path: number, bytes: Uint8Array): void {
    const [parameter = 0, choice = 0] = bytes
    if (kind === 0) this.#toggle(path)
    else if (kind === 1) this.#deliver(path, bytes, NONE)
    else if (kind === 2) this.#request(path, parameter, choice, bytes.subarray(2))
    else if (kind === 3) this.#send(path, parameter, bytes.subarray(1))
    else if (kind === 4) this.#sendOnChannel(path, parameter, bytes.subarray(1))
    else if (kind === 5) this.#wait(WAITS_MS[parameter & 7] ?? 0)
    else if (kind === 6) this.#relay(parameter, choice, bytes)
    else this.server.endAllocationsOf((name) => name === USERS[parameter & 3], this.#now)
    this.#settle()
  }

  /** Everybody goes and hours pass; nothing may be left. Returns what was new in it last. */
  finish(): string {
    for (const path of [...this.#streams]) this.#toggle(path)
    this.#wait(4_000_000)
    this.#settle()
    const { allocations, reservations, ports, streams, timers } = this.server.sizes
    const left = [
      allocations,
      reservations,
      ports,
      streams,
      timers,
      this.paths.held,
      this.#sockets.size,
    ].join()
    invariant(left === '0,0,0,0,0,0,0', `left over: ${left}`)
    invariant(this.server.pollTimeout() === Infinity, 'a deadline is left')
    // The last one first, so that the next run gets the same ids.
    for (let path = 3; path >= 0; path--) this.paths.release(path)
    return [...this.#said].slice(-2).join(', ')
  }

  #toggle(path: number): void {
    if (path < 2) return
    if (this.#streams.delete(path)) this.server.handleClose(path, this.#now)
    else {
      this.#streams.add(path)
      this.server.handleOpen(path, undefined, this.#now)
    }
  }

  /** A request with sound credentials; what else is in it is the input's. */
  #request(path: number, parameter: number, choice: number, more: Uint8Array): void {
    const username = USERS[path] ?? 'ann'
    const writer = new StunMessageWriter(new Uint8Array(1024))
    const id = new Uint8Array(12).fill(parameter)
    writer.writeHeader(METHODS[parameter & 3] ?? 0, 'request', id)
    const method = METHODS[parameter & 3]
    if (method === TurnMethod.ALLOCATE) encodeRequestedTransport(writer, TransportProtocol.UDP)
    else if (method === TurnMethod.REFRESH) encodeLifetime(writer, choice * 16)
    else {
      if (method === TurnMethod.CHANNEL_BIND) encodeChannelNumber(writer, 0x4000 + ((parameter >> 2) & 3))
      encodeXorPeerAddress(writer, this.#peer(choice))
    }
    writer.writeAttributes(more.subarray(0, more.length & ~3))
    const nonce = this.#nonces.get(path)
    if (nonce !== undefined) {
      encodeUsername(writer, username)
      encodeRealm(writer, REALM)
      encodeNonce(writer, nonce)
      encodeMessageIntegrity(writer, KEYS.get(username) ?? NONE, quickCrypto)
    }
    this.#deliver(path, writer.message, NONE)
  }

  #send(path: number, choice: number, payload: Uint8Array): void {
    const writer = new StunMessageWriter(new Uint8Array(2048))
    writer.writeHeader(TurnMethod.SEND, 'indication', new Uint8Array(12))
    encodeXorPeerAddress(writer, this.#peer(choice))
    encodeData(writer, payload)
    this.#deliver(path, writer.message, payload)
  }

  #sendOnChannel(path: number, parameter: number, payload: Uint8Array): void {
    const bytes = new Uint8Array(4 + payload.length)
    bytes.set([0x40, parameter & 3, payload.length >>> 8, payload.length & 0xff])
    bytes.set(payload, 4)
    this.#deliver(path, bytes, payload)
  }

  #peer(choice: number): TransportAddress {
    const known = this.#relayed[choice & 0x7f]
    return known ?? STRANGERS[choice & 3] ?? HOST
  }

  #wait(ms: Millis): void {
    this.#now += ms
    this.server.handleTimeout(this.#now)
  }

  #relay(parameter: number, choice: number, bytes: Uint8Array): void {
    const relay = parameter & 7
    if (choice < 8) this.server.handleRelayFailed(relay, this.#now)
    else if (choice < 16) {
      const error = { icmpType: choice & 3, icmpCode: choice & 4, errorData: 1400 }
      this.server.handleRelayIcmp(relay, HOST, error, this.#now)
    } else if (this.#sockets.has(relay)) {
      const peer = STRANGERS[choice & 3] ?? HOST
      this.server.handleRelayDatagram(
        { bytes: bytes.slice(), start: 2, end: bytes.length, relay, peer },
        this.#now,
      )
    }
  }

  #deliver(path: number, message: Uint8Array, payload: Uint8Array): void {
    if (path >= 2 && !this.#streams.has(path)) return
    const isChallenged = !this.#nonces.has(path)
    const bytes = new Uint8Array(message.length + 128).fill(0xdd)
    bytes.set(message, 64)
    this.server.handleDatagram({ bytes, start: 64, end: 64 + message.length, path }, this.#now)
    const out = this.#out
    if (this.server.pollTransmit(out)) {
      invariant(
        !this.server.pollTransmit(out) && !this.server.pollRelayTransmit(this.#relayOut),
        'two outputs',
      )
      this.#checkSent(path, message, payload)
    } else if (this.server.pollRelayTransmit(this.#relayOut)) this.#checkSentToPeer(payload)
    const nonce = isChallenged ? this.#nonces.get(path) : undefined
    if (nonce !== undefined) this.#said.add('challenge')
  }

  #checkSent(path: number, request: Uint8Array, payload: Uint8Array): void {
    const { bytes, start, end } = this.#out
    const message = this.#message
    if (isChannelData(bytes, start, end)) {
      const channelData = this.#channelData
      invariant(channelData.decode(bytes, start, end) === undefined, 'ChannelData that is none')
      this.#checkRelayed(path, bytes.subarray(channelData.dataStart, channelData.dataEnd), payload)
      return
    }
    invariant(message.decodeWithClassic(bytes, start, end) === undefined, 'sends what is no message')
    if (message.messageClass === 'indication') {
      const at = decodeData(message)
      this.#checkRelayed(path, bytes.subarray(at?.start ?? 0, at?.end ?? 0), payload)
      return
    }
    invariant(this.#out.path === path, 'a response to somebody else')
    for (let i = 8; i < 20; i++) invariant(bytes[start + i] === request[i], 'another transaction')
    const code = decodeErrorCode(message)?.code
    if (code === 401 || code === 438) {
      invariant(end - start <= request.length + 80, 'a long reply to nobody')
      this.#nonces.set(path, decodeNonce(message) ?? '')
    }
    const relayed = decodeXorRelayedAddress(message)
    if (relayed !== undefined && this.#relayed.length < 100) this.#relayed.push(relayed)
    this.#said.add(`${message.method} ${code ?? 'success'}`)
  }

  /** What goes from client to client is what was sent, within a room, to a path that is there. */
  #checkRelayed(path: number, data: Uint8Array, payload: Uint8Array): void {
    const to = this.#out.path
    invariant(to < 2 || this.#streams.has(to), 'relayed to nobody')
    invariant(ROOMS[USERS[to] ?? ''] === ROOMS[USERS[path] ?? ''], 'relayed to another room')
    invariant(
      data.length === payload.length && data.every((octet, i) => octet === payload[i]),
      'another payload',
    )
    this.#said.add('relayed')
  }

  #checkSentToPeer(payload: Uint8Array): void {
    const { start, end, relay, peer } = this.#relayOut
    invariant(this.isPublic && this.#sockets.has(relay), 'sent by no socket')
    invariant(peer.address.join() === HOST.address.join(), `sent to ${peer.address.join('.')}`)
    invariant(end - start === payload.length, 'another payload')
    this.#said.add('sent')
  }

  /** Drains events, and what commands have given rise to. */
  #settle(): void {
    const { server } = this
    if (server.pollTransmit(this.#out)) {
      const { path } = this.#out
      invariant(path < 2 || this.#streams.has(path), 'sent to nobody')
      this.#said.add('from a peer')
    }
    invariant(!server.pollRelayTransmit(this.#relayOut), 'something more for a peer')
    for (let event = server.pollEvent(); event !== undefined; event = server.pollEvent()) {
      if (event.type === 'openRelay') {
        invariant(this.isPublic && !this.#sockets.has(event.relay), 'a socket too many')
        this.#sockets.add(event.relay)
      } else if (event.type === 'closeRelay') {
        invariant(this.#sockets.delete(event.relay), 'closed what was not open')
      } else if (this.#streams.has(event.path)) {
        this.#toggle(event.path)
        this.#said.add('cut off')
      }
    }
    invariant(server.pollTimeout() > this.#now, 'the deadline is not ahead')
  }
}

const stages = [new Stage(false), new Stage(true)]

function runOn(index: number, input: Uint8Array): string {
  const stage = stages[index] ?? new Stage(index === 1)
  try {
    stage.begin()
    for (const { kind, path, bytes } of steps(input)) stage.step(kind, path, bytes)
    return stage.finish()
  } catch (error) {
    // What is left of this run must not disturb the next.
    stages[index] = new Stage(index === 1)
    throw error
  }
}

const allocate = { kind: 2, bytes: Uint8Array.of(0, 0) }
const step = (kind: number, path: number, ...octets: number[]) => ({
  kind,
  path,
  bytes: Uint8Array.from(octets),
})

/** Two clients of a room that allocate, permit and bind each other, and talk. */
const call = script([
  { ...allocate, path: 0 },
  { ...allocate, path: 0 },
  step(0, 2),
  { ...allocate, path: 2 },
  { ...allocate, path: 2 },
  step(2, 0, 2, 1),
  step(2, 2, 2, 0),
  step(3, 0, 1, 1, 2, 3),
  step(2, 0, 3, 1),
  step(2, 2, 3, 0),
  step(4, 0, 0, 1, 2, 3),
  step(4, 2, 0, 1, 2, 3, 4),
])

/** A client in public mode that talks with a host. */
const relay = script([
  step(2, 0, 0, 0),
  step(2, 0, 0, 0),
  step(2, 0, 2, 4),
  step(3, 0, 4, 1, 2, 3),
  step(6, 0, 0, 16, 1, 2, 3),
  step(6, 0, 0, 11),
  step(2, 0, 1, 0),
])
relay[0] = (relay[0] ?? 0) | 0x80

/** The server under four clients with sound credentials that say anything, and under time; nothing is left of them. */
export const target: FuzzTarget = {
  run(input) {
    const isPublic = ((input[0] ?? 0) & 0x80) !== 0
    return `${isPublic ? 'public' : 'rooms'}: ${runOn(isPublic ? 1 : 0, input)}`
  },
  repair(input) {
    repairScript(input)
    // Raw bytes become messages.
    for (let at = 0; at < input.length; ) {
      const length = ((input[at + 1] ?? 0) << 8) | (input[at + 2] ?? 0)
      if (((input[at] ?? 0) & 7) === 1) repairMessage(input.subarray(at + 3, at + 3 + length))
      at += 3 + length
    }
  },
  seeds: [call, relay],
  maxBytes: 512,
}
