import { nodeCrypto } from '@crowfly/node-io'
import type { TransportAddress } from '@crowfly/sansio'
import {
  decodeErrorCode,
  decodeNonce,
  decodeRealm,
  decodeXorAddress,
  deriveLongTermKey,
  PasswordAlgorithmNumber,
  StunMessage,
} from '@crowfly/stun'
import { TurnAttributeType, TurnMethod } from '@crowfly/turn'
import {
  type Auth,
  buildChannelData,
  buildMessage,
  type Write,
  writeChannel,
  writeData,
  writeFamily,
  writeLifetime,
  writePeer,
  writeUdp,
} from './messages.ts'
import { openTcpWire, openUdpWire, type Wire, type WireOptions } from './wire.ts'

/** Who one says one is. */
export interface Credentials {
  readonly username: string
  readonly password: string
}

/** An error code, or that it succeeded, or that nothing came. */
export type Outcome = number | 'success' | 'silence'

/** How a request ended. */
export interface Reply {
  readonly outcome: Outcome
  /** Of no attributes when nothing came. */
  readonly message: StunMessage
  /** Size of what came. */
  readonly bytes: number
}

/** What came over an allocation: in a Data indication or as ChannelData. */
export interface Arrival {
  readonly text: string
  readonly peer?: TransportAddress
  readonly channel?: number
}

/** Where a client connects to, and as whom. */
export interface TurnClientOptions extends WireOptions {
  realm: string
  credentials: Credentials
  transport?: 'udp' | 'tcp'
}

const NOTHING: Write = () => {}
const TRIES = 3

/** More than any attack looks for; a flood that comes through is not kept. */
const MOST_ARRIVALS = 10_000
const utf8 = new TextDecoder()

/** A TURN client that does what it is told to, wrong or right, one step at a time. */
export class TurnClient {
  readonly wire: Wire
  readonly options: TurnClientOptions
  /** The first of them. */
  readonly arrivals: Arrival[] = []
  /** Called with each arrival. */
  onArrival: (arrival: Arrival) => void = () => {}
  /** Bytes and count of all that came. */
  readonly received = { bytes: 0, messages: 0 }
  relayed: TransportAddress | undefined
  relayedV6: TransportAddress | undefined
  lifetime = 0
  auth: Auth | undefined
  readonly #waiting = new Map<string, (message: Uint8Array) => void>()

  private constructor(wire: Wire, options: TurnClientOptions) {
    this.wire = wire
    this.options = options
    wire.receive = (bytes) => this.#take(bytes)
  }

  static async open(options: TurnClientOptions): Promise<TurnClient> {
    const open = options.transport === 'tcp' ? openTcpWire : openUdpWire
    return new TurnClient(await open(options), options)
  }

  /** Sends a message and gives the reply to it; sends it again over UDP when nothing comes. */
  async ask(message: Uint8Array, waitMs = 800, tries = TRIES): Promise<Reply> {
    const id = transactionOf(message)
    for (let left = this.wire.isReliable ? 1 : tries; left > 0; left--) {
      const bytes = await this.#once(id, message, this.wire.isReliable ? waitMs * 3 : waitMs)
      if (bytes !== undefined) return readReply(bytes)
    }
    return { outcome: 'silence', message: new StunMessage(), bytes: 0 }
  }

  /** A request with the credentials, after the challenge that the first one brings. */
  async request(method: number, write: Write = NOTHING): Promise<Reply> {
    let reply = await this.ask(this.build(method, write))
    for (let challenges = 0; challenges < 2; challenges++) {
      const isChallenge = reply.outcome === 438 || (reply.outcome === 401 && this.auth === undefined)
      if (!isChallenge || !this.#learn(reply)) break
      reply = await this.ask(this.build(method, write))
    }
    return reply
  }

  /** A request as `request` would send it. */
  build(method: number, write: Write = NOTHING, auth: Auth | undefined = this.auth): Uint8Array {
    return buildMessage(method, 'request', write, auth)
  }

  /** What it would be authenticated with if it were somebody else. */
  authAs(credentials: Credentials, nonce = this.auth?.nonce ?? '', realm = this.auth?.realm ?? ''): Auth {
    const parts = { username: credentials.username, password: credentials.password, realm }
    const key = deriveLongTermKey(parts, PasswordAlgorithmNumber.MD5, nodeCrypto)
    if (key === undefined) throw new TypeError('credentials that no key can be made of')
    return { username: credentials.username, realm, nonce, key }
  }

  /** Asks for an allocation of the family, of both with 'both', of the server's choice by default. */
  async allocate(family?: 4 | 6 | 'both', more: Write = NOTHING): Promise<Reply> {
    const reply = await this.request(TurnMethod.ALLOCATE, (writer) => {
      writeUdp(writer)
      if (family === 'both') {
        writer.writeAttribute(TurnAttributeType.ADDITIONAL_ADDRESS_FAMILY, Uint8Array.of(2, 0, 0, 0))
      } else if (family !== undefined) writeFamily(writer, family)
      more(writer)
    })
    if (reply.outcome !== 'success') return reply
    const { message } = reply
    for (let at = message.find(TurnAttributeType.XOR_RELAYED_ADDRESS); at >= 0; at = message.findNext(at)) {
      const address = decodeXorAddress(message, at)
      if (address?.family === 6) this.relayedV6 = address
      if (address !== undefined) this.relayed ??= address
    }
    const at = message.find(TurnAttributeType.LIFETIME)
    if (at >= 0) this.lifetime = viewOf(message.valueAt(at)).getUint32(0)
    return reply
  }

  permit(...peers: TransportAddress[]): Promise<Reply> {
    return this.request(TurnMethod.CREATE_PERMISSION, (writer) => {
      for (const peer of peers) writePeer(writer, peer)
    })
  }

  bind(channel: number, peer: TransportAddress): Promise<Reply> {
    return this.request(TurnMethod.CHANNEL_BIND, (writer) => {
      writeChannel(writer, channel)
      writePeer(writer, peer)
    })
  }

  refresh(seconds?: number): Promise<Reply> {
    return this.request(TurnMethod.REFRESH, (writer) => {
      if (seconds !== undefined) writeLifetime(writer, seconds)
    })
  }

  /** Ends the allocation. The client may go on. */
  async release(): Promise<Reply> {
    const reply = await this.refresh(0)
    if (reply.outcome === 'success') this.relayed = this.relayedV6 = undefined
    return reply
  }

  /** Sends by a Send indication. */
  send(peer: TransportAddress, text: string): void {
    this.wire.send(
      buildMessage(TurnMethod.SEND, 'indication', (writer) => {
        writePeer(writer, peer)
        writeData(writer, encode(text))
      }),
    )
  }

  /** Sends as ChannelData. */
  sendOn(channel: number, text: string): void {
    this.wire.send(buildChannelData(channel, encode(text), { isPadded: this.wire.isReliable }))
  }

  /** Whether this text has arrived. */
  has(text: string): boolean {
    return this.arrivals.some((arrival) => arrival.text === text)
  }

  close(): void {
    this.wire.close()
  }

  #once(id: string, message: Uint8Array, waitMs: number): Promise<Uint8Array | undefined> {
    return new Promise((resolve) => {
      const finish = (bytes: Uint8Array | undefined) => {
        clearTimeout(timer)
        this.#waiting.delete(id)
        resolve(bytes)
      }
      const timer = setTimeout(() => finish(undefined), waitMs)
      this.#waiting.set(id, finish)
      this.wire.send(message)
    })
  }

  #learn({ message }: Reply): boolean {
    const nonce = decodeNonce(message)
    if (nonce === undefined) return false
    this.auth = this.authAs(this.options.credentials, nonce, decodeRealm(message) ?? this.options.realm)
    return true
  }

  #take(bytes: Uint8Array): void {
    this.received.bytes += bytes.length
    this.received.messages++
    const [first = 0xff] = bytes
    if (first >= 0x40 && first <= 0x4f) {
      const view = viewOf(bytes)
      this.#arrived({ text: utf8.decode(bytes.subarray(4)), channel: view.getUint16(0) })
      return
    }
    const finish = this.#waiting.get(transactionOf(bytes))
    if (finish !== undefined) {
      finish(bytes)
      return
    }
    const message = new StunMessage()
    if (message.decode(bytes) !== undefined || message.method !== TurnMethod.DATA) return
    const peer = decodeXorAddress(message, message.find(TurnAttributeType.XOR_PEER_ADDRESS))
    const at = message.find(TurnAttributeType.DATA)
    if (peer !== undefined && at >= 0) this.#arrived({ text: utf8.decode(message.valueAt(at)), peer })
  }

  #arrived(arrival: Arrival): void {
    if (this.arrivals.length < MOST_ARRIVALS) this.arrivals.push(arrival)
    this.onArrival(arrival)
  }
}

function readReply(bytes: Uint8Array): Reply {
  const message = new StunMessage()
  const fault = message.decodeWithClassic(bytes)
  if (fault !== undefined) return { outcome: 0, message, bytes: bytes.length }
  const isSuccess = message.messageClass === 'successResponse'
  return {
    outcome: isSuccess ? 'success' : (decodeErrorCode(message)?.code ?? 0),
    message,
    bytes: bytes.length,
  }
}

function transactionOf(message: Uint8Array): string {
  return Buffer.from(message.subarray(8, 20)).toString('hex')
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
