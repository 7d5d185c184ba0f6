import { encodeBindingRequest, type Frame } from '@crowfly/stun'
import { forEachSeed, formatHex, parseHex, SeededRandom } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { ChannelDataMessage, encodeChannelDataInPlace } from './channel-data.ts'
import { TurnStreamFramer } from './turn-stream-framer.ts'

const STUN = encodeBindingRequest(new Uint8Array(12).fill(1))
const LONGER_STUN = encodeBindingRequest(new Uint8Array(12).fill(2), {
  software: 'crowfly',
  hasFingerprint: true,
})
const EMPTY = parseHex('4000 0000')
const THREE = parseHex('4fff 0003 010203 00')
const FOUR = parseHex('4001 0004 01020304')

function frames(framer: TurnStreamFramer): string[] {
  const out: Frame = { bytes: new Uint8Array(0), start: 0, end: 0 }
  const found: string[] = []
  while (framer.next(out)) found.push(formatHex(out.bytes.slice(out.start, out.end)))
  return found
}

function concatenate(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

/** A ChannelData message with random content, as a stream has it. */
function channelData(random: SeededRandom): Uint8Array {
  const length = random.integer(random.pick([1, 5, 300]))
  const bytes = new Uint8Array(8 + length)
  bytes.set(random.bytes(length), 4)
  const run = { bytes, start: 4, end: 4 + length }
  expect(encodeChannelDataInPlace(run, 0x4000 + random.integer(0x1000), true)).toBe(true)
  return bytes.slice(run.start, run.end)
}

describe('TurnStreamFramer', () => {
  it('hands out the messages of a chunk where they are, padding and all', () => {
    const framer = new TurnStreamFramer()
    const chunk = concatenate(STUN, THREE, EMPTY, STUN)
    framer.push(chunk)
    const out: Frame = { bytes: new Uint8Array(0), start: 0, end: 0 }
    const ends: number[] = []
    while (framer.next(out)) {
      expect(out.bytes).toBe(chunk)
      ends.push(out.end)
    }
    expect(ends).toEqual([20, 28, 32, 52])
  })

  it('puts messages together however a stream is cut in three', () => {
    const messages = [STUN, THREE, LONGER_STUN, EMPTY, FOUR, EMPTY, STUN]
    const stream = concatenate(...messages)
    for (let first = 0; first <= stream.length; first++) {
      for (let second = first; second <= stream.length; second++) {
        const framer = new TurnStreamFramer()
        const found: string[] = []
        for (const [start, end] of [
          [0, first],
          [first, second],
          [second, stream.length],
        ]) {
          // The chunk is overwritten once it was drained: what is kept must be a copy.
          const chunk = stream.slice(start, end)
          framer.push(chunk)
          found.push(...frames(framer))
          chunk.fill(0xff)
        }
        if (found.join() !== messages.map(formatHex).join())
          expect(found, `${first}, ${second}`).toEqual(messages)
      }
    }
  })

  it('puts any messages together however the stream is cut', () => {
    forEachSeed(200, (seed) => {
      const random = new SeededRandom(seed)
      const messages = Array.from({ length: 1 + random.integer(8) }, () =>
        random.chance(0.5) ? channelData(random) : LONGER_STUN,
      )
      messages.unshift(STUN)
      const stream = concatenate(...messages)
      const framer = new TurnStreamFramer()
      const found: string[] = []
      for (let at = 0; at < stream.length; ) {
        const end = Math.min(stream.length, at + random.integer(random.pick([2, 4, 40, 400])))
        const chunk = stream.slice(at, end)
        framer.push(chunk)
        found.push(...frames(framer))
        chunk.fill(0xff)
        at = end
      }
      expect(found).toEqual(messages.map(formatHex))
    })
  })

  it('gives a message that it put together room for the headers of another', () => {
    const framer = new TurnStreamFramer()
    framer.push(STUN)
    frames(framer)
    const out: Frame = { bytes: new Uint8Array(0), start: 0, end: 0 }
    framer.push(THREE, 0, 5)
    expect(framer.next(out)).toBe(false)
    framer.push(THREE, 5)
    expect(framer.next(out)).toBe(true)
    expect([out.start, out.end, out.bytes.length]).toEqual([64, 72, 72])
    const message = new ChannelDataMessage()
    expect(message.decode(out.bytes, out.start, out.end)).toBeUndefined()
    expect([message.channel, message.dataEnd - message.dataStart]).toEqual([0x4fff, 3])
  })

  // Its bytes could as well be the beginning of HTTP's GET.
  it('takes no ChannelData as the first message', () => {
    for (const size of [1, FOUR.length]) {
      const framer = new TurnStreamFramer()
      const found: string[] = []
      for (let at = 0; at < FOUR.length; at += size) {
        framer.push(FOUR, at, at + size)
        found.push(...frames(framer))
      }
      expect(found).toEqual([])
      expect(framer.fault).toBe('notStun')
    }
  })

  it.each([
    ['notStun', parseHex('8000 0000')],
    ['notStun', parseHex('8001 0000 2112a442')],
    ['notStun', parseHex('0001 0000 2112a443')],
    ['badLength', parseHex('0001 0003 2112a442')],
    ['tooLong', parseHex('0001 1000 2112a442')],
    ['tooLong', parseHex('4000 1001')],
  ])('gives up on what is %s, for good', (fault, bytes) => {
    for (const size of [bytes.length, 1]) {
      const framer = new TurnStreamFramer()
      framer.push(STUN)
      expect(frames(framer).length).toBe(1)
      for (let at = 0; at < bytes.length; at += size) {
        framer.push(bytes, at, at + size)
        expect(frames(framer)).toEqual([])
      }
      expect(framer.fault).toBe(fault)
      framer.push(STUN)
      expect(frames(framer)).toEqual([])
    }
  })

  it('hands out what came before the bad bytes', () => {
    const framer = new TurnStreamFramer()
    framer.push(concatenate(STUN, FOUR, new Uint8Array(20).fill(0xff)))
    expect(frames(framer)).toEqual([STUN, FOUR].map(formatHex))
    expect(framer.fault).toBe('notStun')
  })

  it('takes messages up to its limits', () => {
    const limits = { maxMessageBytes: LONGER_STUN.length, maxChannelDataBytes: 4 }
    const framer = new TurnStreamFramer(limits)
    framer.push(concatenate(LONGER_STUN, FOUR))
    expect(frames(framer).length).toBe(2)
    for (const narrower of [{ maxMessageBytes: LONGER_STUN.length - 4 }, { maxChannelDataBytes: 3 }]) {
      const narrow = new TurnStreamFramer({ ...limits, ...narrower })
      narrow.push(concatenate(STUN, LONGER_STUN, FOUR))
      expect(frames(narrow).length).toBeLessThan(3)
      expect(narrow.fault).toBe('tooLong')
    }
  })

  it('takes the longest messages there are in single bytes', () => {
    const framer = new TurnStreamFramer({ maxMessageBytes: 65_552, maxChannelDataBytes: 65_535 })
    const longest = new Uint8Array(65_552)
    longest.set(parseHex('0001 fffc 2112a442'))
    const longestData = new Uint8Array(65_540)
    longestData.set(parseHex('4000 ffff'))
    const stream = concatenate(longest, longestData)
    const out: Frame = { bytes: new Uint8Array(0), start: 0, end: 0 }
    const lengths: number[] = []
    for (let at = 0; at < stream.length; at++) {
      framer.push(stream, at, at + 1)
      while (framer.next(out)) lengths.push(out.end - out.start)
    }
    expect(lengths).toEqual([65_552, 65_540])
  })

  it('refuses limits that no message fits, and a chunk before the last one was drained', () => {
    const misuse = expect.objectContaining({ code: 'TURN_FRAMER' })
    for (const maxMessageBytes of [19, 65_553, Number.NaN]) {
      expect(() => new TurnStreamFramer({ maxMessageBytes })).toThrow(misuse)
    }
    for (const maxChannelDataBytes of [-1, 65_536, Number.NaN]) {
      expect(() => new TurnStreamFramer({ maxChannelDataBytes })).toThrow(misuse)
    }
    const framer = new TurnStreamFramer()
    framer.push(STUN)
    expect(() => framer.push(STUN)).toThrow(misuse)
  })
})
