import type { DataChannel, Handler } from '../peer-connection.ts'
import type { FakeConnection } from './fake-connection.ts'

/** A negotiated, reliable channel: what is sent while the path is down arrives when it is up again. */
export class FakeDataChannel implements DataChannel {
  readonly label: string
  binaryType: BinaryType = 'blob'
  readyState: RTCDataChannelState = 'connecting'
  onopen: Handler<unknown> | null = null
  onmessage: Handler<{ readonly data: unknown }> | null = null
  onclose: Handler<unknown> | null = null
  readonly #connection: FakeConnection

  constructor(label: string, connection: FakeConnection) {
    this.label = label
    this.#connection = connection
  }

  open(): void {
    if (this.readyState !== 'connecting') return
    this.readyState = 'open'
    this.onopen?.(null)
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.readyState !== 'open') throw new DOMException('not open', 'InvalidStateError')
    const carried =
      typeof data === 'string' ? data : data.buffer.slice(data.byteOffset, data.byteOffset + data.length)
    this.#connection.network.carry(this.#connection, carried)
  }

  close(): void {
    this.readyState = 'closed'
  }
}
