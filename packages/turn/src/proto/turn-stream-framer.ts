import { type Frame, type FramingFault, HEADER_BYTES, MAGIC_COOKIE } from '@crowfly/stun'
import { TurnError } from '../turn-error.ts'
import { CHANNEL_DATA_HEADER_BYTES, channelDataPadding, isChannelData } from './channel-data.ts'

/** Settings of a `TurnStreamFramer`. */
export interface TurnStreamFramerOptions {
  /** The longest STUN message taken, header included: 20 to 65,552 bytes. Default 4,096. */
  maxMessageBytes?: number
  /** The most application data taken in one ChannelData message: 0 to 65,535 bytes. Default 4,096. */
  maxChannelDataBytes?: number
}

const DEFAULT_MAX_BYTES = 4096
const LONGEST_MESSAGE_BYTES = HEADER_BYTES + 0xfffc
const LONGEST_CHANNEL_DATA_BYTES = 0xffff
/** Enough to tell ChannelData from STUN, and where ChannelData ends. */
const FIRST_MEASURE_BYTES = CHANNEL_DATA_HEADER_BYTES
/** Type, length and magic cookie: where a STUN message ends. */
const STUN_MEASURE_BYTES = 8
/** What a machine may write in front of a message that it passes on; see `Datagram`. */
const HEADROOM_BYTES = 64
const NO_BYTES = new Uint8Array(0)

/**
 * Cuts the byte stream of a TURN connection into STUN messages and ChannelData messages (RFC 8656 §12.5), which on a
 * stream are padded to a multiple of four bytes; the padding is part of the frame. The first message has to be STUN.
 *
 * `push` a chunk, then call `next` until it returns false; if `fault` is set then, close the connection. A message that
 * lies in one chunk is handed out where it is; only one cut by the edge of a chunk is copied. Between messages a framer
 * holds no memory, within one at most the longest message and 64 bytes.
 */
export class TurnStreamFramer {
  readonly #maxMessageBytes: number
  readonly #maxChannelDataBytes: number
  /** What was pushed and not looked at yet. */
  #chunk: Uint8Array = NO_BYTES
  #at = 0
  #end = 0
  /** The beginning of a message whose rest has not come: from `HEADROOM_BYTES` on, `#partialLength` bytes. */
  #partial: Uint8Array = NO_BYTES
  #partialLength = 0
  #hasBegun = false
  #fault: FramingFault | undefined

  constructor(options: TurnStreamFramerOptions = {}) {
    const { maxMessageBytes = DEFAULT_MAX_BYTES, maxChannelDataBytes = DEFAULT_MAX_BYTES } = options
    if (!(maxMessageBytes >= HEADER_BYTES && maxMessageBytes <= LONGEST_MESSAGE_BYTES)) {
      throw new TurnError('TURN_FRAMER', `maxMessageBytes is 20 to 65552, not ${maxMessageBytes}`)
    }
    if (!(maxChannelDataBytes >= 0 && maxChannelDataBytes <= LONGEST_CHANNEL_DATA_BYTES)) {
      throw new TurnError('TURN_FRAMER', `maxChannelDataBytes is 0 to 65535, not ${maxChannelDataBytes}`)
    }
    this.#maxMessageBytes = maxMessageBytes
    this.#maxChannelDataBytes = maxChannelDataBytes
  }

  /** Why the stream was given up; `undefined` while it is sound. */
  get fault(): FramingFault | undefined {
    return this.#fault
  }

  /** Takes `chunk[start..end)` of any size, borrowed until `next` has returned false. After a fault it is ignored. */
  push(chunk: Uint8Array, start = 0, end: number = chunk.length): void {
    if (this.#fault !== undefined) return
    if (this.#at < this.#end) throw new TurnError('TURN_FRAMER', 'call next until it is false before push')
    this.#chunk = chunk
    this.#at = start
    this.#end = end
  }

  /**
   * Fills `out` with the next whole message, valid until the following `push` or `next`; false when there is none yet.
   * Behind `out.end` lies the next message: nothing may be written there.
   */
  next(out: Frame): boolean {
    if (this.#fault !== undefined) return false
    if (this.#partialLength > 0) return this.#nextFromPartial(out)
    const available = this.#end - this.#at
    const length = this.#measure(this.#chunk, this.#at, available)
    if (length < 0) return false
    if (available < length) {
      if (available > 0) this.#growPartial(length)
      this.#releaseChunk()
      return false
    }
    out.bytes = this.#chunk
    out.start = this.#at
    out.end = this.#at + length
    this.#at += length
    this.#hasBegun = true
    return true
  }

  #nextFromPartial(out: Frame): boolean {
    for (;;) {
      const length = this.#measure(this.#partial, HEADROOM_BYTES, this.#partialLength)
      if (length < 0) return false
      if (length === this.#partialLength) break
      if (this.#at === this.#end) {
        this.#releaseChunk()
        return false
      }
      this.#growPartial(length)
    }
    out.bytes = this.#partial
    out.start = HEADROOM_BYTES
    out.end = HEADROOM_BYTES + this.#partialLength
    this.#partial = NO_BYTES
    this.#partialLength = 0
    this.#hasBegun = true
    return true
  }

  /** Makes room for `length` bytes of the message, and moves what the chunk has of them there. */
  #growPartial(length: number): void {
    if (this.#partial.length < HEADROOM_BYTES + length) {
      const head = this.#partial
      this.#partial = new Uint8Array(HEADROOM_BYTES + length)
      this.#partial.set(head)
    }
    const count = Math.min(length - this.#partialLength, this.#end - this.#at)
    const target = HEADROOM_BYTES + this.#partialLength
    // A loop is cheaper than making a view, up to about this length.
    if (count < 32) {
      for (let i = 0; i < count; i++) this.#partial[target + i] = this.#chunk[this.#at + i] ?? 0
    } else {
      this.#partial.set(this.#chunk.subarray(this.#at, this.#at + count), target)
    }
    this.#partialLength += count
    this.#at += count
  }

  #releaseChunk(): void {
    this.#chunk = NO_BYTES
    this.#at = 0
    this.#end = 0
  }

  /**
   * How many bytes of the message that begins at `at` are wanted next, given that `available` are there: all of them
   * once its length is known. -1 after noting a fault.
   */
  #measure(bytes: Uint8Array, at: number, available: number): number {
    if (available < FIRST_MEASURE_BYTES) return FIRST_MEASURE_BYTES
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
    if (this.#hasBegun && isChannelData(bytes, at, at + available)) {
      if (length > this.#maxChannelDataBytes) return this.#giveUp('tooLong')
      return CHANNEL_DATA_HEADER_BYTES + length + channelDataPadding(length)
    }
    if ((bytes[at] ?? 0) >= 0x40) return this.#giveUp('notStun')
    if (available < STUN_MEASURE_BYTES) return STUN_MEASURE_BYTES
    if (!hasMagicCookie(bytes, at)) return this.#giveUp('notStun')
    // RFC 8489 §5
    if ((length & 3) !== 0) return this.#giveUp('badLength')
    if (HEADER_BYTES + length > this.#maxMessageBytes) return this.#giveUp('tooLong')
    return HEADER_BYTES + length
  }

  #giveUp(fault: FramingFault): -1 {
    this.#fault = fault
    this.#partial = NO_BYTES
    this.#partialLength = 0
    this.#releaseChunk()
    return -1
  }
}

function hasMagicCookie(bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < 4; i++)
    if (bytes[start + 4 + i] !== ((MAGIC_COOKIE >>> (24 - 8 * i)) & 0xff)) return false
  return true
}
