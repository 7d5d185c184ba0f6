import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6, type Socket } from 'node:net'
import { nodeCrypto, nodeRandom } from '@crowfly/node-io'
import type { Datagram, TransportAddress } from '@crowfly/sansio'
import type { IceServer } from '@crowfly/signaling'
import {
  createTransactionId,
  decodeErrorCode,
  decodeNonce,
  decodeRealm,
  deriveLongTermKey,
  encodeMessageIntegrity,
  encodeNonce,
  encodeRealm,
  encodeUsername,
  PasswordAlgorithmNumber,
  StunMessage,
  StunMessageWriter,
} from '@crowfly/stun'
import {
  decodeData,
  decodeXorPeerAddress,
  decodeXorRelayedAddress,
  encodeData,
  encodeLifetime,
  encodeRequestedAddressFamily,
  encodeRequestedTransport,
  encodeXorPeerAddress,
  TransportProtocol,
  TurnMethod,
  TurnStreamFramer,
} from '@crowfly/turn'
import { afterThis } from './running.ts'

/** Who one says one is. */
export interface RelayLogin {
  readonly username: string
  readonly credential: string
}

/** What a member was given for the relay. */
export function loginOf(iceServers: readonly IceServer[]): RelayLogin {
  const { username = '', credential = '' } = iceServers.find(({ urls }) => urls[0]?.startsWith('turn')) ?? {
    urls: [],
  }
  return { username, credential }
}

type Write = (writer: StunMessageWriter) => void
/** An error code of the server's, or 200. */
type Code = number

/** A TURN client as far as tests of the driver need one: one allocation, Send and Data. */
export class RelayClient {
  /** The texts that have come, oldest first. */
  readonly heard: string[] = []
  relayed: TransportAddress | undefined
  readonly #send: (bytes: Uint8Array) => void
  readonly #login: RelayLogin
  readonly #answers = new Map<string, (message: StunMessage) => void>()
  #realm = ''
  #nonce = ''

  private constructor(login: RelayLogin, send: (bytes: Uint8Array) => void) {
    this.#login = login
    this.#send = send
  }

  /** Over UDP, to a server on this machine. */
  static async overUdp(port: number, login: RelayLogin, host = '127.0.0.1'): Promise<RelayClient> {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
    afterThis(() => socket.close())
    socket.bind(0, host)
    await once(socket, 'listening')
    const client = new RelayClient(login, (bytes) => socket.send(bytes, port, host))
    socket.on('message', (message) => client.#take(new Uint8Array(message)))
    return client
  }

  /** Over a TCP or TLS connection that stands. */
  static overStream(socket: Socket, login: RelayLogin): RelayClient {
    const client = new RelayClient(login, (bytes) => socket.write(bytes))
    const framer = new TurnStreamFramer()
    const frame: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: 0 }
    socket.on('data', (chunk: Buffer) => {
      framer.push(new Uint8Array(chunk))
      while (framer.next(frame)) client.#take(frame.bytes.slice(frame.start, frame.end))
    })
    return client
  }

  /** Asks for a relayed address of this family; without one the server chooses. */
  async allocate(family?: 4 | 6): Promise<Code> {
    const udp: Write = (writer) => {
      encodeRequestedTransport(writer, TransportProtocol.UDP)
      if (family !== undefined) encodeRequestedAddressFamily(writer, family)
    }
    const challenge = await this.#ask(TurnMethod.ALLOCATE, udp, false)
    this.#realm = decodeRealm(challenge) ?? ''
    this.#nonce = decodeNonce(challenge) ?? ''
    const answer = await this.#ask(TurnMethod.ALLOCATE, udp)
    this.relayed = decodeXorRelayedAddress(answer)
    return codeOf(answer)
  }

  async permit(peer: TransportAddress): Promise<Code> {
    return codeOf(
      await this.#ask(TurnMethod.CREATE_PERMISSION, (writer) => encodeXorPeerAddress(writer, peer)),
    )
  }

  async refresh(seconds = 600): Promise<Code> {
    return codeOf(await this.#ask(TurnMethod.REFRESH, (writer) => encodeLifetime(writer, seconds)))
  }

  send(peer: TransportAddress, text: string): void {
    const writer = new StunMessageWriter(new Uint8Array(2048))
    writer.writeHeader(TurnMethod.SEND, 'indication', createTransactionId(nodeRandom))
    encodeXorPeerAddress(writer, peer)
    encodeData(writer, new TextEncoder().encode(text))
    this.#send(writer.message.slice())
  }

  async #ask(method: number, write: Write, isSigned = true): Promise<StunMessage> {
    const writer = new StunMessageWriter(new Uint8Array(2048))
    const id = createTransactionId(nodeRandom)
    writer.writeHeader(method, 'request', id)
    write(writer)
    if (isSigned) this.#sign(writer)
    const answer = new Promise<StunMessage>((resolve) => this.#answers.set(String(id), resolve))
    this.#send(writer.message.slice())
    return answer
  }

  #sign(writer: StunMessageWriter): void {
    const { username, credential: password } = this.#login
    const parts = { username, realm: this.#realm, password }
    const key = deriveLongTermKey(parts, PasswordAlgorithmNumber.MD5, nodeCrypto)
    encodeUsername(writer, username)
    encodeRealm(writer, this.#realm)
    encodeNonce(writer, this.#nonce)
    encodeMessageIntegrity(writer, key ?? new Uint8Array(16), nodeCrypto)
  }

  #take(bytes: Uint8Array): void {
    const message = new StunMessage()
    if (message.decode(bytes, 0, bytes.length) !== undefined) return
    const data = message.method === TurnMethod.DATA ? decodeData(message) : undefined
    if (data !== undefined && decodeXorPeerAddress(message) !== undefined) {
      this.heard.push(new TextDecoder().decode(bytes.subarray(data.start, data.end)))
    }
    this.#answers.get(String(bytes.slice(8, 20)))?.(message)
  }
}

function codeOf(answer: StunMessage): Code {
  return answer.messageClass === 'successResponse' ? 200 : (decodeErrorCode(answer)?.code ?? 0)
}
