import { type Framer, framesOf } from '@crowfly/testkit'
import { invariant } from './target.ts'

/**
 * A framer cuts a stream alike whatever the chunks are that it comes in. The first four bytes of the input are the
 * lengths of some, the rest is the stream.
 *
 * Returns the name of each frame, by `nameFrame`, which also checks it; last, why the framer gave up, if it did.
 */
export function checkEveryCut(
  input: Uint8Array,
  createFramer: () => Framer,
  nameFrame: (frame: Uint8Array, isFirst: boolean) => string,
): { names: string[]; fault: string } {
  const cuts = input.subarray(0, 4)
  const stream = input.subarray(4)
  const cut = (chunkBytes: (at: number) => number) => {
    const framer = createFramer()
    const frames = framesOf(framer, stream, chunkBytes)
    invariant(!framer.next({ bytes: stream, start: 0, end: 0 }), 'it has more to say')
    let taken = 0
    for (const frame of frames) {
      invariant(taken + frame.length <= stream.length, 'more than was pushed')
      invariant(
        frame.every((byte, i) => byte === stream[taken + i]),
        'other bytes than were pushed',
      )
      taken += frame.length
    }
    return { names: frames.map((frame, i) => nameFrame(frame, i === 0)), fault: framer.fault ?? 'sound' }
  }
  const whole = cut(() => stream.length)
  const isWhole = ({ names, fault }: typeof whole) =>
    names.join() === whole.names.join() && fault === whole.fault
  invariant(isWhole(cut(() => 1)), 'byte by byte it is another stream')
  invariant(isWhole(cut((at) => 1 + ((cuts[at % 4] ?? 0) & 0x3f))), 'in pieces it is another stream')
  return whole
}
