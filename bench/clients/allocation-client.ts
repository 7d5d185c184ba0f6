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
import { encodeRequestedTransport, TransportProtocol, TurnMethod } from '@crowfly/turn'

/** How long an answer may take. */
const PATIENCE_MS = 5_000

/** A long-term credential. */
export interface AllocationCredential {
  username: string
  password: string
}

/** A client of a TURN server on loopback, over UDP, that allocates and then is silent. */
export class AllocationClient {
  readonly #socket: Socket
  readonly #port: number

  private constructor(socket: Socket, port: number) {
    this.#socket = socket
    this.#port = port
  }

  /** Resolves when the server has given an allocation; rejects when it refuses or does not answer. */
  static async allocate(port: number, credential: AllocationCredential): Promise<AllocationClient> {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const client = new AllocationClient(socket, port)
    const challenge = await client.#ask(() => undefined)
    const realm = decodeRealm(challenge) ?? ''
    const nonce = decodeNonce(challenge) ?? ''
    const { username, password } = credential
    const key = deriveLongTermKey({ username, realm, password }, PasswordAlgorithmNumber.MD5, nodeCrypto)
    if (key === undefined) throw new Error('the credential makes no key')
    const response = await client.#ask((writer) => {
      encodeUsername(writer, username)
      encodeRealm(writer, realm)
      encodeNonce(writer, nonce)
      encodeMessageIntegrity(writer, key, nodeCrypto)
    })
    if (response.messageClass !== 'successResponse') throw new Error('the server refused an allocation')
    return client
  }

  close(): void {
    this.#socket.close()
  }

  async #ask(write: (writer: StunMessageWriter) => void): Promise<StunMessage> {
    const writer = new StunMessageWriter(new Uint8Array(512))
    writer.writeHeader(TurnMethod.ALLOCATE, 'request', createTransactionId(nodeRandom))
    encodeRequestedTransport(writer, TransportProtocol.UDP)
    write(writer)
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
