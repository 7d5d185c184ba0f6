import { forEachSeed, formatHex, parseHex, SeededRandom } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { encodeBindingRequest } from './binding.ts'
import { type Frame, StunStreamFramer } from './stream-framer.ts'
import { createTransactionId } from './transaction-id.ts'

const ONE = encodeBindingRequest(new Uint8Array(12).fill(1))
const TWO = encodeBindingRequest(new Uint8Array(12).fill(2), { software: 'crowfly', hasFingerprint: true })

function frames(framer: StunStreamFramer): string[] {
  const out: Frame = { bytes: new Uint8Array(0), start: 0, end: 0 }
  const found: string[] = []
  while (framer.next(out)) found.push(formatHex(out.bytes.slice(out.start, out.end)))
  return found
}

function concatenate(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

describe('StunStreamFramer', () => {
  it('hands out the messages of a chunk where they are', () => {
    const framer = new StunStreamFramer()
    const chunk = concatenate(ONE, TWO)
    framer.push(chunk)
    const out: Frame = { bytes: new Uint8Array(0), start: 0, end: 0 }
    expect(framer.next(out)).toBe(true)
    expect(out).toEqual({ bytes: chunk, start: 0, end: ONE.length })
    expect(out.bytes).toBe(chunk)
    expect(framer.next(out)).toBe(true)
    expect(out.start).toBe(ONE.length)
    expect(framer.next(out)).toBe(false)
  })

  it.each([1, 2, 3, 7, 8, 9, 19, 20, 21])('puts messages together out of chunks of %i bytes', (size) => {
    const framer = new StunStreamFramer()
    const stream = concatenate(ONE, TWO, ONE)
    const found: string[] = []
    for (let at = 0; at < stream.length; at += size) {
      framer.push(stream, at, Math.min(at + size, stream.length))
      found.push(...frames(framer))
    }
    expect(found).toEqual([ONE, TWO, ONE].map(formatHex))
    expect(framer.fault).toBeUndefined()
  })

  it('puts any messages together however the stream is cut', () => {
    forEachSeed(200, (seed) => {
      const random = new SeededRandom(seed)
      const messages = Array.from({ length: 1 + random.integer(8) }, () =>
        encodeBindingRequest(createTransactionId(random), { software: 'x'.repeat(random.integer(128)) }),
      )
      const stream = concatenate(...messages)
      const framer = new StunStreamFramer()
      const found: string[] = []
      for (let at = 0; at < stream.length; ) {
        const end = Math.min(stream.length, at + random.integer(random.pick([4, 40, 400])))
        // The chunk is overwritten once it was drained: what is kept must be a copy.
        const chunk = stream.slice(at, end)
        framer.push(chunk)
        found.push(...frames(framer))
        chunk.fill(0xff)
        at = end
      }
      expect(found).toEqual(messages.map(formatHex))
    })
  })

  it.each([
    ['notStun', parseHex('474554202f20485454502f312e31')],
    ['notStun', parseHex('0001 0000 2112a443')],
    ['badLength', parseHex('0001 0003 2112a442')],
    ['tooLong', parseHex('0001 0800 2112a442')],
  ])('gives up on what is %s, for good', (fault, bytes) => {
    for (const size of [bytes.length, 1]) {
      const framer = new StunStreamFramer()
      framer.push(ONE)
      expect(frames(framer).length).toBe(1)
      for (let at = 0; at < bytes.length; at += size) {
        framer.push(bytes, at, at + size)
        expect(frames(framer)).toEqual([])
      }
      expect(framer.fault).toBe(fault)
      framer.push(ONE)
      expect(frames(framer)).toEqual([])
    }
  })

  it('hands out what came before the bad bytes', () => {
    const framer = new StunStreamFramer()
    framer.push(concatenate(ONE, new Uint8Array(20).fill(0xff)))
    expect(frames(framer)).toEqual([formatHex(ONE)])
    expect(framer.fault).toBe('notStun')
  })

  it('takes messages up to its limit', () => {
    const framer = new StunStreamFramer({ maxMessageBytes: TWO.length })
    framer.push(TWO)
    expect(frames(framer).length).toBe(1)
    const narrow = new StunStreamFramer({ maxMessageBytes: TWO.length - 4 })
    narrow.push(TWO)
    expect(frames(narrow).length).toBe(0)
    expect(narrow.fault).toBe('tooLong')
  })

  it('takes the longest message there is in single bytes', () => {
    const framer = new StunStreamFramer({ maxMessageBytes: 65_552 })
    const longest = new Uint8Array(65_552)
    longest.set(parseHex('0001 fffc 2112a442'))
    const out: Frame = { bytes: new Uint8Array(0), start: 0, end: 0 }
    let early = 0
    for (let at = 0; at < longest.length - 1; at++) {
      framer.push(longest, at, at + 1)
      if (framer.next(out)) early++
    }
    expect(early).toBe(0)
    framer.push(longest, longest.length - 1)
    expect(framer.next(out)).toBe(true)
    expect(out.bytes).toEqual(longest)
  })

  it('refuses a limit that no message fits, and a chunk before the last one was drained', () => {
    for (const maxMessageBytes of [19, 65_553, Number.NaN]) {
      expect(() => new StunStreamFramer({ maxMessageBytes })).toThrow(
        expect.objectContaining({ code: 'STUN_FRAMER' }),
      )
    }
    const framer = new StunStreamFramer()
    framer.push(ONE)
    expect(() => framer.push(ONE)).toThrow(expect.objectContaining({ code: 'STUN_FRAMER' }))
  })
})
