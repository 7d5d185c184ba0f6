import { TurnError } from '../turn-error.ts'

/** Bytes before a ChannelData message's application data. */
export const CHANNEL_DATA_HEADER_BYTES = 4

/** The first channel number, and the last one (RFC 8656 §12). */
export const MIN_CHANNEL_NUMBER = 0x4000
export const MAX_CHANNEL_NUMBER = 0x4fff

/** The last channel number of RFC 5766 §11, which coturn's clients still use. */
export const MAX_CLASSIC_CHANNEL_NUMBER = 0x7fff

/** Whether a channel can have this number (RFC 8656 §12). */
export function isChannelNumber(number: number): boolean {
  return number >= MIN_CHANNEL_NUMBER && number <= MAX_CHANNEL_NUMBER
}

/** Whether a channel could have this number by RFC 5766 §11: that of a server that takes older clients can. */
export function isClassicChannelNumber(number: number): boolean {
  return number >= MIN_CHANNEL_NUMBER && number <= MAX_CLASSIC_CHANNEL_NUMBER
}

// RFC 8656 §12: a first byte of 64 to 79 can be nothing but a ChannelData message. Those up to 127 are RFC 5766's: where
// only TURN is spoken nothing else begins so, and whether such a channel is bound is for whoever knows the channels.
/** Whether what begins at `start` is ChannelData rather than STUN, by its first byte alone. */
export function isChannelData(bytes: Uint8Array, start: number, end: number): boolean {
  return start < end && ((bytes[start] ?? 0) & 0xc0) === 0x40
}

/**
 * Why bytes are not a ChannelData message.
 *
 * - `tooShort`: fewer than 4 bytes
 * - `notChannelData`: the first two bytes are no channel number
 * - `badLength`: it says that it has more application data than is there
 */
export type ChannelDataFault = 'tooShort' | 'notChannelData' | 'badLength'

const NO_BYTES = new Uint8Array(0)

/**
 * A ChannelData message seen in somebody's buffer. Nothing is copied: one object can look at one message after the
 * other, and what it says holds as long as the bytes do.
 *
 * ```
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |         Channel Number        |            Length             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * /                       Application Data                        /
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 * RFC 8656 §12.4.
 */
export class ChannelDataMessage {
  #bytes: Uint8Array = NO_BYTES
  #channel = 0
  #dataStart = 0
  #dataEnd = 0

  /** The buffer that the message lies in, borrowed. */
  get bytes(): Uint8Array {
    return this.#bytes
  }

  /** 0x4000 to 0x7FFF; 0 when there is no message. */
  get channel(): number {
    return this.#channel
  }

  /** Offset of the application data in `bytes`. */
  get dataStart(): number {
    return this.#dataStart
  }

  /** Offset behind the application data; padding may follow. */
  get dataEnd(): number {
    return this.#dataEnd
  }

  // RFC 8656 §12.6: a datagram may be longer than the message (by padding), not shorter.
  /** Looks at `bytes[start..end)`, and says why it is no ChannelData message: then there is none here either. */
  decode(bytes: Uint8Array, start = 0, end: number = bytes.length): ChannelDataFault | undefined {
    if (end - start < CHANNEL_DATA_HEADER_BYTES) return this.#refuse('tooShort')
    if (!isChannelData(bytes, start, end)) return this.#refuse('notChannelData')
    const dataStart = start + CHANNEL_DATA_HEADER_BYTES
    const length = readU16(bytes, start + 2)
    if (dataStart + length > end) return this.#refuse('badLength')
    this.#bytes = bytes
    this.#channel = readU16(bytes, start)
    this.#dataStart = dataStart
    this.#dataEnd = dataStart + length
    return undefined
  }

  #refuse(fault: ChannelDataFault): ChannelDataFault {
    this.#bytes = NO_BYTES
    this.#channel = this.#dataStart = this.#dataEnd = 0
    return fault
  }
}

// RFC 8656 §12.5: padded to a multiple of four bytes over TCP and TLS; over UDP this need not be.
/** The bytes of padding behind `dataBytes` of application data on a stream: 0 to 3. */
export function channelDataPadding(dataBytes: number): number {
  return -dataBytes & 3
}

/**
 * Turns the payload `run.bytes[run.start..run.end)` into a ChannelData message where it is: `start` moves back over the
 * header and, `isStream`, `end` over the padding, which is zeroed. False when the buffer has no room there, which at
 * the end is up to `limit`; then nothing has changed.
 */
export function encodeChannelDataInPlace(
  run: { readonly bytes: Uint8Array; start: number; end: number },
  channel: number,
  isStream: boolean,
  limit: number = run.bytes.length,
): boolean {
  const { bytes, start, end } = run
  const length = end - start
  if (!isClassicChannelNumber(channel) || length > 0xffff) {
    throw new TurnError('TURN_CHANNEL', `no ChannelData of channel ${channel} and ${length} bytes`)
  }
  const padding = isStream ? channelDataPadding(length) : 0
  const at = start - CHANNEL_DATA_HEADER_BYTES
  if (at < 0 || end + padding > limit) return false
  bytes[at] = channel >>> 8
  bytes[at + 1] = channel
  bytes[at + 2] = length >>> 8
  bytes[at + 3] = length
  for (let i = 0; i < padding; i++) bytes[end + i] = 0
  run.start = at
  run.end = end + padding
  return true
}

function readU16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
}
