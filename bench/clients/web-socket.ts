import { connect, type Socket } from 'node:net'

// RFC 6455 §5.2
const OPCODE_TEXT = 0x1
const OPCODE_BINARY = 0x2
const OPCODE_CLOSE = 0x8
const OPCODE_PING = 0x9
const OPCODE_PONG = 0xa
const FINAL = 0x80
const MASKED = 0x80

/** Octets that those which are closed have sent and received. */
export const carried = { bytes: 0 }

/** What a client hears of its connection. */
export interface WebSocketHandler {
  open(): void
  /** A whole message, borrowed. */
  message(payload: Buffer): void
  /** TCP is closed, whoever began it. */
  close(): void
}

/**
 * A WebSocket client for load: RFC 6455 without fragments or extensions, and with a masking key of zero, which a
 * server has to undo like any other. It costs the load generator as little as possible, and the same for each server.
 */
export class LoadWebSocket {
  readonly #socket: Socket
  readonly #handler: WebSocketHandler
  #received: Buffer = Buffer.alloc(0)
  #isOpen = false

  constructor(port: number, path: string, subprotocol: string | undefined, handler: WebSocketHandler) {
    this.#handler = handler
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket.on('data', (chunk) => this.#receive(chunk))
    this.#socket.on('close', () => {
      carried.bytes += this.#socket.bytesRead + this.#socket.bytesWritten
    })
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => handler.close())
    const protocol = subprotocol === undefined ? '' : `Sec-WebSocket-Protocol: ${subprotocol}\r\n`
    this.#socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${protocol}\r\n`,
    )
  }

  sendText(text: string): void {
    this.#send(OPCODE_TEXT, Buffer.from(text))
  }

  sendBinary(payload: Uint8Array): void {
    this.#send(OPCODE_BINARY, payload)
  }

  /** Begins the closing handshake; the server then closes TCP. */
  close(): void {
    this.#send(OPCODE_CLOSE, Uint8Array.of(0x03, 0xe8))
  }

  /** Cuts the connection. */
  destroy(): void {
    this.#socket.destroy()
  }

  #send(opcode: number, payload: Uint8Array): void {
    const isLong = payload.length > 125
    const header = isLong ? 8 : 6
    const frame = Buffer.allocUnsafe(header + payload.length)
    frame[0] = FINAL | opcode
    frame[1] = MASKED | (isLong ? 126 : payload.length)
    if (isLong) frame.writeUInt16BE(payload.length, 2)
    frame.writeUInt32BE(0, header - 4)
    frame.set(payload, header)
    this.#socket.write(frame)
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    if (!this.#isOpen && !this.#takeResponse()) return
    while (this.#takeFrame()) {}
  }

  #takeResponse(): boolean {
    const end = this.#received.indexOf('\r\n\r\n')
    if (end < 0) return false
    if (this.#received.toString('latin1', 9, 12) !== '101') {
      throw new Error(`the server answered: ${this.#received.toString('latin1', 0, end)}`)
    }
    this.#received = this.#received.subarray(end + 4)
    this.#isOpen = true
    this.#handler.open()
    return true
  }

  #takeFrame(): boolean {
    const bytes = this.#received
    if (bytes.length < 2) return false
    const short = (bytes[1] ?? 0) & 0x7f
    const header = short === 126 ? 4 : 2
    if (short === 127 || bytes.length < header) return false
    const length = short === 126 ? bytes.readUInt16BE(2) : short
    if (bytes.length < header + length) return false
    const payload = bytes.subarray(header, header + length)
    this.#received = bytes.subarray(header + length)
    const opcode = (bytes[0] ?? 0) & 0x0f
    if (opcode === OPCODE_TEXT || opcode === OPCODE_BINARY) this.#handler.message(payload)
    else if (opcode === OPCODE_PING) this.#send(OPCODE_PONG, payload)
    return true
  }
}
