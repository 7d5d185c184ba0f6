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
const LEAVE_TICKETS = 0x15
const CONFIRM = 0x17
const JOINED = 0x20
const REFUSED = 0x21
const ENVELOPE = 0x26
const TICKETS_WANTED = 0x2b

const VERSION = 2
const ID_BYTES = 16
/** PROTOCOL.md §6.3: of a member that speaks one version. */
const TICKET_BYTES = 139
/** Before an item's message: frame type, sequence number, acknowledgement. */
const ITEM_HEADER_BYTES = 9
const IF_EMPTY_REFUSE = 0

/** PROTOCOL.md §6.5: before and behind what is sealed, and before its body. */
const ENVELOPE_BYTES = 17 + 16
const PLAINTEXT_BYTES = 13
/** PROTOCOL.md §6.3: before the first envelope of each side. */
const OPEN_BYTES = 170
const REPLY_BYTES = 65

/** What so many octets are when members have sealed them: filled up, and the first ones with the proof of the code. */
function sealedBytes(kind: 'OFFER' | 'ANSWER' | 'CANDIDATE', bytes: number): number {
  const filling = kind === 'CANDIDATE' ? 1024 : 8192
  const proof = { OFFER: OPEN_BYTES, ANSWER: REPLY_BYTES, CANDIDATE: 0 }[kind]
  return proof + ENVELOPE_BYTES + Math.ceil((PLAINTEXT_BYTES + bytes) / filling) * filling
}

let lastId = 0

/** A session or member id that nobody else has. */
function newId(): Uint8Array {
  const id = new Uint8Array(ID_BYTES)
  new DataView(id.buffer).setUint32(0, ++lastId)
  new DataView(id.buffer).setUint32(4, process.pid)
  return id
}

/** Crowfly's own protocol. A client's address is its member id and its nameplate, in Latin-1. */
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
    this.#other = found?.subarray(0, ID_BYTES)
    this.#socket = new LoadWebSocket(port, '/signal', 'crowfly.1', {
      open: () => this.#enter(found?.subarray(ID_BYTES)),
      message: (frame) => this.#receive(frame),
      close: () => handler.closed(),
    })
  }

  send(kind: 'OFFER' | 'ANSWER' | 'CANDIDATE', bytes: number): void {
    const other = this.#other
    if (other === undefined) throw new Error('there is nobody to send to')
    const sealed = sealedBytes(kind, bytes)
    this.#sendItem(1 + ID_BYTES + sealed, (writer) => {
      writer.u8(SEND)
      writer.write(other)
      writer.zeros(sealed)
    })
  }

  close(): void {
    this.#sendItem(1, (writer) => writer.u8(LEAVE))
    this.#socket.close()
  }

  #enter(nameplate: Uint8Array | undefined): void {
    const hello = new ByteWriter(new Uint8Array(2 + ID_BYTES + 4))
    hello.u8(HELLO)
    hello.u8(VERSION)
    hello.write(newId())
    hello.u32(0)
    this.#socket.sendBinary(hello.written())
    this.#sendItem(64, (writer) => {
      writer.u8(nameplate === undefined ? CREATE : JOIN)
      if (nameplate !== undefined) {
        writer.u8(nameplate.length)
        writer.write(nameplate)
      }
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
      const nameplate = message.toString('latin1', 2, 2 + (message[1] ?? 0))
      this.#handler.ready(Buffer.from(this.#memberId).toString('latin1') + nameplate)
    } else if (message[0] === TICKETS_WANTED) {
      this.#leaveTickets(message[1] ?? 0)
    } else if (message[0] === ENVELOPE) {
      // Whoever waits learns here whom to answer, and vouches for them.
      if (this.#other === undefined) this.#confirm(Uint8Array.from(message.subarray(1, 1 + ID_BYTES)))
      this.#handler.received()
    }
  }

  #leaveTickets(count: number): void {
    this.#sendItem(3 + count * (1 + TICKET_BYTES), (writer) => {
      writer.u8(LEAVE_TICKETS)
      writer.u8(0)
      writer.u8(count)
      for (let i = 0; i < count; i++) {
        writer.u8(TICKET_BYTES)
        writer.zeros(TICKET_BYTES)
      }
    })
  }

  #confirm(other: Uint8Array): void {
    this.#other = other
    this.#sendItem(1 + ID_BYTES, (writer) => {
      writer.u8(CONFIRM)
      writer.write(other)
    })
  }

  #pong(): void {
    const writer = new ByteWriter(new Uint8Array(5))
    writer.u8(PONG)
    writer.u32(this.#received)
    this.#socket.sendBinary(writer.written())
  }
}
