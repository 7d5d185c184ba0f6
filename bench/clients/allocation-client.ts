import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { nodeCrypto, nodeRandom } from '@crowfly/node-io'
import {
  createTransactionId,
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
  decodeXorRelayedAddress,
  encodeChannelNumber,
  encodeRequestedTransport,
  encodeXorPeerAddress,
  TransportProtocol,
  TurnMethod,
} from '@crowfly/turn'

/** How long an answer may take. */
const PATIENCE_MS = 5_000

/** A long-term credential. */
export interface AllocationCredential {
  username: string
  password: string
}

type Write = (writer: StunMessageWriter) => void
/** A relayed transport address. */
type Relayed = NonNullable<ReturnType<typeof decodeXorRelayedAddress>>

/** A client of a TURN server on loopback, over UDP, that allocates, binds a channel if it is told to, and is silent. */
export class AllocationClient {
  /** Its relayed address. */
  readonly relayed: Relayed
  readonly #wire: Wire
  readonly #sign: Write

  private constructor(relayed: Relayed, wire: Wire, sign: Write) {
    this.relayed = relayed
    this.#wire = wire
    this.#sign = sign
  }

  /** Resolves when the server has given an allocation; rejects when it refuses or does not answer. */
  static async allocate(port: number, credential: AllocationCredential): Promise<AllocationClient> {
    const wire = await Wire.open(port)
    const udp: Write = (writer) => encodeRequestedTransport(writer, TransportProtocol.UDP)
    const challenge = await wire.ask(TurnMethod.ALLOCATE, udp)
    const realm = decodeRealm(challenge) ?? ''
    const nonce = decodeNonce(challenge) ?? ''
    const { username, password } = credential
    const key = deriveLongTermKey({ username, realm, password }, PasswordAlgorithmNumber.MD5, nodeCrypto)
    if (key === undefined) throw new Error('the credential makes no key')
    const sign: Write = (writer) => {
      encodeUsername(writer, username)
      encodeRealm(writer, realm)
      encodeNonce(writer, nonce)
      encodeMessageIntegrity(writer, key, nodeCrypto)
    }
    const response = await wire.ask(TurnMethod.ALLOCATE, udp, sign)
    const relayed = decodeXorRelayedAddress(response)
    if (relayed === undefined) throw new Error('the server refused an allocation')
    return new AllocationClient(relayed, wire, sign)
  }

  /** Binds a channel to a peer, which is permitted by that as well. */
  async bind(peer: Relayed): Promise<void> {
    const channel: Write = (writer) => {
      encodeChannelNumber(writer, 0x4000)
      encodeXorPeerAddress(writer, peer)
    }
    const { messageClass } = await this.#wire.ask(TurnMethod.CHANNEL_BIND, channel, this.#sign)
    if (messageClass !== 'successResponse') throw new Error('the server refused a channel')
  }

  close(): void {
    this.#wire.close()
  }
}

/** A socket that asks one question at a time. */
class Wire {
  readonly #socket: Socket
  readonly #port: number

  private constructor(socket: Socket, port: number) {
    this.#socket = socket
    this.#port = port
  }

  static async open(port: number): Promise<Wire> {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return new Wire(socket, port)
  }

  close(): void {
    this.#socket.close()
  }

  async ask(method: number, ...parts: readonly Write[]): Promise<StunMessage> {
    const writer = new StunMessageWriter(new Uint8Array(512))
    writer.writeHeader(method, 'request', createTransactionId(nodeRandom))
    for (const write of parts) write(writer)
    this.#socket.send(writer.message, this.#port, '127.0.0.1')
    const [answer]: unknown[] = await once(this.#socket, 'message', {
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    const message = new StunMessage()
    if (!(answer instanceof Uint8Array) || message.decode(answer) !== undefined) {
      throw new Error('the server answered with something else than STUN')
    }
    return message
  }
}
