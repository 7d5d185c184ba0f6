import {
  type Datagram,
  formatTransportAddress,
  type Millis,
  type PathId,
  PathTable,
  type TransportAddress,
} from '@crowfly/sansio'
import { decodeErrorCode, decodeNonce, StunMessage } from '@crowfly/stun'
import { formatHex, lend, type SeededRandom, testCrypto, VirtualClock } from '@crowfly/testkit'
import { encodeAdditionalAddressFamily } from '../../proto/attributes/additional-address-family.ts'
import { decodeData } from '../../proto/attributes/data.ts'
import { encodeEvenPort } from '../../proto/attributes/even-port.ts'
import { encodeRequestedAddressFamily } from '../../proto/attributes/requested-address-family.ts'
import { decodeReservationToken, encodeReservationToken } from '../../proto/attributes/reservation-token.ts'
import { decodeXorPeerAddress } from '../../proto/attributes/xor-peer-address.ts'
import { decodeXorRelayedAddress } from '../../proto/attributes/xor-relayed-address.ts'
import { ChannelDataMessage, isChannelData } from '../../proto/channel-data.ts'
import { TurnAttributeType } from '../../proto/turn-attribute-type.ts'
import { TurnMethod } from '../../proto/turn-method.ts'
import { PeerFilter } from '../peer-filter.ts'
import type { PeerPolicy } from '../peer-policy.ts'
import type { RelayDatagram, RelayId, TurnServerEvent } from '../relay.ts'
import { TurnServer } from '../turn-server.ts'
import { channelData, messageOf, requests, sendIndication, sign, type Write } from './test-requests.ts'
import { address } from './turn-bench.ts'
import { type ModelRequest, type ModelRoute, TurnModel } from './turn-model.ts'

const REALM = 'sim'
const ROOMS: ReadonlyMap<string, string | null> = new Map([
  ['ann', 'one'],
  ['bob', 'one'],
  ['eve', 'two'],
  ['mallory', 'two'],
])
const HOSTS = [address('9.9.9.1', 5000), address('9.9.9.2', 5000), address('2400::9', 5000)]
const FOREIGN = [
  address('127.0.0.1', 80),
  address('::1', 80),
  address('10.0.0.1', 80),
  address('::ffff:10.0.0.1', 1),
]
const RELAYS = {
  rooms: ['198.51.100.1', '2001:db8::1'],
  public: ['8.1.1.1', '2400::1'],
} as const

/** A client as the world sees it: an address, or a connection. */
interface Client {
  readonly name: string
  readonly user: string
  readonly transport: 'udp' | 'tcp'
  remote: TransportAddress
  /** Of a connection; UDP paths are interned anew for each datagram. */
  path: PathId
  nonce: string
  isGone: boolean
  /** As far as it knows. */
  isAllocated: boolean
}

/** What a packet of a client's means. */
type Meaning =
  | {
      kind: 'request'
      request: ModelRequest
      isAuthentic: boolean
      user: string
      resend: (nonce: string) => void
    }
  | { kind: 'payload'; to: { peer: TransportAddress } | { channel: number }; payload: string }
  | { kind: 'noise' }

/** What came of a run. */
export interface WorldTotals {
  granted: number
  refused: number
  relayed: number
  dropped: number
}

/** A server, clients over UDP and TCP that do what comes into their heads, and a model that is asked about all of it. */
export class TurnWorld {
  readonly totals: WorldTotals = { granted: 0, refused: 0, relayed: 0, dropped: 0 }
  readonly #random: SeededRandom
  readonly #clock = new VirtualClock()
  readonly #paths: PathTable
  readonly #server: TurnServer
  readonly #model: TurnModel
  readonly #mode: 'rooms' | 'public'
  readonly #clients: Client[] = []
  readonly #connections = new Map<PathId, Client>()
  readonly #sockets = new Map<RelayId, string>()
  readonly #relayed: { user: string; relayed: TransportAddress }[] = []
  readonly #tokens: string[] = []
  readonly #loss: number
  #suspendedUntil: Millis = 0
  #cancelTimer = (): void => {}
  #names = 0

  constructor(random: SeededRandom, mode: 'rooms' | 'public') {
    this.#random = random
    this.#mode = mode
    this.#loss = random.pick([0, 0.05, 0.3])
    this.#paths = new PathTable({ capacity: 24 })
    const account = (room: string | null) => ({ password: 'p', room, mayAllocate: true })
    this.#server = new TurnServer({
      paths: this.#paths,
      random: random.fork(),
      crypto: testCrypto,
      realm: REALM,
      nonceKey: random.bytes(32),
      accounts: {
        find: (username) => {
          const room = ROOMS.get(username)
          return room === undefined ? undefined : account(room)
        },
      },
      peers: policyOf(mode),
      limits: { maxIdleStreamSeconds: 120, maxRefusalsPerStream: 1000 },
    })
    this.#model = new TurnModel({
      rooms: ROOMS,
      ownAddresses: new Set(RELAYS[mode]),
      hosts: new Set(mode === 'rooms' ? [] : ['9.9.9.1', '9.9.9.2', '2400::9']),
    })
    for (let i = 0; i < 6; i++) this.#addClient()
  }

  /** Lets the clients act for a while, then everybody falls silent, and nothing may be left. */
  run(actions: number): void {
    for (let i = 0; i < actions; i++) {
      this.#act()
      this.#clock.advance(this.#random.pick([0, 20, 300, 3000, 30_000]) * this.#random.number())
    }
    for (const client of this.#clients) if (client.transport === 'tcp') this.#close(client)
    this.#clock.advance(6_000_000)
    this.#checkEmpty()
  }

  #act(): void {
    const client = this.#random.pick(this.#clients)
    const roll = this.#random.number()
    const isReady = client.isAllocated || this.#random.chance(0.1)
    if (roll < 0.008) this.#clock.advance(this.#random.pick([100_000, 400_000, 1_000_000]))
    else if (roll < 0.018)
      this.#suspendedUntil = this.#clock.now() + this.#random.pick([5000, 310_000, 700_000])
    else if (roll < 0.035) this.#move(client)
    else if (roll < 0.04) this.#leave(client.user)
    else if (roll < 0.06) this.#send(client, this.#random.bytes(this.#random.integer(80)), { kind: 'noise' })
    else if (roll < 0.12 || !isReady) this.#allocate(client)
    else if (roll < 0.16) this.#refresh(client)
    else if (roll < 0.38) this.#permit(client)
    else if (roll < 0.48) this.#bind(client)
    else this.#say(client)
  }

  #allocate(client: Client): void {
    const kind = this.#random.pick(['plain', 'plain', 'plain', 'dual', 'six', 'even', 'token'] as const)
    const token = kind === 'token' && this.#tokens.length > 0 ? this.#random.pick(this.#tokens) : undefined
    const more: Write = (writer) => {
      if (kind === 'dual') encodeAdditionalAddressFamily(writer, 6)
      if (kind === 'six') encodeRequestedAddressFamily(writer, 6)
      if (kind === 'even') encodeEvenPort(writer, { reserveNext: true })
      if (token !== undefined) encodeReservationToken(writer, bytesOf(token))
    }
    const families: (4 | 6)[] = kind === 'dual' ? [4, 6] : [kind === 'six' ? 6 : 4]
    const id = this.#random.bytes(12)
    this.#request(client, TurnMethod.ALLOCATE, requests.allocate(more), id, {
      kind: 'allocate',
      id: formatHex(id),
      families,
      token,
      reservesNext: kind === 'even',
    })
  }

  #refresh(client: Client): void {
    const lifetimeSeconds = this.#random.pick([0, 1, 600, 1800, 100_000])
    const id = this.#random.bytes(12)
    this.#request(client, TurnMethod.REFRESH, requests.refresh(lifetimeSeconds), id, {
      kind: 'refresh',
      lifetimeSeconds,
    })
  }

  #permit(client: Client): void {
    const peers = Array.from({ length: 1 + this.#random.integer(2) }, () => this.#peer(client))
    const id = this.#random.bytes(12)
    this.#request(client, TurnMethod.CREATE_PERMISSION, requests.createPermission(...peers), id, {
      kind: 'permit',
      peers,
    })
  }

  #bind(client: Client): void {
    const peer = this.#peer(client)
    const channel = this.#channel()
    const id = this.#random.bytes(12)
    this.#request(client, TurnMethod.CHANNEL_BIND, requests.channelBind(channel, peer), id, {
      kind: 'bind',
      channel,
      peer,
    })
  }

  #say(client: Client): void {
    const data = this.#random.bytes(4 + this.#random.integer(20))
    const payload = formatHex(data)
    if (this.#random.chance(0.5)) {
      const peer = this.#peer(client)
      const bytes = sendIndication(peer, data, this.#random.bytes(12))
      this.#send(client, bytes, { kind: 'payload', to: { peer }, payload })
    } else {
      const channel = this.#channel()
      const bytes = channelData(channel, data, client.transport === 'tcp')
      this.#send(client, bytes, { kind: 'payload', to: { channel }, payload })
    }
  }

  /** A relayed address that somebody has or had, of the same room mostly. */
  #peer(client: Client): TransportAddress {
    const recent = this.#relayed.slice(-12)
    const near = recent.filter(({ user }) => ROOMS.get(user) === ROOMS.get(client.user)).slice(-4)
    const roll = this.#random.number()
    if (near.length > 0 && roll < 0.7) return this.#random.pick(near).relayed
    if (recent.length > 0 && roll < 0.85) return this.#random.pick(recent).relayed
    return roll < 0.97 ? this.#random.pick(HOSTS) : this.#random.pick(FOREIGN)
  }

  #channel(): number {
    return 0x4000 + this.#random.integer(4)
  }

  #request(client: Client, method: number, write: Write, id: Uint8Array, request: ModelRequest): void {
    // Now and then somebody else's name, or a wrong password.
    const user = this.#random.chance(0.03) ? this.#random.pick([...ROOMS.keys()]) : client.user
    const isAuthentic = !this.#random.chance(0.03)
    const isSha256 = this.#random.chance(0.2)
    const password = isAuthentic ? 'p' : 'wrong'
    const bytes = (nonce: string): Uint8Array =>
      messageOf(method, 'request', id, (writer) => {
        write(writer)
        if (nonce !== '')
          sign(writer, { username: user, realm: REALM, password, nonce, crypto: testCrypto, isSha256 })
      })
    const send = (nonce: string, resend: (nonce: string) => void): void => {
      const meaning: Meaning = {
        kind: 'request',
        request,
        isAuthentic: isAuthentic && nonce !== '',
        user,
        resend,
      }
      this.#send(client, bytes(nonce), meaning)
      // Retransmitted whether it was answered or not.
      if (this.#random.chance(0.3)) this.#clock.after(500, () => this.#send(client, bytes(nonce), meaning))
    }
    send(client.nonce, (nonce) => {
      client.nonce = nonce
      send(nonce, () => {})
    })
  }

  /** On its way to the server: lost, late or doubled over UDP; in order over TCP. */
  #send(client: Client, bytes: Uint8Array, meaning: Meaning): void {
    const isDatagram = client.transport === 'udp'
    if (isDatagram && this.#random.chance(this.#loss)) return
    const copies = isDatagram && this.#random.chance(0.1) ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      const delay = isDatagram ? this.#random.number() * 200 : 50
      this.#clock.after(delay, () => this.#arrive(client, bytes, meaning))
    }
  }

  #arrive(client: Client, bytes: Uint8Array, meaning: Meaning): void {
    const wait = this.#suspendedUntil - this.#clock.now()
    if (wait > 0) {
      this.#clock.after(wait, () => this.#arrive(client, bytes, meaning))
      return
    }
    if (client.isGone && client.transport === 'tcp') return
    const path =
      client.transport === 'tcp'
        ? client.path
        : this.#paths.intern('udp', localOf(client.remote), client.remote)
    if (path < 0) return
    const { granted, refused } = this.#server.counters
    const before = total(granted) + total(refused)
    const expected =
      meaning.kind === 'payload'
        ? this.#model.route(nameOf(client), meaning.to, this.#clock.now())
        : undefined
    lend(bytes, path, (input) => {
      this.#server.handleDatagram(input, this.#clock.now())
      if (meaning.kind === 'payload') this.#checkRoute(expected, meaning.payload)
      else if (meaning.kind === 'request') this.#takeResponse(client, meaning, path)
      else this.#drop()
    })
    const isAuthenticated = total(granted) + total(refused) > before
    if (isAuthenticated && meaning.kind === 'request' && !meaning.isAuthentic)
      throw new RangeError('a forged request')
    this.#settle()
  }

  #takeResponse(client: Client, meaning: Meaning & { kind: 'request' }, path: PathId): void {
    const out = emptyDatagram()
    if (!this.#server.pollTransmit(out)) throw new RangeError('a request without a response')
    if (out.path !== path) throw new RangeError('a response to somebody else')
    const message = new StunMessage()
    const fault = message.decode(out.bytes, out.start, out.end)
    if (fault !== undefined) throw new RangeError(`a response that is ${fault}`)
    const code = decodeErrorCode(message)?.code
    if (code === 401 || code === 438) {
      if (meaning.isAuthentic && code === 401) throw new RangeError('401 to a sound request')
      const nonce = decodeNonce(message)
      if (nonce !== undefined) this.#clock.after(100, () => meaning.resend(nonce))
      return
    }
    if (code === undefined) this.totals.granted++
    else this.totals.refused++
    if (!meaning.isAuthentic) throw new RangeError(`a forged request got ${code}`)
    const relayed = relayedIn(message)
    const token = decodeReservationToken(message)
    const response = { code, relayed, token: token && formatHex(token) }
    this.#model.answer(nameOf(client), meaning.user, meaning.request, response, this.#clock.now())
    if (code === 437) client.isAllocated = meaning.request.kind === 'allocate'
    if (meaning.request.kind === 'refresh' && meaning.request.lifetimeSeconds === 0)
      client.isAllocated = false
    if (meaning.request.kind !== 'allocate') return
    if (code === undefined) client.isAllocated = true
    this.#relayed.push(...relayed.map((each) => ({ user: meaning.user, relayed: each })))
    if (response.token !== undefined) this.#tokens.push(response.token)
  }

  /** What the server sends must be what the model says, no less and no more. */
  #checkRoute(expected: ModelRoute | undefined, payload: string): void {
    const out = emptyDatagram()
    const relayOut: RelayDatagram = { ...out, relay: -1, peer: address('0.0.0.0', 0) }
    let actual: ModelRoute | undefined
    let data = ''
    if (this.#server.pollTransmit(out)) ({ route: actual, data } = this.#readDelivery(out, expected))
    else if (this.#server.pollRelayTransmit(relayOut)) {
      const relayed = this.#sockets.get(relayOut.relay) ?? 'no socket'
      actual = { to: 'peer', relayed, peer: formatTransportAddress(relayOut.peer) }
      data = formatHex(relayOut.bytes.slice(relayOut.start, relayOut.end))
      this.#echo(relayOut.relay, relayOut.peer, data)
    }
    if (actual === undefined) this.totals.dropped++
    else this.totals.relayed++
    const isRight = JSON.stringify(actual) === JSON.stringify(expected)
    if (!isRight || (actual !== undefined && data !== payload)) {
      throw new RangeError(`relayed ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`)
    }
    this.#drop()
  }

  #readDelivery(
    { bytes, start, end, path }: Datagram,
    expected: ModelRoute | undefined,
  ): { route: ModelRoute; data: string } {
    const client = this.#connections.get(path)?.name ?? formatTransportAddress(this.#paths.remote(path))
    const copy = bytes.slice(start, end)
    if (isChannelData(copy, 0, copy.length)) {
      const message = new ChannelDataMessage()
      if (message.decode(copy) !== undefined) throw new RangeError('ChannelData that is none')
      const { channel, dataStart, dataEnd } = message
      // The number stands for the peer that the model has bound it to.
      const from = expected?.to === 'client' ? expected.from : ''
      return {
        route: { to: 'client', client, from, channel },
        data: formatHex(copy.slice(dataStart, dataEnd)),
      }
    }
    const message = new StunMessage()
    if (message.decode(copy) !== undefined) throw new RangeError('STUN that is none')
    const peer = decodeXorPeerAddress(message)
    const at = decodeData(message)
    const from = peer === undefined ? '' : formatTransportAddress(peer)
    const data = formatHex(copy.slice(at?.start ?? 0, at?.end ?? 0))
    return { route: { to: 'client', client, from, channel: undefined }, data }
  }

  /** A host answers, sometimes much later. */
  #echo(relay: RelayId, peer: TransportAddress, data: string): void {
    const relayed = this.#sockets.get(relay)
    this.#clock.after(this.#random.pick([10, 1000, 400_000]), () => {
      // A driver delivers nothing from a socket that it has closed.
      if (relayed === undefined || this.#sockets.get(relay) !== relayed) return
      if (this.#suspendedUntil > this.#clock.now()) return
      const expected = this.#model.routeFromPeer(relayed, peer, this.#clock.now())
      lend(bytesOf(data), 0, ({ bytes, start, end }) => {
        this.#server.handleRelayDatagram({ bytes, start, end, relay, peer }, this.#clock.now())
        this.#checkRoute(expected, data)
      })
      this.#settle()
    })
  }

  #settle(): void {
    for (let event = this.#server.pollEvent(); event !== undefined; event = this.#server.pollEvent())
      this.#obey(event)
    this.#cancelTimer()
    this.#cancelTimer = this.#clock.at(this.#server.pollTimeout(), () => this.#wake())
  }

  #wake(): void {
    const wait = this.#suspendedUntil - this.#clock.now()
    if (wait > 0) {
      this.#cancelTimer = this.#clock.after(wait, () => this.#wake())
      return
    }
    this.#server.handleTimeout(this.#clock.now())
    this.#drop()
    this.#settle()
    if (this.#server.pollTimeout() <= this.#clock.now()) throw new RangeError('the deadline is not ahead')
  }

  #obey(event: TurnServerEvent): void {
    if (event.type === 'openRelay') {
      if (this.#mode === 'rooms' || this.#sockets.has(event.relay)) throw new RangeError('a socket too many')
      this.#sockets.set(event.relay, formatTransportAddress(event.address))
    } else if (event.type === 'closeRelay') {
      if (!this.#sockets.delete(event.relay)) throw new RangeError('a socket that was not open')
    } else {
      const client = this.#connections.get(event.path)
      if (client !== undefined) this.#move(client)
    }
  }

  /** Nothing may be said now. */
  #drop(): void {
    if (this.#server.pollTransmit(emptyDatagram())) throw new RangeError('something was sent to nobody')
  }

  #addClient(): void {
    const name = `client ${this.#names++}`
    const transport = this.#random.pick(['udp', 'udp', 'tcp'] as const)
    const client: Client = {
      name,
      user: this.#random.pick([...ROOMS.keys()]),
      transport,
      remote: this.#newAddress(),
      path: -1,
      nonce: '',
      isGone: false,
      isAllocated: false,
    }
    this.#clients.push(client)
    if (transport === 'tcp') this.#open(client)
  }

  #newAddress(): TransportAddress {
    const host = 1 + this.#random.integer(200)
    const port = 1024 + this.#random.integer(60_000)
    return this.#random.chance(0.7)
      ? address(`203.0.113.${host}`, port)
      : address(`2001:db8:77::${host}`, port)
  }

  /** Another network: a new address, or a new connection. */
  #move(client: Client): void {
    if (client.transport === 'tcp') this.#close(client)
    this.#clients.splice(this.#clients.indexOf(client), 1)
    this.#addClient()
  }

  #open(client: Client): void {
    client.path = this.#paths.open('tcp', localOf(client.remote), client.remote)
    if (client.path < 0) {
      client.isGone = true
      return
    }
    this.#connections.set(client.path, client)
    this.#server.handleOpen(client.path, undefined, this.#clock.now())
    this.#settle()
  }

  #close(client: Client): void {
    if (client.isGone) return
    client.isGone = true
    this.#server.handleClose(client.path, this.#clock.now())
    this.#connections.delete(client.path)
    this.#paths.release(client.path)
    this.#model.forget(client.name)
    this.#settle()
  }

  #leave(user: string): void {
    this.#server.endAllocationsOf((name) => name === user, this.#clock.now())
    this.#model.leave(user)
    this.#settle()
  }

  #checkEmpty(): void {
    const { allocations, reservations, ports, streams, timers } = this.#server.sizes
    const left = [allocations, reservations, ports, streams, timers, this.#paths.held, this.#sockets.size]
    if (left.some((count) => count !== 0)) throw new RangeError(`left over: ${left.join()}`)
    if (this.#server.pollTimeout() !== Infinity) throw new RangeError('a deadline is left')
  }
}

function nameOf(client: Client): string {
  return client.transport === 'tcp' ? client.name : formatTransportAddress(client.remote)
}

function localOf(remote: TransportAddress): TransportAddress {
  return remote.family === 4 ? address('192.0.2.1', 3478) : address('2001:db8:1::1', 3478)
}

function policyOf(mode: 'rooms' | 'public'): PeerPolicy {
  if (mode === 'rooms') return { kind: 'rooms' }
  const [four, six] = RELAYS.public
  return {
    kind: 'public',
    filter: new PeerFilter(),
    relayAddress: (family) => address(family === 4 ? four : six, 0).address,
    ports: { least: 50_000, most: 50_511 },
    ownAddresses: [address(four, 0).address, address(six, 0).address],
  }
}

function relayedIn(message: StunMessage): TransportAddress[] {
  const found: TransportAddress[] = []
  let at = message.find(TurnAttributeType.XOR_RELAYED_ADDRESS)
  for (; at >= 0; at = message.findNext(at)) {
    const relayed = decodeXorRelayedAddress(message, at)
    if (relayed !== undefined) found.push(relayed)
  }
  return found
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16))
}

function emptyDatagram(): Datagram {
  return { bytes: new Uint8Array(0), start: 0, end: 0, path: -1 }
}

function total(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}
