import type { Frame } from '@crowfly/stun'
import { ChannelDataMessage, isChannelData, TurnStreamFramer } from '@crowfly/turn'
import { type FuzzTarget, invariant } from '../target.ts'

const MAX_MESSAGE_BYTES = 96
const MAX_CHANNEL_DATA_BYTES = 50

const chunk = new Uint8Array(256)
const frame: Frame = { bytes: new Uint8Array(0), start: 0, end: 0 }
const channelData = new ChannelDataMessage()

/** Checks what was handed out as a message of its kind; a letter for the kind. */
function checkFrame(isFirst: boolean): string {
  const { bytes, start, end } = frame
  const length = end - start
  invariant(start >= 0 && end <= bytes.length && length % 4 === 0, 'no length of a message')
  if (isChannelData(bytes, start, end)) {
    invariant(!isFirst, 'ChannelData opens the stream')
    invariant(channelData.decode(bytes, start, end) === undefined, 'ChannelData that is none')
    const dataBytes = channelData.dataEnd - channelData.dataStart
    invariant(dataBytes <= MAX_CHANNEL_DATA_BYTES, 'more data than the framer takes')
    invariant(end - channelData.dataEnd < 4, 'more padding than there can be')
    return 'c'
  }
  invariant(length >= 20 && length <= MAX_MESSAGE_BYTES, 'no length of a STUN message')
  return 's'
}

/** Lengths and fault of what a stream is cut into, and that each piece is what lay there. */
function cut(stream: Uint8Array, chunkBytes: (at: number) => number): string {
  const framer = new TurnStreamFramer({
    maxMessageBytes: MAX_MESSAGE_BYTES,
    maxChannelDataBytes: MAX_CHANNEL_DATA_BYTES,
  })
  let taken = 0
  const pieces: string[] = []
  for (let at = 0; at < stream.length; ) {
    const end = Math.min(stream.length, at + chunkBytes(at))
    for (let i = at; i < end; i++) chunk[i - at] = stream[i] ?? 0
    framer.push(chunk, 0, end - at)
    while (framer.next(frame)) {
      const kind = checkFrame(taken === 0)
      const length = frame.end - frame.start
      invariant(taken + length <= end, 'more than was pushed')
      for (let i = 0; i < length; i++)
        invariant(frame.bytes[frame.start + i] === stream[taken + i], 'other bytes than were pushed')
      taken += length
      pieces.push(`${kind}${length}`)
    }
    // What the framer keeps must be a copy.
    chunk.fill(0xff, 0, end - at)
    at = end
  }
  invariant(!framer.next(frame), 'it has more to say')
  return `${pieces.join(' ')} ${framer.fault ?? 'sound'}`
}

/** The stream framer: the same messages and the same fault however the stream is cut into chunks. */
export const target: FuzzTarget = {
  run(input) {
    const cuts = input.subarray(0, 4)
    const stream = input.subarray(4)
    const whole = cut(stream, () => stream.length)
    invariant(cut(stream, () => 1) === whole, 'byte by byte it is another stream')
    const pieces = cut(stream, (at) => 1 + ((cuts[at % 4] ?? 0) & 0x3f))
    invariant(pieces === whole, 'in pieces it is another stream')
    const pieceKinds = whole.split(' ').map((piece) => piece[0])
    const count = (kind: string) =>
      Math.min(pieceKinds.slice(0, -1).filter((each) => each === kind).length, 4)
    return `${count('s')} STUN, ${count('c')} ChannelData, ${whole.split(' ').at(-1)}`
  },
  repair(input) {
    let isFirst = true
    for (let at = 4; at + 4 <= input.length; isFirst = false) {
      if (!isFirst && isChannelData(input, at, input.length)) {
        const length = (input[at + 3] ?? 0) % (MAX_CHANNEL_DATA_BYTES + 1)
        input.set([0, length], at + 2)
        at += 4 + ((length + 3) & ~3)
        continue
      }
      if (at + 20 > input.length) return
      input[at] = (input[at] ?? 0) & 0x3f
      const length = (((input[at + 3] ?? 0) & 0x3c) % 80) & ~3
      input.set([0, length, 0x21, 0x12, 0xa4, 0x42], at + 2)
      at += 20 + length
    }
  },
  dictionary: [
    Uint8Array.of(0x00, 0x01, 0x00, 0x00, 0x21, 0x12, 0xa4, 0x42),
    Uint8Array.of(0x40, 0x01, 0x00, 0x03, 1, 2, 3, 0),
    Uint8Array.of(0x40, 0x01, 0x00, 0x00),
  ],
  maxBytes: 160,
}
