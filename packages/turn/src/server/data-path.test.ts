import type { Datagram } from '@crowfly/sansio'
import { describe, expect, it } from 'vitest'
import { channelData, sendIndication } from './testing/test-requests.ts'
import { type BenchClient, TurnBench } from './testing/turn-bench.ts'

const HEADROOM = 64
const GUARD = 0xa5

function pair(transport: 'udp' | 'tcp' = 'udp') {
  const bench = new TurnBench({ kind: 'rooms' }, { maxBytesPerSecond: Infinity })
  const [a, b] = [bench.client('ann'), bench.client('bob', { transport })]
  a.allocate()
  b.allocate()
  a.bind(0x4000, b.relayed)
  b.permit(a.relayed)
  return { bench, a, b }
}

/** Gives the server a message between guards, and returns what it sends, not drained any further. */
function relay(bench: TurnBench, from: BenchClient, message: Uint8Array, headroom = HEADROOM) {
  const bytes = new Uint8Array(headroom + message.length + HEADROOM).fill(GUARD)
  bytes.set(message, headroom)
  const end = headroom + message.length
  bench.server.handleDatagram({ bytes, start: headroom, end, path: from.path }, bench.now)
  const out: Datagram = { bytes, start: 0, end: 0, path: -1 }
  expect(bench.server.pollTransmit(out)).toBe(true)
  expect(bytes.subarray(end).every((octet) => octet === GUARD)).toBe(true)
  return { isInPlace: out.bytes === bytes, out }
}

describe('what is relayed', () => {
  const payload = (length: number) => new Uint8Array(length).fill(7)

  it('stays where it lies when there is room in front of it', () => {
    const { bench, a, b } = pair()
    const send = sendIndication(b.relayed, payload(100), new Uint8Array(12))
    expect(relay(bench, a, send).isInPlace).toBe(true)
    expect(relay(bench, a, send, 0).isInPlace).toBe(true)
    expect(relay(bench, a, channelData(0x4000, payload(100), false)).isInPlace).toBe(true)
    b.bind(0x4001, a.relayed)
    expect(relay(bench, a, channelData(0x4000, payload(99), false), 0).isInPlace).toBe(true)
  })

  it('is copied where it has to grow, and nothing behind the input is written over', () => {
    const { bench, a, b } = pair('tcp')
    expect(relay(bench, a, channelData(0x4000, payload(100), false), 0).isInPlace).toBe(false)
    for (const length of [97, 98, 99]) {
      expect(relay(bench, a, channelData(0x4000, payload(length), false)).isInPlace).toBe(false)
    }
    b.bind(0x4001, a.relayed)
    expect(relay(bench, a, channelData(0x4000, payload(99), false)).isInPlace).toBe(false)
    expect(relay(bench, a, channelData(0x4000, payload(99), true)).isInPlace).toBe(true)
  })

  it('may be as long as a message can say', () => {
    const { bench, a, b } = pair()
    const longest = channelData(0x4000, payload(65_535), false)
    bench.deliver(a.path, longest)
    expect(bench.server.counters.dropped.tooLong).toBe(1)
    b.bind(0x4001, a.relayed)
    bench.deliver(a.path, longest)
    const [received] = bench.take(b.path).filter(({ kind }) => kind === 'channelData')
    expect(received?.kind === 'channelData' && received.data.length).toBe(65_535)
  })

  it.each(['ChannelData', 'Send'])('makes no object a packet, as %s', (kind) => {
    const { bench, a, b } = pair()
    const message =
      kind === 'Send'
        ? sendIndication(b.relayed, payload(99), new Uint8Array(12))
        : channelData(0x4000, payload(99), false)
    if (kind === 'ChannelData') b.bind(0x4001, a.relayed)
    const bytes = new Uint8Array(HEADROOM + message.length)
    const input: Datagram = { bytes, start: HEADROOM, end: bytes.length, path: a.path }
    const out: Datagram = { bytes, start: 0, end: 0, path: -1 }
    const run = (count: number) => {
      for (let i = 0; i < count; i++) {
        bytes.set(message, HEADROOM)
        bench.server.handleDatagram(input, bench.now)
        bench.server.pollTransmit(out)
      }
    }
    run(20_000)
    // The least of several rounds: see the same test of BindingServer.
    let least = Number.POSITIVE_INFINITY
    for (let round = 0; round < 10; round++) {
      const before = process.memoryUsage().heapUsed
      run(20_000)
      const growth = process.memoryUsage().heapUsed - before
      if (growth >= 0) least = Math.min(least, growth)
    }
    // The engine boxes a deadline here and there, 16 bytes each; any object, array or view would be more.
    expect(least / 20_000).toBeLessThan(40)
    expect(bench.server.counters.relayed.toClientPackets).toBe(220_000)
  })
})
