import { type Frame, StunStreamFramer } from '@crowfly/stun'
import { type FuzzTarget, invariant } from '../target.ts'

const MAX_MESSAGE_BYTES = 96

const chunk = new Uint8Array(256)
const frame: Frame = { bytes: new Uint8Array(0), start: 0, end: 0 }

/** Lengths and fault of what a stream is cut into, and that each piece is what lay there. */
function cut(stream: Uint8Array, chunkBytes: (at: number) => number): string {
  const framer = new StunStreamFramer({ maxMessageBytes: MAX_MESSAGE_BYTES })
  let taken = 0
  const lengths: number[] = []
  for (let at = 0; at < stream.length; ) {
    const end = Math.min(stream.length, at + chunkBytes(at))
    for (let i = at; i < end; i++) chunk[i - at] = stream[i] ?? 0
    framer.push(chunk, 0, end - at)
    while (framer.next(frame)) {
      const length = frame.end - frame.start
      invariant(length >= 20 && length <= MAX_MESSAGE_BYTES && length % 4 === 0, 'no length of a message')
      invariant(taken + length <= end, 'more than was pushed')
      for (let i = 0; i < length; i++)
        invariant(frame.bytes[frame.start + i] === stream[taken + i], 'other bytes than were pushed')
      taken += length
      lengths.push(length)
    }
    // What the framer keeps must be a copy.
    chunk.fill(0xff, 0, end - at)
    at = end
  }
  invariant(!framer.next(frame), 'it has more to say')
  return `${lengths.join(' ')} ${framer.fault ?? 'sound'}`
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
    const [count = 0, fault = ''] = [whole.split(' ').length - 1, whole.split(' ').at(-1)]
    return `${count} ${fault}`
  },
  repair(input) {
    for (let at = 4; at + 20 <= input.length; ) {
      input[at] = (input[at] ?? 0) & 0x3f
      const length = (((input[at + 3] ?? 0) & 0x3c) % 80) & ~3
      input.set([0, length, 0x21, 0x12, 0xa4, 0x42], at + 2)
      at += 20 + length
    }
  },
  dictionary: [Uint8Array.of(0x00, 0x01, 0x00, 0x00, 0x21, 0x12, 0xa4, 0x42)],
  maxBytes: 128,
}
