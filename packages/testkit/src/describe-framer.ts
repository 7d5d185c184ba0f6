import { describe, expect, it } from 'vitest'
import { concatenate, type Framer, framesOf } from './framed-stream.ts'
import { formatHex } from './hex.ts'
import { SeededRandom } from './seeded-random.ts'
import { forEachSeed } from './seeds.ts'

/** A framer under test, and what it is to make of what. */
export interface FramerSubject {
  create(): Framer
  /** A message that may open a stream. */
  first: Uint8Array
  /** Messages that may follow. */
  others: readonly Uint8Array[]
  /** Any message that may follow. */
  message(random: SeededRandom): Uint8Array
  /** What is no message, and why. */
  faults: readonly (readonly [fault: string, bytes: Uint8Array])[]
  /** The code of what `push` throws when it comes too early. */
  misuse: string
}

/** Declares the tests that every framer of a byte stream must pass. */
export function describeFramer(name: string, subject: FramerSubject): void {
  const { create, first, others, faults } = subject
  const messages = [first, ...others]
  const texts = messages.map(formatHex)
  const stream = concatenate(messages)

  describe(`${name}, as a framer`, () => {
    it('hands out the messages of a chunk where they are', () => {
      const framer = create()
      framer.push(stream)
      const out = { bytes: new Uint8Array(0), start: 0, end: 0 }
      let end = 0
      for (const { length } of messages) {
        expect(framer.next(out)).toBe(true)
        expect(out.bytes).toBe(stream)
        expect([out.start, out.end]).toEqual([end, end + length])
        end = out.end
      }
      expect(framer.next(out)).toBe(false)
    })

    it('puts messages together however a stream is cut in three', () => {
      for (let one = 0; one <= stream.length; one++) {
        for (let two = one; two <= stream.length; two++) {
          const ends = [one, two, stream.length]
          const framer = create()
          const found = framesOf(framer, stream, (at) => (ends.find((end) => end > at) ?? 0) - at)
          if (framer.fault !== undefined || found.map(formatHex).join() !== texts.join())
            expect(found.map(formatHex), `${one}, ${two}: ${framer.fault}`).toEqual(texts)
        }
      }
    })

    it('puts any messages together however the stream is cut', () => {
      forEachSeed(200, (seed) => {
        const random = new SeededRandom(seed)
        const any = Array.from({ length: random.integer(8) }, () => subject.message(random))
        const found = framesOf(create(), concatenate([first, ...any]), () =>
          random.integer(random.pick([2, 4, 40, 400])),
        )
        expect(found.map(formatHex)).toEqual([first, ...any].map(formatHex))
      })
    })

    it.each(faults)('gives up on what is %s, for good', (fault, bytes) => {
      for (const size of [bytes.length, 1]) {
        const framer = create()
        expect(framesOf(framer, first).length).toBe(1)
        expect(framesOf(framer, bytes, () => size)).toEqual([])
        expect(framer.fault).toBe(fault)
        expect(framesOf(framer, first)).toEqual([])
      }
    })

    it('hands out what came before the bad bytes', () => {
      const framer = create()
      const found = framesOf(framer, concatenate([...messages, new Uint8Array(20).fill(0xff)]))
      expect(found.map(formatHex)).toEqual(texts)
      expect(framer.fault).toBe('notStun')
    })

    it('refuses a chunk before the last one was drained', () => {
      const framer = create()
      framer.push(first)
      expect(() => framer.push(first)).toThrow(expect.objectContaining({ code: subject.misuse }))
    })
  })
}
