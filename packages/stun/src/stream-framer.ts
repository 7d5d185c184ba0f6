import { type Frame, FrameCutter, type FramingFault } from './frame-cutter.ts'
import { measureMessage } from './measure-message.ts'
import { HEADER_BYTES, MAX_MESSAGE_BYTES } from './message.ts'
import { StunError } from './stun-error.ts'

/** Settings of a `StunStreamFramer`. */
export interface StunStreamFramerOptions {
  /** The longest message taken, header included: 20 to 65,552 bytes, the most a header can say. Default 2,048. */
  maxMessageBytes?: number
}

const DEFAULT_MAX_MESSAGE_BYTES = 2048

/**
 * Cuts a byte stream into STUN messages, which need no framing but their own length (RFC 8489 §6.2.2).
 *
 * `push` a chunk, then call `next` until it returns false; if `fault` is set then, close the connection. A message that
 * lies in one chunk is handed out where it is; only one cut by the edge of a chunk is copied. Between
 * messages a framer holds no memory, within one at most `maxMessageBytes`.
 */
export class StunStreamFramer {
  readonly #cutter: FrameCutter

  constructor(options: StunStreamFramerOptions = {}) {
    const { maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES } = options
    if (!(maxMessageBytes >= HEADER_BYTES && maxMessageBytes <= MAX_MESSAGE_BYTES)) {
      throw new StunError('STUN_FRAMER', `maxMessageBytes is 20 to 65552, not ${maxMessageBytes}`)
    }
    this.#cutter = new FrameCutter({
      measure: (bytes, at, available) => measureMessage(bytes, at, available, maxMessageBytes),
      headroomBytes: 0,
    })
  }

  /** Why the stream was given up; `undefined` while it is sound. */
  get fault(): FramingFault | undefined {
    return this.#cutter.fault
  }

  /** Takes `chunk[start..end)` of any size, borrowed until `next` has returned false. After a fault it is ignored. */
  push(chunk: Uint8Array, start = 0, end: number = chunk.length): void {
    if (!this.#cutter.isDrained) throw new StunError('STUN_FRAMER', 'call next until it is false before push')
    this.#cutter.push(chunk, start, end)
  }

  /**
   * Fills `out` with the next whole message, valid until the following `push` or `next`; false when there is none yet.
   */
  next(out: Frame): boolean {
    return this.#cutter.next(out)
  }
}
