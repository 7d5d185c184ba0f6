import type { Socket } from 'node:net'
import type { PathId } from '@crowfly/sansio'
import { type RawData, WebSocket } from 'ws'

/** Who is told what becomes of a `SignalSocket`. */
export interface SignalSocketOwner {
  received(socket: SignalSocket, message: Buffer, isBinary: boolean): void
  closed(socket: SignalSocket): void
}

/**
 * A WebSocket that knows its path. Its listeners are shared by all: closures of its own would cost each idle
 * connection some 200 bytes.
 */
export class SignalSocket extends WebSocket {
  #owner: SignalSocketOwner | undefined
  #stream: Socket | undefined
  #path: PathId = -1

  /** -1 once the machine knows it no more. */
  get path(): PathId {
    return this.#path
  }

  /** To be called once, when it is open on `stream`. */
  attach(owner: SignalSocketOwner, path: PathId, stream: Socket): void {
    this.#owner = owner
    this.#path = path
    this.#stream = stream
    // Called with the socket as `this`, as all listeners are.
    this.on('message', this.#received)
    this.on('error', this.terminate)
    this.on('close', this.#closed)
  }

  /**
   * As `WebSocket` has it; and once both sides have said Close, TCP is closed from here (RFC 6455 §7.1.1) rather than
   * waited for until the client closes it too.
   */
  override close(code?: number, reason?: string | Buffer): void {
    if (this.readyState === WebSocket.OPEN) this.#stream?.once('finish', destroy)
    super.close(code, reason)
  }

  detach(): void {
    this.#path = -1
  }

  /** Holds what is sent from now on back, until `release`. */
  hold(): void {
    this.#stream?.cork()
  }

  /** Sends all that was held back, by one system call. */
  release(): void {
    this.#stream?.uncork()
  }

  #received(message: RawData, isBinary: boolean): void {
    if (Buffer.isBuffer(message)) this.#owner?.received(this, message, isBinary)
  }

  #closed(): void {
    this.#owner?.closed(this)
  }
}

/** One for all streams: it is called on them. */
function destroy(this: Socket): void {
  this.destroy()
}
