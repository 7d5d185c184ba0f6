import { ByteWriter } from '@crowfly/bytes'
import type { SignalingClient, SignalingClientHandler, SignalingProtocol } from './signaling-client.ts'
import { LoadWebSocket } from './web-socket.ts'

// PROTOCOL.md §4 and §5, as far as this load needs it.
const HELLO = 0x01
const ITEM = 0x03
const PING = 0x05
const PONG = 0x06
const GOODBYE = 0x07
const CREATE = 0x10
const JOIN = 0x11
const LEAVE = 0x12
const SEND = 0x13
const JOINED = 0x20
const REFUSED = 0x21
const ENVELOPE = 0x26

const ID_BYTES = 16
const NAMEPLATE_BYTES = 10
/** Before an item's message: frame type, sequence number, acknowledgement. */
const ITEM_HEADER_BYTES = 9
const IF_EMPTY_REFUSE = 0

let lastId = 0

/** A session or member id that nobody else has. */
function newId(): Uint8Array {
  const id = new Uint8Array(ID_BYTES)
  new DataView(id.buffer).setUint32(0, ++lastId)
  new DataView(id.buffer).setUint32(4, process.pid)
  return id
}

/** Crowfly's own protocol. A client's address is its nameplate and its member id, in Latin-1. */
export const crowflyProtocol: SignalingProtocol = {
  connect: (port, address, handler) => new CrowflyClient(port, address, handler),
}

class CrowflyClient implements SignalingClient {
  readonly #handler: SignalingClientHandler
  readonly #socket: LoadWebSocket
  readonly #memberId = newId()
  #other: Uint8Array | undefined
  #sent = 0
  #received = 0

  constructor(port: number, address: string | undefined, handler: SignalingClientHandler) {
    this.#handler = handler
    const found = address === undefined ? undefined : Buffer.from(address, 'latin1')
    this.#other = found?.subarray(NAMEPLATE_BYTES)
    this.#socket = new LoadWebSocket(port, '/signal', 'crowfly.1', {
      open: () => this.#enter(found?.subarray(0, NAMEPLATE_BYTES)),
      message: (frame) => this.#receive(frame),
      close: () => handler.closed(),
    })
  }

  send(_kind: string, bytes: number): void {
    const other = this.#other
    if (other === undefined) throw new Error('there is nobody to send to')
    this.#sendItem(1 + ID_BYTES + bytes, (writer) => {
      writer.u8(SEND)
      writer.write(other)
      writer.zeros(bytes)
    })
  }

  close(): void {
    this.#sendItem(1, (writer) => writer.u8(LEAVE))
    this.#socket.close()
  }

  #enter(nameplate: Uint8Array | undefined): void {
    const hello = new ByteWriter(new Uint8Array(2 + ID_BYTES + 4))
    hello.u8(HELLO)
    hello.u8(1)
    hello.write(newId())
    hello.u32(0)
    this.#socket.sendBinary(hello.written())
    this.#sendItem(64, (writer) => {
      writer.u8(nameplate === undefined ? CREATE : JOIN)
      if (nameplate !== undefined) writer.write(nameplate)
      writer.write(this.#memberId)
      if (nameplate === undefined) return
      // A first join: no ordinal, an empty token.
      writer.u32(0)
      writer.u8(0)
      writer.u8(IF_EMPTY_REFUSE)
    })
  }

  #sendItem(maxBytes: number, write: (writer: ByteWriter) => void): void {
    const writer = new ByteWriter(new Uint8Array(ITEM_HEADER_BYTES + maxBytes))
    writer.u8(ITEM)
    writer.u32(++this.#sent)
    writer.u32(this.#received)
    write(writer)
    this.#socket.sendBinary(writer.written())
  }

  #receive(frame: Buffer): void {
    const type = frame[0]
    if (type === PING) this.#pong()
    if (type === GOODBYE) throw new Error(`crowfly said goodbye, code ${frame[1]}: raise its limits`)
    if (type !== ITEM) return
    this.#received = frame.readUInt32BE(1)
    const message = frame.subarray(ITEM_HEADER_BYTES)
    if (message[0] === REFUSED) throw new Error(`crowfly refused, code ${message[1]}: raise its limits`)
    if (message[0] === JOINED) {
      const nameplate = message.toString('latin1', 1, 1 + NAMEPLATE_BYTES)
      this.#handler.ready(nameplate + Buffer.from(this.#memberId).toString('latin1'))
    } else if (message[0] === ENVELOPE) {
      // Whoever waits learns here whom to answer.
      this.#other ??= Uint8Array.from(message.subarray(1, 1 + ID_BYTES))
      this.#handler.received()
    }
  }

  #pong(): void {
    const writer = new ByteWriter(new Uint8Array(5))
    writer.u8(PONG)
    writer.u32(this.#received)
    this.#socket.sendBinary(writer.written())
  }
}
