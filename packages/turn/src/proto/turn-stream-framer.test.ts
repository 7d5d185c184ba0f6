import { encodeBindingRequest, type Frame } from '@crowfly/stun'
import { concatenate, describeFramer, framesOf, parseHex, type SeededRandom } from '@crowfly/testkit'
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

/** A ChannelData message with random content, as a stream has it. */
function channelData(random: SeededRandom): Uint8Array {
  const length = random.integer(random.pick([1, 5, 300]))
  const bytes = new Uint8Array(8 + length)
  bytes.set(random.bytes(length), 4)
  const run = { bytes, start: 4, end: 4 + length }
  expect(encodeChannelDataInPlace(run, 0x4000 + random.integer(0x1000), true)).toBe(true)
  return bytes.slice(run.start, run.end)
}

describeFramer('TurnStreamFramer', {
  create: () => new TurnStreamFramer(),
  first: STUN,
  others: [THREE, LONGER_STUN, EMPTY, FOUR, EMPTY, STUN],
  message: (random) => (random.chance(0.5) ? channelData(random) : LONGER_STUN),
  faults: [
    ['notStun', parseHex('8000 0000')],
    ['notStun', parseHex('8001 0000 2112a442')],
    ['notStun', parseHex('0001 0000 2112a443')],
    ['badLength', parseHex('0001 0003 2112a442')],
    ['tooLong', parseHex('0001 1000 2112a442')],
    ['tooLong', parseHex('4000 1001')],
  ],
  misuse: 'TURN_FRAMER',
})

describe('TurnStreamFramer', () => {
  it('hands out the messages of a chunk where they are, padding and all', () => {
    const frames = framesOf(new TurnStreamFramer(), concatenate([STUN, THREE, EMPTY, STUN]))
    expect(frames.map(({ length }) => length)).toEqual([20, 8, 4, 20])
  })

  it('gives a message that it put together room for the headers of another', () => {
    const framer = new TurnStreamFramer()
    framesOf(framer, STUN)
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
      expect(framesOf(framer, FOUR, () => size)).toEqual([])
      expect(framer.fault).toBe('notStun')
    }
  })

  it('takes messages up to its limits', () => {
    const limits = { maxMessageBytes: LONGER_STUN.length, maxChannelDataBytes: 4 }
    const wide = new TurnStreamFramer(limits)
    expect(framesOf(wide, concatenate([LONGER_STUN, FOUR])).length).toBe(2)
    for (const narrower of [{ maxMessageBytes: LONGER_STUN.length - 4 }, { maxChannelDataBytes: 3 }]) {
      const narrow = new TurnStreamFramer({ ...limits, ...narrower })
      expect(framesOf(narrow, concatenate([STUN, LONGER_STUN, FOUR])).length).toBeLessThan(3)
      expect(narrow.fault).toBe('tooLong')
    }
  })

  it('takes the longest messages there are in single bytes', () => {
    const framer = new TurnStreamFramer({ maxMessageBytes: 65_552, maxChannelDataBytes: 65_535 })
    const longest = new Uint8Array(65_552)
    longest.set(parseHex('0001 fffc 2112a442'))
    const longestData = new Uint8Array(65_540)
    longestData.set(parseHex('4000 ffff'))
    const frames = framesOf(framer, concatenate([longest, longestData]), () => 1)
    expect(frames.map(({ length }) => length)).toEqual([65_552, 65_540])
  })

  it('refuses limits that no message fits', () => {
    const misuse = expect.objectContaining({ code: 'TURN_FRAMER' })
    for (const maxMessageBytes of [19, 65_553, Number.NaN]) {
      expect(() => new TurnStreamFramer({ maxMessageBytes })).toThrow(misuse)
    }
    for (const maxChannelDataBytes of [-1, 65_536, Number.NaN]) {
      expect(() => new TurnStreamFramer({ maxChannelDataBytes })).toThrow(misuse)
    }
  })
})
