import { describe, expect, it } from 'vitest'
import { messageOf } from './testing/test-requests.ts'
import { TurnBench } from './testing/turn-bench.ts'

const binding = messageOf(0x001, 'request', new Uint8Array(12), () => {})

describe('a TCP or TLS client', () => {
  it('loses its allocation with its connection', () => {
    const bench = new TurnBench()
    const client = bench.client('ann', { transport: 'tls' })
    client.allocate()
    expect(bench.server.sizes).toMatchObject({ allocations: 1, streams: 1 })
    bench.server.handleClose(client.path, bench.now)
    expect(bench.server.sizes).toEqual({ allocations: 0, reservations: 0, ports: 0, streams: 0, timers: 0 })
  })

  it('gets nothing on a connection that has closed since', () => {
    const bench = new TurnBench()
    const client = bench.client('ann', { transport: 'tcp' })
    const out = { bytes: binding, start: 0, end: binding.length, path: client.path }
    bench.server.handleDatagram({ ...out, bytes: binding.slice() }, bench.now)
    bench.server.handleClose(client.path, bench.now)
    expect(bench.server.pollTransmit(out)).toBe(false)
  })

  it('is cut off after a minute of silence, unless it has an allocation', () => {
    const bench = new TurnBench()
    const silent = bench.client('ann', { transport: 'tcp' })
    const talking = bench.client('ann', { transport: 'tcp' })
    const using = bench.client('ann', { transport: 'tcp' })
    using.allocate()
    bench.advance(59_000)
    talking.send(binding)
    bench.advance(1000)
    expect(bench.events).toEqual([{ type: 'disconnect', path: silent.path }])
    bench.advance(59_000)
    expect(bench.events).toEqual([silent, talking].map(({ path }) => ({ type: 'disconnect', path })))
    bench.advance(600_000 - 119_000)
    expect(bench.events).toHaveLength(2)
    bench.advance(60_000)
    expect(bench.events.at(-1)).toEqual({ type: 'disconnect', path: using.path })
    for (const { path } of [silent, talking, using]) bench.server.handleClose(path, bench.now)
    expect(bench.server.sizes).toMatchObject({ streams: 0, timers: 0 })
  })

  it('is cut off when it is refused without end, unless it has an allocation', () => {
    const bench = new TurnBench(undefined, { maxRefusalsPerStream: 3 })
    const refused = messageOf(0x003, 'request', new Uint8Array(12), () => {})
    const [idle, using] = [
      bench.client('ann', { transport: 'tcp' }),
      bench.client('ann', { transport: 'tcp' }),
    ]
    using.allocate()
    for (let i = 0; i < 10; i++) expect(using.send(refused)).toBeDefined()
    for (let i = 0; i < 3; i++) expect(idle.send(refused)).toBeDefined()
    expect(bench.events).toEqual([])
    for (let i = 0; i < 3; i++) expect(idle.send(refused)).toBeUndefined()
    expect(bench.events).toEqual([{ type: 'disconnect', path: idle.path }])
  })

  it('gets ChannelData padded to a multiple of four', () => {
    const bench = new TurnBench()
    const [a, b] = [bench.client('ann', { transport: 'tcp' }), bench.client('bob', { transport: 'tls' })]
    a.allocate()
    b.allocate()
    a.bind(0x4000, b.relayed)
    b.bind(0x4000, a.relayed)
    for (const text of ['', 'a', 'abc', 'abcd', 'abcde']) {
      a.sayOn(0x4000, text)
      const [received] = bench.take(b.path)
      const bytes = received?.kind === 'channelData' ? received.bytes : new Uint8Array(0)
      expect(bytes.length).toBe(4 + Math.ceil(text.length / 4) * 4)
      expect([...bytes.subarray(4 + text.length)].every((octet) => octet === 0)).toBe(true)
    }
  })
})
