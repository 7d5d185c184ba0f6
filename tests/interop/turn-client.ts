import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type Drive, drive, monotonicClock, nodeCrypto, nodeRandom, plainBytes } from '@crowfly/node-io'
import type { TransportAddress } from '@crowfly/sansio'
import { type Frame, StunMessage } from '@crowfly/stun'
import {
  type TurnClient as Client,
  isChannelData,
  type PeerData,
  TurnClient,
  type TurnClientEvent,
  type TurnClientOptions,
  TurnStreamFramer,
} from '@crowfly/turn'
import { until } from '../e2e/harness/until.ts'

const PATH = 0
const NOBODY: TransportAddress = { family: 4, address: new Uint8Array(4), port: 0 }

/** What a client received from a peer. */
export interface Received {
  readonly peer: TransportAddress
  readonly payload: string
  /** Whether it came as ChannelData rather than in a Data indication. */
  readonly isChannelData: boolean
}

interface Wire {
  readonly isReliable: boolean
  send(bytes: Uint8Array): void
  close(): void
}

/** A `TurnClient` with a socket, and a clock that can be put forward. */
export class TurnParty {
  readonly client: Client
  readonly events: TurnClientEvent[] = []
  readonly received: Received[] = []
  /** Methods of the requests sent, in order; repetitions too. */
  readonly requests: number[] = []
  /** Methods of the success responses received, in order. */
  readonly successes: number[] = []
  readonly #wire: Wire
  readonly #drive: Drive
  readonly #data: PeerData = { bytes: new Uint8Array(0), start: 0, end: 0, peer: NOBODY }
  #aheadMs = 0

  private constructor(wire: Wire, options: Partial<TurnClientOptions> & Credential) {
    this.#wire = wire
    const { isReliable } = wire
    this.client = new TurnClient({
      path: PATH,
      isReliable,
      random: nodeRandom,
      crypto: nodeCrypto,
      ...options,
    })
    this.#drive = drive(this.client, {
      transmit: ({ bytes, start, end }) => this.#transmit(bytes.slice(start, end)),
      event: (event) => this.events.push(event),
      clock: { now: () => monotonicClock.now() + this.#aheadMs },
    })
  }

  /** A party whose socket is at `host`, with a server there. */
  static async open(
    transport: 'udp' | 'tcp' | 'tls',
    host: string,
    port: number,
    options: Partial<TurnClientOptions> & Credential,
  ): Promise<TurnParty> {
    let receive: (bytes: Uint8Array, start: number, end: number) => void = () => {}
    const opening = { udp: openUdp, tcp: openTcp, tls: openTls }[transport]
    const party = new TurnParty(await opening(host, port, (...run) => receive(...run)), options)
    receive = (bytes, start, end) => party.#receive(bytes, start, end)
    return party
  }

  /** Does something with the client at the time it is, and drives what comes of it. */
  act<T>(action: (client: Client, now: number) => T): T {
    const result = action(this.client, this.#drive.now())
    this.#drive.settle()
    return result
  }

  /** Puts the client's clock forward, and lets what is due be done. */
  putForward(ms: number): void {
    this.#aheadMs += ms
    this.act((client, now) => client.handleTimeout(now))
  }

  /** The first event of this type from now on or before; fails when the client ends first. */
  event<Type extends TurnClientEvent['type']>(type: Type): Promise<TurnClientEvent & { type: Type }> {
    const isWanted = (event: TurnClientEvent): event is TurnClientEvent & { type: Type } =>
      event.type === type
    return until(`${type} among ${JSON.stringify(this.events)}`, () => this.events.find(isWanted))
  }

  close(): void {
    this.#drive.stop()
    this.#wire.close()
  }

  #transmit(bytes: Uint8Array): void {
    const message = new StunMessage()
    const isRequest = message.decode(bytes) === undefined && message.messageClass === 'request'
    if (isRequest) this.requests.push(message.method)
    this.#wire.send(bytes)
  }

  #receive(bytes: Uint8Array, start: number, end: number): void {
    this.client.handleDatagram({ bytes, start, end, path: PATH }, this.#drive.now())
    const message = new StunMessage()
    const isMessage = message.decode(bytes, start, end) === undefined
    if (isMessage && message.messageClass === 'successResponse') this.successes.push(message.method)
    const data = this.#data
    if (this.client.pollData(data)) {
      const payload = Buffer.from(data.bytes.subarray(data.start, data.end)).toString()
      this.received.push({ peer: data.peer, payload, isChannelData: isChannelData(bytes, start, end) })
    }
    this.#drive.settle()
  }
}

interface Credential {
  username: string
  password: string
}

type Receive = (bytes: Uint8Array, start: number, end: number) => void

async function openUdp(host: string, port: number, receive: Receive): Promise<Wire> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  socket.bind(0, host)
  await once(socket, 'listening')
  socket.on('message', (message) => receive(plainBytes(message), 0, message.length))
  return {
    isReliable: false,
    send: (bytes) => socket.send(bytes, port, host),
    close: () => socket.close(),
  }
}

async function openTcp(host: string, port: number, receive: Receive): Promise<Wire> {
  const socket = connect(port, host)
  await once(socket, 'connect')
  return streamWire(socket, receive)
}

/** Over TLS, whoever the certificate is of. */
async function openTls(host: string, port: number, receive: Receive): Promise<Wire> {
  const socket = connectTls({ port, host, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  return streamWire(socket, receive)
}

function streamWire(socket: Socket, receive: Receive): Wire {
  const framer = new TurnStreamFramer()
  const frame: Frame = { bytes: new Uint8Array(0), start: 0, end: 0 }
  socket.on('data', (chunk) => {
    framer.push(plainBytes(chunk))
    while (framer.next(frame)) receive(frame.bytes, frame.start, frame.end)
  })
  return {
    isReliable: true,
    send: (bytes) => socket.write(bytes),
    close: () => socket.destroy(),
  }
}
