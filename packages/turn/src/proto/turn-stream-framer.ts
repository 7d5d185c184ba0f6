import {
  type Frame,
  FrameCutter,
  type FramingFault,
  HEADER_BYTES,
  MAX_MESSAGE_BYTES,
  measureMessage,
} from '@crowfly/stun'
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
const LONGEST_CHANNEL_DATA_BYTES = 0xffff
/** Enough to tell ChannelData from STUN, and where ChannelData ends. */
const FIRST_MEASURE_BYTES = CHANNEL_DATA_HEADER_BYTES
/** What a machine may write in front of a message that it passes on; see `Datagram`. */
const HEADROOM_BYTES = 64

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
  readonly #cutter: FrameCutter
  #hasBegun = false

  constructor(options: TurnStreamFramerOptions = {}) {
    const { maxMessageBytes = DEFAULT_MAX_BYTES, maxChannelDataBytes = DEFAULT_MAX_BYTES } = options
    if (!(maxMessageBytes >= HEADER_BYTES && maxMessageBytes <= MAX_MESSAGE_BYTES)) {
      throw new TurnError('TURN_FRAMER', `maxMessageBytes is 20 to 65552, not ${maxMessageBytes}`)
    }
    if (!(maxChannelDataBytes >= 0 && maxChannelDataBytes <= LONGEST_CHANNEL_DATA_BYTES)) {
      throw new TurnError('TURN_FRAMER', `maxChannelDataBytes is 0 to 65535, not ${maxChannelDataBytes}`)
    }
    this.#maxMessageBytes = maxMessageBytes
    this.#maxChannelDataBytes = maxChannelDataBytes
    this.#cutter = new FrameCutter({
      measure: (bytes, at, available) => this.#measure(bytes, at, available),
      headroomBytes: HEADROOM_BYTES,
    })
  }

  /** Why the stream was given up; `undefined` while it is sound. */
  get fault(): FramingFault | undefined {
    return this.#cutter.fault
  }

  /** Takes `chunk[start..end)` of any size, borrowed until `next` has returned false. After a fault it is ignored. */
  push(chunk: Uint8Array, start = 0, end: number = chunk.length): void {
    if (!this.#cutter.isDrained) throw new TurnError('TURN_FRAMER', 'call next until it is false before push')
    this.#cutter.push(chunk, start, end)
  }

  /**
   * Fills `out` with the next whole message, valid until the following `push` or `next`; false when there is none yet.
   * Behind `out.end` lies the next message: nothing may be written there.
   */
  next(out: Frame): boolean {
    const isThere = this.#cutter.next(out)
    if (isThere) this.#hasBegun = true
    return isThere
  }

  #measure(bytes: Uint8Array, at: number, available: number): number | FramingFault {
    if (available < FIRST_MEASURE_BYTES) return FIRST_MEASURE_BYTES
    if (this.#hasBegun && isChannelData(bytes, at, at + available)) {
      const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
      if (length > this.#maxChannelDataBytes) return 'tooLong'
      return CHANNEL_DATA_HEADER_BYTES + length + channelDataPadding(length)
    }
    // Said before the cookie is there: what is no STUN may be shorter.
    if ((bytes[at] ?? 0) >= 0x40) return 'notStun'
    return measureMessage(bytes, at, available, this.#maxMessageBytes)
  }
}
