import { decodeUtf8, encodeUtf8, equalConstantTime } from '@crowfly/bytes'
import { forEachSeed, SeededRandom } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { channelPair } from '../testing/channel-pair.ts'
import { PairingKeys } from './pairing-keys.ts'
import { maxBodyBytes } from './plaintext.ts'
import type { SealedChannel } from './sealed-channel.ts'

function seal(channel: SealedChannel, text: string): Uint8Array {
  const frame = channel.seal({ type: 'message', body: encodeUtf8(text) })
  if (frame === undefined) throw new RangeError('the channel is full')
  return frame
}

function drain(channel: SealedChannel): string[] {
  const texts: string[] = []
  for (let next = channel.shift(); next !== undefined; next = channel.shift())
    texts.push(decodeUtf8(next.body) ?? '')
  return texts
}

describe('a sealed channel', () => {
  it('carries messages both ways, and shows nothing of them', () => {
    const { ann, bob } = channelPair(1)
    const frame = seal(ann, 'hello')
    expect(decodeUtf8(frame.filter((octet) => octet > 31 && octet < 127))).not.toContain('hello')
    expect(bob.receive(frame, 0)).toBe('opened')
    expect(bob.shift()).toEqual({ type: 'message', body: encodeUtf8('hello') })
    expect(ann.receive(seal(bob, 'hi'), 0)).toBe('opened')
    expect(drain(ann)).toEqual(['hi'])
  })

  it('gives messages in their order, whatever order they come in', () => {
    const { ann, bob } = channelPair(2)
    const [first, second, third] = ['1', '2', '3'].map((text) => seal(ann, text))
    if (!first || !second || !third) throw new RangeError()
    expect(bob.receive(third, 0)).toBe('held')
    expect(bob.receive(third, 0)).toBe('stale')
    expect(bob.receive(first, 0)).toBe('opened')
    expect(drain(bob)).toEqual(['1'])
    expect(bob.receive(second, 0)).toBe('opened')
    expect(drain(bob)).toEqual(['2', '3'])
    for (const frame of [first, second, third]) expect(bob.receive(frame, 0)).toBe('duplicate')
    expect(drain(bob)).toEqual([])
  })

  it('drops what was altered in any octet, and is as it was', () => {
    const { ann, bob } = channelPair(3)
    const first = seal(ann, '1')
    const second = seal(ann, '2')
    for (const frame of [first, second]) {
      for (let at = 0; at < frame.length; at += at < 40 ? 1 : 97) {
        const altered = frame.slice()
        altered[at] = (altered[at] ?? 0) ^ 0x10
        expect(bob.receive(altered, 0)).toMatch(/badTag|foreign|wrongKind|badSequence/)
      }
    }
    expect(bob.pollTimeout()).toBe(Infinity)
    expect(bob.receive(second, 0)).toBe('held')
    expect(bob.receive(first, 0)).toBe('opened')
    expect(drain(bob)).toEqual(['1', '2'])
  })

  it.each(['nameplate', 'ann', 'bob'] as const)('opens nothing that was sealed for another %s', (changed) => {
    const other = changed === 'nameplate' ? { nameplate: '4822' } : { [changed]: new Uint8Array(16) }
    const { ann, bob } = channelPair(4, other)
    expect(bob.receive(seal(ann, '1'), 0)).toBe('badTag')
  })

  it('ignores what is of another pairing, and what comes back to its sender', () => {
    const { ann, bob } = channelPair(5)
    expect(bob.receive(seal(channelPair(6).ann, '1'), 0)).toBe('foreign')
    expect(ann.receive(seal(ann, '1'), 0)).toBe('badTag')
  })

  it('keeps the same sealed octets until they are acknowledged', () => {
    const { ann, bob } = channelPair(7)
    const frames = ['1', '2'].map((text) => seal(ann, text))
    expect(ann.unacknowledged()).toEqual(frames)
    for (const frame of frames) bob.receive(frame, 0)
    expect(bob.isAckDue).toBe(true)
    ann.receive(seal(bob, 'ack'), 0)
    expect(bob.isAckDue).toBe(false)
    expect(ann.unacknowledged()).toEqual([])
    expect(ann.isWaiting).toBe(false)
  })

  it('acknowledges by itself, and nobody answers that', () => {
    const { ann, bob } = channelPair(8)
    bob.receive(seal(ann, '1'), 0)
    const ack = bob.sealAck()
    expect(bob.isWaiting).toBe(false)
    expect(ann.receive(ack ?? new Uint8Array(0), 0)).toBe('opened')
    expect(drain(ann)).toEqual([])
    expect(ann.isAckDue).toBe(false)
    expect(ann.unacknowledged()).toEqual([])
  })

  it('tells a message that comes again, whose acknowledgement was lost, from what needs no answer', () => {
    const { ann, bob } = channelPair(16)
    const message = seal(ann, '1')
    bob.receive(message, 0)
    const ack = bob.sealAck() ?? new Uint8Array(0)
    expect(bob.receive(message, 0)).toBe('duplicate')
    expect(bob.unacknowledged()).toEqual([ack])
    expect(ann.receive(ack, 0)).toBe('opened')
    expect(ann.receive(ack, 0)).toBe('stale')
  })

  it('takes no more when too much is on its way, and goes on when both are full', () => {
    const { ann, bob } = channelPair(9)
    const body = new Uint8Array(20)
    const fill = (channel: SealedChannel): Uint8Array[] => {
      const frames: Uint8Array[] = []
      for (;;) {
        const frame = channel.seal({ type: 'message', body })
        if (frame === undefined) return frames
        frames.push(frame)
      }
    }
    const fromAnn = fill(ann)
    const fromBob = fill(bob)
    expect([fromAnn.length, fromBob.length]).toEqual([24, 24])
    for (const frame of fromAnn) bob.receive(frame, 0)
    for (const frame of fromBob) ann.receive(frame, 0)
    const ack = ann.sealAck()
    expect(bob.receive(ack ?? body, 0)).toBe('opened')
    expect(bob.unacknowledged()).toEqual([])
    expect(fill(bob)).toHaveLength(24)
  })

  it.each([maxBodyBytes, 40_000, 16_000, 10_000])(
    'never has more on its way than the other side holds, with bodies of %i octets and acknowledgements behind them',
    (length) => {
      const { ann, bob } = channelPair(10)
      const frames: Uint8Array[] = []
      const offer = { type: 'offer', body: new Uint8Array(length) } as const
      for (let frame = ann.seal(offer); frame !== undefined; frame = ann.seal(offer)) frames.push(frame)
      expect(frames.reduce((sum, frame) => sum + frame.length, 0)).toBeLessThanOrEqual(240 * 1024)
      for (let ack = 0; ack < 8; ack++) frames.push(ann.sealAck() ?? new Uint8Array(0))
      for (const frame of frames.toReversed()) expect(bob.receive(frame, 0)).toMatch(/held|opened/)
    },
  )

  it('fails when an envelope is missing for ten seconds', () => {
    const { ann, bob } = channelPair(11)
    const [missing, ...rest] = ['1', '2', '3'].map((text) => seal(ann, text))
    bob.receive(rest[0] ?? missing ?? new Uint8Array(0), 1000)
    bob.receive(rest[1] ?? new Uint8Array(0), 5000)
    expect(bob.pollTimeout()).toBe(11_000)
    bob.handleTimeout(10_999)
    expect(bob.failure).toBeUndefined()
    bob.handleTimeout(11_000)
    expect(bob.failure).toBe('gap')
    expect(bob.pollTimeout()).toBe(Infinity)
    expect(bob.receive(missing ?? new Uint8Array(0), 11_000)).toBe('failed')
    expect(() => bob.seal({ type: 'message', body: new Uint8Array(0) })).toThrow('pair again')
  })

  it('counts the age of a gap from what is still held', () => {
    const { ann, bob } = channelPair(12)
    const [first, second, , fourth] = ['1', '2', '3', '4'].map((text) => seal(ann, text))
    bob.receive(second ?? new Uint8Array(0), 1000)
    bob.receive(fourth ?? new Uint8Array(0), 6000)
    expect(bob.receive(first ?? new Uint8Array(0), 10_000)).toBe('opened')
    expect(bob.pollTimeout()).toBe(16_000)
    expect(bob.receive(first ?? new Uint8Array(0), 16_000)).toBe('failed')
  })

  it('wipes its keys when it is closed, and takes nothing any more', () => {
    const keys = new PairingKeys(new SeededRandom(1).bytes(64), 'member')
    const { ann, bob } = channelPair(13)
    const frame = seal(ann, '1')
    ann.close()
    bob.close()
    expect(ann.unacknowledged()).toEqual([])
    expect(bob.receive(frame, 0)).toBe('foreign')
    expect(bob.failure).toBeUndefined()
    keys.wipe()
    expect(keys.sealOut).toEqual(new Uint8Array(32))
  })

  it.each([
    ['', 'empty'],
    ['00', 'wrongKind'],
    ['01', 'badLength'],
  ])('says why %j is no envelope', (hex, reason) => {
    expect(channelPair(14).ann.receive(Uint8Array.from(Buffer.from(hex, 'hex')), 0)).toBe(reason)
  })

  it('refuses a body that no envelope holds', () => {
    const { ann } = channelPair(15)
    expect(() => ann.seal({ type: 'message', body: new Uint8Array(maxBodyBytes + 1) })).toThrow('at most')
    expect(ann.unacknowledged()).toEqual([])
  })
})

describe('any order with duplicates and resending', () => {
  it('yields each message once and in order, and no number is sealed twice', () => {
    forEachSeed(100, (seed) => {
      const random = new SeededRandom(seed)
      const ends = channelPair(seed)
      const sent: Record<'ann' | 'bob', string[]> = { ann: [], bob: [] }
      const got: Record<'ann' | 'bob', string[]> = { ann: [], bob: [] }
      const wire: { to: 'ann' | 'bob'; frame: Uint8Array }[] = []
      const numbers = new Map<string, Uint8Array>()
      const put = (from: 'ann' | 'bob', frames: readonly (Uint8Array | undefined)[]): void => {
        for (const frame of frames) {
          if (frame === undefined) continue
          const number = `${from} ${Buffer.from(frame.subarray(0, 17)).toString('hex')}`
          expect(equalConstantTime(numbers.get(number) ?? frame, frame)).toBe(true)
          numbers.set(number, frame)
          wire.push({ to: from === 'ann' ? 'bob' : 'ann', frame })
        }
      }
      const deliver = (at: number, isKept: boolean): void => {
        const item = wire[at]
        if (item === undefined) return
        if (!isKept) wire.splice(at, 1)
        const end = ends[item.to]
        end.receive(item.frame, 0)
        got[item.to].push(...drain(end))
      }
      for (let step = 0; step < 120; step++) {
        const from = random.pick(['ann', 'bob'] as const)
        const text = `${from} ${step}`
        const kind = random.integer(10)
        if (kind < 3) {
          const frame = ends[from].seal({ type: 'message', body: encodeUtf8(text) })
          if (frame !== undefined) sent[from].push(text)
          put(from, [frame])
        } else if (kind === 3 && ends[from].isAckDue) put(from, [ends[from].sealAck()])
        else if (kind === 4) put(from, ends[from].unacknowledged())
        else if (kind === 5) wire.splice(random.integer(wire.length + 1), 1)
        else deliver(random.integer(wire.length), random.chance(0.2))
      }
      for (let round = 0; round < 3; round++) {
        for (const from of ['ann', 'bob'] as const) {
          if (ends[from].isAckDue) put(from, [ends[from].sealAck()])
          put(from, ends[from].unacknowledged())
        }
        while (wire.length > 0) deliver(random.integer(wire.length), false)
      }
      expect(got).toEqual({ ann: sent.bob, bob: sent.ann })
    })
  })
})
