import { HEADER_BYTES, hasMagicCookie } from './message.ts'
import { StunError } from './stun-error.ts'

/** A run of bytes that `StunStreamFramer.next` fills: one whole message. A `Datagram` fits. */
export interface Frame {
  bytes: Uint8Array
  start: number
  end: number
}

/**
 * Why a byte stream can not be STUN; the connection is to be closed.
 *
 * - `notStun`: one of a message's first two bits is set, or the magic cookie is not where it has to be
 * - `badLength`: a length that is not a multiple of 4
 * - `tooLong`: a message longer than the framer takes
 */
export type FramingFault = 'notStun' | 'badLength' | 'tooLong'

/** Settings of a `StunStreamFramer`. */
export interface StunStreamFramerOptions {
  /** The longest message taken, header included: 20 to 65,552 bytes, the most a header can say. Default 2,048. */
  maxMessageBytes?: number
}

const DEFAULT_MAX_MESSAGE_BYTES = 2048
const LONGEST_MESSAGE_BYTES = HEADER_BYTES + 0xfffc
/** Type, length and magic cookie: enough to tell STUN from anything else, and where the message ends. */
const MEASURE_BYTES = 8
const NO_BYTES = new Uint8Array(0)

/**
 * Cuts a byte stream into STUN messages, which need no framing but their own length (RFC 8489 §6.2.2).
 *
 * `push` a chunk, then call `next` until it returns false; if `fault` is set then, close the connection. A message that
 * lies in one chunk is handed out where it is; only one cut by the edge of a chunk is copied. Between
 * messages a framer holds no memory, within one at most `maxMessageBytes`.
 */
export class StunStreamFramer {
  readonly #maxMessageBytes: number
  /** What was pushed and not looked at yet. */
  #chunk: Uint8Array = NO_BYTES
  #at = 0
  #end = 0
  /** The beginning of a message whose rest has not come: `#partial[0..#partialLength)`. */
  #partial: Uint8Array = NO_BYTES
  #partialLength = 0
  #fault: FramingFault | undefined

  constructor(options: StunStreamFramerOptions = {}) {
    const { maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES } = options
    if (!(maxMessageBytes >= HEADER_BYTES && maxMessageBytes <= LONGEST_MESSAGE_BYTES)) {
      throw new StunError('STUN_FRAMER', `maxMessageBytes is 20 to 65552, not ${maxMessageBytes}`)
    }
    this.#maxMessageBytes = maxMessageBytes
  }

  /** Why the stream was given up; `undefined` while it is sound. */
  get fault(): FramingFault | undefined {
    return this.#fault
  }

  /** Takes `chunk[start..end)` of any size, borrowed until `next` has returned false. After a fault it is ignored. */
  push(chunk: Uint8Array, start = 0, end: number = chunk.length): void {
    if (this.#fault !== undefined) return
    if (this.#at < this.#end) throw new StunError('STUN_FRAMER', 'call next until it is false before push')
    this.#chunk = chunk
    this.#at = start
    this.#end = end
  }

  /**
   * Fills `out` with the next whole message, valid until the following `push` or `next`; false when there is none yet.
   */
  next(out: Frame): boolean {
    if (this.#fault !== undefined) return false
    if (this.#partialLength > 0) return this.#nextFromPartial(out)
    const available = this.#end - this.#at
    const length = available < MEASURE_BYTES ? MEASURE_BYTES : this.#measure(this.#chunk, this.#at)
    if (length < 0) return false
    if (available < length) {
      this.#beginPartial(length)
      return false
    }
    out.bytes = this.#chunk
    out.start = this.#at
    out.end = this.#at + length
    this.#at += length
    return true
  }

  #beginPartial(length: number): void {
    if (this.#at < this.#end) {
      this.#partial = new Uint8Array(length)
      this.#fillPartial()
    }
    this.#releaseChunk()
  }

  #nextFromPartial(out: Frame): boolean {
    this.#fillPartial()
    // Its length is at least 20, once it is known.
    if (this.#partial.length === MEASURE_BYTES && this.#partialLength === MEASURE_BYTES) {
      const length = this.#measure(this.#partial, 0)
      if (length < 0) return false
      const head = this.#partial
      this.#partial = new Uint8Array(length)
      this.#partial.set(head.subarray(0, MEASURE_BYTES))
      this.#fillPartial()
    }
    if (this.#partialLength < this.#partial.length) {
      this.#releaseChunk()
      return false
    }
    out.bytes = this.#partial
    out.start = 0
    out.end = this.#partialLength
    this.#partial = NO_BYTES
    this.#partialLength = 0
    return true
  }

  /** Moves what the message still lacks out of the chunk. */
  #fillPartial(): void {
    const count = Math.min(this.#partial.length - this.#partialLength, this.#end - this.#at)
    // A loop is cheaper than making a view, up to about this length.
    if (count < 32) {
      for (let i = 0; i < count; i++) this.#partial[this.#partialLength + i] = this.#chunk[this.#at + i] ?? 0
    } else {
      this.#partial.set(this.#chunk.subarray(this.#at, this.#at + count), this.#partialLength)
    }
    this.#partialLength += count
    this.#at += count
  }

  #releaseChunk(): void {
    this.#chunk = NO_BYTES
    this.#at = 0
    this.#end = 0
  }

  // RFC 8489 §5: two zero bits, a length that is a multiple of four, the cookie. RFC 3489 knew STUN over UDP only, so
  // that a stream without the cookie is none.
  /** The length of the message that begins at `at`; -1 after noting the fault. */
  #measure(bytes: Uint8Array, at: number): number {
    if ((bytes[at] ?? 0) >= 0x40 || !hasMagicCookie(bytes, at)) return this.#giveUp('notStun')
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
    if ((length & 3) !== 0) return this.#giveUp('badLength')
    if (HEADER_BYTES + length > this.#maxMessageBytes) return this.#giveUp('tooLong')
    return HEADER_BYTES + length
  }

  #giveUp(fault: FramingFault): -1 {
    this.#fault = fault
    this.#partial = NO_BYTES
    this.#releaseChunk()
    return -1
  }
}
