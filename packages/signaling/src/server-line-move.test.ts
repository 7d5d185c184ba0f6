import { describe, expect, it } from 'vitest'
import type { LineReport } from './server-line.ts'
import { LineBench } from './testing/line-bench.ts'

const replaced = { type: 'goodbye', code: 'replaced', retryAfterMs: 0 } as const

/** A line that stands on path 1, has one item acknowledged, and is moving to path 2. */
function moving(): LineBench {
  const bench = new LineBench()
  bench.open(1)
  bench.welcome(1, false, 1)
  item(bench, 1, 1)
  bench.move(2)
  return bench
}

/** The server's item of this number comes. */
function item(bench: LineBench, path: number, seq: number): LineReport | undefined {
  return bench.say(path, {
    type: 'item',
    seq,
    ack: 1,
    message: { type: 'memberAway', memberId: 'A'.repeat(22) },
  })
}

describe('a line that moves to a better connection', () => {
  it('says hello there and nothing else, and goes on where it stands', () => {
    const bench = moving()
    expect(bench.hello(2)).toMatchObject({ received: 1, session: bench.hello(1).session })
    bench.post()
    expect(bench.types(1)).toEqual(['hello', 'item', 'item'])
    expect(bench.types(2)).toEqual(['hello'])
  })

  it('gives the old connection up once the new one is welcomed, and reports nothing', () => {
    const bench = moving()
    bench.post()
    expect(bench.welcome(2, true, 1)).toBeUndefined()
    expect(bench.wishes.at(-1)).toEqual({ type: 'disconnect', path: 1 })
    expect(bench.types(2)).toEqual(['hello', 'item'])
    bench.post()
    expect(bench.sent.at(-1)).toMatchObject({ path: 2, frame: { type: 'item', seq: 3 } })
    expect(bench.close(1)).toBeUndefined()
  })

  it('hears every item once, on whichever connection it comes first', () => {
    const bench = moving()
    expect(item(bench, 1, 2)).toMatchObject({ type: 'message' })
    bench.welcome(2, true, 1)
    expect(item(bench, 2, 2)).toBeUndefined()
    expect(item(bench, 2, 3)).toMatchObject({ type: 'message' })
    expect(item(bench, 1, 3)).toBeUndefined()
  })

  it('acknowledges nothing that would pass its hello on the way', () => {
    const bench = moving()
    for (let seq = 2; seq <= 40; seq++) item(bench, 1, seq)
    bench.say(1, { type: 'ping', ack: 1 })
    bench.post()
    const acks = bench.sent.slice(-2).map(({ path, frame }) => ({ path, ...frame }))
    expect(acks).toMatchObject([
      { path: 1, type: 'pong', ack: 1 },
      { path: 1, type: 'item', ack: 1 },
    ])
    bench.welcome(2, true, 2)
    bench.say(2, { type: 'ping', ack: 2 })
    expect(bench.sent.at(-1)).toMatchObject({ path: 2, frame: { type: 'pong', ack: 40 } })
  })

  it.each([
    ['says that it was replaced', (bench: LineBench) => bench.say(1, replaced)],
    ['is closed', (bench: LineBench) => bench.close(1)],
  ])('waits for its welcome when the old connection %s', (_, end) => {
    const bench = moving()
    expect(end(bench)).toBeUndefined()
    bench.post()
    expect(bench.types(2)).toEqual(['hello'])
    expect(bench.welcome(2, true, 1)).toEqual({ type: 'welcomed', session: 'resumed' })
    expect(bench.types(2)).toEqual(['hello', 'item'])
  })

  it.each([
    ['is closed', (bench: LineBench) => bench.close(2)],
    ['says goodbye', (bench: LineBench) => bench.say(2, replaced)],
    ['says nothing for 4.5 s', (bench: LineBench) => bench.timeout()],
  ])('stays where it is when the new connection %s', (_, end) => {
    const bench = moving()
    bench.now += 2_500
    bench.say(1, { type: 'ping', ack: 1 })
    expect(end(bench)).toBeUndefined()
    bench.say(1, { type: 'ping', ack: 1 })
    expect(bench.sent.at(-1)).toMatchObject({ path: 1, frame: { type: 'pong' } })
    bench.move(3)
    expect(bench.welcome(3, true, 1)).toBeUndefined()
    expect(bench.wishes.at(-1)).toEqual({ type: 'disconnect', path: 1 })
  })

  it('begins again with a server that has forgotten', () => {
    const bench = moving()
    expect(bench.welcome(2, false)).toEqual({ type: 'lost' })
    expect(bench.wishes.slice(-3)).toEqual([
      { type: 'disconnect', path: 2 },
      { type: 'disconnect', path: 1 },
      { type: 'connect' },
    ])
  })

  it('drops both when both are of no use', () => {
    const bench = moving()
    bench.line.retry(bench.now, 0)
    expect(bench.wishes.slice(-3)).toEqual([
      { type: 'disconnect', path: 2 },
      { type: 'disconnect', path: 1 },
      { type: 'connect' },
    ])
  })

  it('takes the new connection like any other when none stands', () => {
    const bench = new LineBench()
    bench.move(2)
    expect(bench.types(2)).toEqual(['hello', 'item'])
    bench.welcome(2, false)
    bench.move(3)
    bench.move(4)
    expect(bench.wishes.at(-1)).toEqual({ type: 'disconnect', path: 4 })
  })
})
