import { describe, expect, it } from 'vitest'
import { LineBench } from './testing/line-bench.ts'
import { encode, serverFrame } from './wire.ts'

describe('the line to the server', () => {
  it('sends what is queued right behind its first hello, and only after the welcome later', () => {
    const bench = new LineBench()
    bench.open(1)
    expect(bench.types(1)).toEqual(['hello', 'item'])
    expect(bench.welcome(1, false)).toEqual({ type: 'welcomed', session: 'new' })
    bench.line.handleClose(1, bench.now)
    bench.open(2)
    expect(bench.types(2)).toEqual(['hello'])
    expect(bench.hello(2).session).toEqual(bench.hello(1).session)
    expect(bench.welcome(2, true)).toEqual({ type: 'welcomed', session: 'resumed' })
    expect(bench.types(2)).toEqual(['hello', 'item'])
  })

  it('sends nothing again that the server has', () => {
    const bench = new LineBench()
    bench.open(1)
    bench.welcome(1, false)
    bench.line.handleClose(1, bench.now)
    bench.open(2)
    bench.welcome(2, true, 1)
    expect(bench.types(2)).toEqual(['hello'])
  })

  it('says that it was forgotten, and counts from 1 again', () => {
    const bench = new LineBench()
    bench.open(1)
    bench.welcome(1, false)
    bench.line.handleClose(1, bench.now)
    bench.open(2)
    expect(bench.welcome(2, false)).toEqual({ type: 'welcomed', session: 'forgotten' })
    bench.line.post({ type: 'leave' })
    bench.open(99)
    expect(bench.sent.at(-1)).toMatchObject({ path: 2, frame: { type: 'item', seq: 1 } })
  })

  it('takes up a session whose welcome got lost', () => {
    const bench = new LineBench()
    bench.open(1)
    bench.line.handleClose(1, bench.now)
    bench.open(2)
    expect(bench.types(2)).toEqual(['hello', 'item'])
    expect(bench.welcome(2, true, 1)).toEqual({ type: 'welcomed', session: 'new' })
  })

  it('answers a ping inside its message handler', () => {
    const bench = new LineBench()
    bench.open(1)
    bench.welcome(1, false)
    bench.say(1, { type: 'ping', ack: 1 })
    expect(bench.types(1).at(-1)).toBe('pong')
  })

  it('goes by the times of the welcome', () => {
    const bench = new LineBench()
    bench.open(1)
    expect(bench.line.pollTimeout()).toBe(bench.now + 4500)
    bench.welcome(1, false)
    expect(bench.line.pollTimeout()).toBe(bench.now + 3000)
    expect(bench.line.graceMs).toBe(20_000)
  })

  it.each([
    ['nonsense', Uint8Array.of(0x77)],
    [
      'a skipped number',
      encode(serverFrame, {
        type: 'item',
        seq: 5,
        ack: 0,
        message: { type: 'memberAway', memberId: 'A'.repeat(22) },
      }),
    ],
    ['an acknowledgement of what was never sent', encode(serverFrame, { type: 'ack', ack: 9 })],
  ])('begins a new session after %s', (_, bytes) => {
    const bench = new LineBench()
    bench.open(1)
    bench.welcome(1, false)
    expect(bench.say(1, bytes)).toEqual({ type: 'lost' })
    expect(bench.wishes.at(-1)).toEqual({ type: 'disconnect', path: 1 })
    bench.now = bench.line.pollTimeout()
    bench.line.handleTimeout(bench.now)
    bench.open(2)
    expect(bench.hello(2).session).not.toEqual(bench.hello(1).session)
    expect(bench.welcome(2, false)).toEqual({ type: 'welcomed', session: 'forgotten' })
  })

  it('waits between tries: half to all of 500 ms, doubling up to 8 s', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const bench = new LineBench(seed)
      // The first failure is answered at once.
      bench.line.handleClose(0, bench.now)
      for (const full of [500, 1000, 2000, 4000, 8000, 8000]) {
        bench.line.handleClose(0, bench.now)
        const delay = bench.line.pollTimeout() - bench.now
        expect(delay).toBeGreaterThan(full / 2 - 1)
        expect(delay).toBeLessThanOrEqual(full)
        bench.now = bench.line.pollTimeout()
        bench.line.handleTimeout(bench.now)
      }
    }
  })

  it('waits as long as a goodbye says, and up to half longer', () => {
    const bench = new LineBench()
    bench.open(1)
    bench.welcome(1, false)
    bench.now += 60_000
    expect(bench.say(1, { type: 'goodbye', code: 'tooFast', retryAfterMs: 20_000 })?.type).toBe('goodbye')
    bench.line.retry(bench.now, 20_000)
    const delay = bench.line.pollTimeout() - bench.now
    expect(delay).toBeGreaterThanOrEqual(20_000)
    expect(delay).toBeLessThanOrEqual(30_000)
  })

  it('gives up a second connection that it did not ask for, and hears nothing from it', () => {
    const bench = new LineBench()
    bench.open(1)
    bench.open(2)
    expect(bench.wishes.at(-1)).toEqual({ type: 'disconnect', path: 2 })
    expect(bench.welcome(2, false)).toBeUndefined()
    expect(bench.line.handleClose(2, bench.now)).toBeUndefined()
  })

  it('says nothing and wants nothing once closed', () => {
    const bench = new LineBench()
    bench.line.close()
    bench.open(1)
    expect(bench.wishes).toEqual([{ type: 'connect' }, { type: 'disconnect', path: 1 }])
    expect(bench.sent).toEqual([])
    expect(bench.line.pollTimeout()).toBe(Infinity)
  })
})
