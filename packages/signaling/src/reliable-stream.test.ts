import { describe, expect, it } from 'vitest'
import { ReliableStream } from './reliable-stream.ts'

function sent(count: number): ReliableStream {
  const stream = new ReliableStream()
  for (let i = 1; i <= count; i++) stream.push(Uint8Array.of(i))
  return stream
}

const first = (stream: ReliableStream) => stream.unacknowledged().map(([octet]) => octet)

describe('a reliable stream', () => {
  it('counts from 1 and keeps what is not acknowledged', () => {
    const stream = sent(3)
    expect(stream.nextSeq).toBe(4)
    expect(first(stream)).toEqual([1, 2, 3])
    expect(stream.acknowledge(2)).toBe(true)
    expect(first(stream)).toEqual([3])
    expect([stream.waiting, stream.waitingBytes]).toEqual([1, 1])
    expect(stream.acknowledge(3)).toBe(true)
    expect([stream.waiting, stream.waitingBytes]).toEqual([0, 0])
  })

  it('keeps the right frames however many are acknowledged at a time', () => {
    const stream = sent(100)
    for (const ack of [1, 31, 32, 33, 64, 70]) {
      stream.acknowledge(ack)
      expect(first(stream)[0]).toBe(ack + 1)
      expect(stream.waiting).toBe(100 - ack)
    }
    stream.push(Uint8Array.of(101))
    expect(first(stream).at(-1)).toBe(101)
  })

  it('refuses the acknowledgement of what was never sent, and ignores an old one', () => {
    const stream = sent(3)
    expect(stream.acknowledge(4)).toBe(false)
    stream.acknowledge(2)
    expect(stream.acknowledge(1)).toBe(true)
    expect(first(stream)).toEqual([3])
  })

  it('can be resumed from anything between what was acknowledged and what was sent', () => {
    const stream = sent(3)
    stream.acknowledge(1)
    expect([0, 1, 2, 3, 4].map((ack) => stream.standingOf(ack))).toEqual([
      'passed',
      'current',
      'current',
      'current',
      'ahead',
    ])
  })

  it('takes each number once and in order', () => {
    const stream = new ReliableStream()
    expect([1, 1, 3, 2, 3].map((seq) => stream.accept(seq, 1))).toEqual([
      'next',
      'duplicate',
      'gap',
      'next',
      'next',
    ])
    expect(stream.received).toBe(3)
  })

  it('owes an acknowledgement after 16 items or 64 KiB, until one is taken', () => {
    const stream = new ReliableStream()
    for (let seq = 1; seq <= 15; seq++) stream.accept(seq, 10)
    expect(stream.isAckDue).toBe(false)
    stream.accept(16, 10)
    expect(stream.isAckDue).toBe(true)
    expect(stream.takeAck()).toBe(16)
    expect(stream.isAckDue).toBe(false)
    stream.accept(17, 65_536)
    expect(stream.isAckDue).toBe(true)
  })
})
