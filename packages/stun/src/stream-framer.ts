/** A run of bytes that `StunStreamFramer.next` fills: one whole message. A `Datagram` fits. */
export interface Frame {
  bytes: Uint8Array
  start: number
  end: number
}

/** Why a byte stream can not be STUN; the connection is to be closed. */
export type FramingFault = 'notStun' | 'badLength' | 'tooLong'

/** Settings of a `StunStreamFramer`. */
export interface StunStreamFramerOptions {
  /** The longest message taken, header included; 20 to 65,552. Default 2,048. */
  maxMessageBytes?: number
}

/** Cuts a byte stream into STUN messages. */
export class StunStreamFramer {
  readonly maxMessageBytes: number

  constructor(options: StunStreamFramerOptions = {}) {
    this.maxMessageBytes = options.maxMessageBytes ?? 2048
  }

  /** Why the stream was given up; `undefined` while it is sound. */
  get fault(): FramingFault | undefined {
    return undefined
  }

  /** Takes a chunk of any size, borrowed until `next` has returned false. */
  push(_chunk: Uint8Array, _start = 0, _end: number = _chunk.length): void {}

  /** Fills `out` with the next whole message, valid until the following `push` or `next`; false when there is none yet. */
  next(_out: Frame): boolean {
    return false
  }
}
