import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import type { Socket } from 'node:net'
import { signalingPath, signalingSubprotocol } from '@crowfly/signaling'
import {
  type ClientFrame,
  clientFrame,
  decode,
  encode,
  protocolVersion,
  type ServerMessage,
  serverFrame,
} from '@crowfly/signaling/wire'
import type { Credentials } from '../client/turn-client.ts'

const BINARY = 0x82

/** Somebody alone in a room of their own, for the relay's credentials. */
export class RoomMember {
  readonly credentials: Credentials
  readonly #line: SignalingLine

  private constructor(line: SignalingLine, credentials: Credentials) {
    this.#line = line
    this.credentials = credentials
  }

  /** Opens a room; stays in it until `leave`. */
  static async create(host: string, port: number): Promise<RoomMember> {
    const line = await SignalingLine.open(host, port)
    const joined = await line.create()
    if (joined.type !== 'joined') throw new Error(`no room to be had: ${JSON.stringify(joined)}`)
    const server = joined.iceServers.find(({ credential }) => credential !== '')
    if (server === undefined) throw new Error('no TURN server was given out on joining')
    return new RoomMember(line, { username: server.username, password: server.credential })
  }

  /** Says that it leaves. */
  leave(): void {
    this.#line.leave()
  }

  close(): void {
    this.#line.close()
  }
}

/** A WebSocket (RFC 6455) with Crowfly's signaling on it, as far as one member alone needs it. */
class SignalingLine {
  readonly #socket: Socket
  #rest: Uint8Array = new Uint8Array(0)
  #received = 0
  #heard: (message: ServerMessage) => void = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk) => this.#take(chunk))
    socket.on('error', () => {})
  }

  static async open(host: string, port: number): Promise<SignalingLine> {
    const upgrade = request({
      host,
      port,
      path: signalingPath,
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
        'Sec-WebSocket-Protocol': signalingSubprotocol,
      },
    }).end()
    const opened: Promise<Socket> = new Promise((resolve, reject) => {
      upgrade.once('upgrade', (_, socket) => resolve(socket))
      upgrade.once('response', ({ statusCode }) => reject(new Error(`signaling answered ${statusCode}`)))
      upgrade.once('error', reject)
    })
    return new SignalingLine(await opened)
  }

  /** Opens a room and gives the server's answer. */
  create(): Promise<ServerMessage> {
    const answer: Promise<ServerMessage> = new Promise((resolve) => {
      this.#heard = resolve
    })
    const memberId = randomBytes(16).toString('base64url')
    this.#send({ type: 'hello', version: protocolVersion, session: randomBytes(16), received: 0 })
    this.#send({ type: 'item', seq: 1, ack: 0, message: { type: 'create', memberId } })
    return answer
  }

  leave(): void {
    this.#send({ type: 'item', seq: 2, ack: this.#received, message: { type: 'leave' } })
  }

  close(): void {
    this.#socket.destroy()
  }

  #send(frame: ClientFrame): void {
    const payload = encode(clientFrame, frame)
    const isLong = payload.length > 125
    const header = Buffer.alloc(isLong ? 8 : 6)
    header[0] = BINARY
    header[1] = 0x80 | (isLong ? 126 : payload.length)
    if (isLong) header.writeUInt16BE(payload.length, 2)
    // A masking key of zeros changes nothing.
    this.#socket.write(Buffer.concat([header, payload]))
  }

  #take(chunk: Uint8Array): void {
    this.#rest = Buffer.concat([this.#rest, chunk])
    for (;;) {
      const [opcode = 0, short = 0, high = 0, low = 0] = this.#rest
      const start = short === 126 ? 4 : 2
      const end = start + (short === 126 ? (high << 8) | low : short)
      if (this.#rest.length < 2 || this.#rest.length < end) return
      const payload = this.#rest.slice(start, end)
      this.#rest = this.#rest.slice(end)
      if (opcode === BINARY) this.#handle(payload)
    }
  }

  #handle(payload: Uint8Array): void {
    const frame = decode(serverFrame, payload)
    if (typeof frame === 'string') return
    if (frame.type === 'ping') this.#send({ type: 'pong', ack: this.#received })
    if (frame.type !== 'item') return
    this.#received = frame.seq
    this.#heard(frame.message)
  }
}
