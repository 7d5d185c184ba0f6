import type { Datagram } from '@crowfly/sansio'
import { describe, expect, it } from 'vitest'
import { type PollLimits, PollServer, type PollServerEvent } from './index.ts'
import { decode, encode, type PollAnswer, type PollRequest, pollAnswer, pollRequest } from './wire.ts'

const limits: PollLimits = {
  maxConnections: 3,
  maxBufferedBytes: 1_000,
  pollAnswerMs: 25_000,
  pollLapseMs: 10_000,
}

function id(n: number): Uint8Array {
  return new Uint8Array(16).fill(n)
}

function frame(...octets: number[]): Uint8Array {
  return Uint8Array.from(octets)
}

/** A server, what it says to each request, and what it tells its driver. */
class PollBench {
  readonly server: PollServer<string>
  readonly events: string[] = []
  readonly answers = new Map<number, PollAnswer | string>()
  now = 1000
  #path = 0
  readonly #out: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: 0 }

  constructor(changes: Partial<PollLimits> = {}) {
    this.server = new PollServer({ ...limits, ...changes })
  }

  /** Asks, and returns the number of the request. */
  ask(request: PollRequest | Uint8Array): number {
    const path = ++this.#path
    const bytes = request instanceof Uint8Array ? request : encode(pollRequest, request)
    this.server.handleOpen(path, 'somebody', this.now)
    this.server.handleDatagram({ bytes, start: 0, end: bytes.length, path }, this.now)
    this.drain()
    return path
  }

  send(
    n: number,
    number: number,
    frames: Uint8Array[] = [],
    isLast = false,
  ): PollAnswer | string | undefined {
    return this.answers.get(this.ask({ type: 'send', connection: id(n), number, isLast, frames }))
  }

  poll(n: number, received = 0): number {
    return this.ask({ type: 'poll', connection: id(n), received })
  }

  /** What the server says on a connection. */
  say(link: number, ...frames: Uint8Array[]): void {
    for (const one of frames) this.server.send(link, one, this.now)
    this.drain()
  }

  leave(path: number): void {
    this.server.handleClose(path, this.now)
    this.drain()
  }

  close(link: number): void {
    this.server.close(link, this.now)
    this.drain()
  }

  advance(durationMs: number): void {
    const end = this.now + durationMs
    for (let at = this.server.pollTimeout(); at <= end; at = this.server.pollTimeout()) {
      this.now = at
      this.server.handleTimeout(at)
      this.drain()
    }
    this.now = end
  }

  drain(): void {
    for (;;) {
      while (this.server.pollTransmit(this.#out)) {
        const answer = decode(pollAnswer, this.#out.bytes.slice(), this.#out.start, this.#out.end)
        if (this.answers.has(this.#out.path)) throw new TypeError('answered twice')
        this.answers.set(this.#out.path, answer)
      }
      const event = this.server.pollEvent()
      if (event === undefined) return
      this.#note(event)
    }
  }

  #note(event: PollServerEvent<string>): void {
    if (event.type === 'refused') this.answers.set(event.path, event.reason)
    else if (event.type === 'frame') this.events.push(`frame ${event.link} ${event.bytes.join('.')}`)
    else this.events.push(`${event.type} ${event.link}`)
  }
}

function batch(number: number, frames: Uint8Array[], isLast = false): PollAnswer {
  return { type: 'batch', number, isLast, frames }
}

describe('a server of polled connections', () => {
  it('begins one with the first send, and takes each number once', () => {
    const bench = new PollBench()
    expect(bench.send(1, 1, [frame(1), frame(2, 3)])).toEqual({ type: 'taken', number: 1 })
    expect(bench.send(1, 1, [frame(1), frame(2, 3)])).toEqual({ type: 'taken', number: 1 })
    expect(bench.send(1, 2, [frame(4)])).toEqual({ type: 'taken', number: 2 })
    expect(bench.send(1, 1, [frame(1)])).toEqual({ type: 'taken', number: 1 })
    expect(bench.events).toEqual(['opened 0', 'frame 0 1', 'frame 0 2.3', 'frame 0 4'])
    expect(bench.server.counters).toMatchObject({ connections: 1, sends: 4, repeatedSends: 2 })
  })

  it('answers a poll with everything that was said by then', () => {
    const bench = new PollBench()
    bench.send(1, 1)
    bench.say(0, frame(1), frame(2))
    const first = bench.poll(1)
    expect(bench.answers.get(first)).toEqual(batch(1, [frame(1), frame(2)]))
    const second = bench.poll(1, 1)
    expect(bench.answers.has(second)).toBe(false)
    bench.say(0, frame(3), frame(4))
    expect(bench.answers.get(second)).toEqual(batch(2, [frame(3), frame(4)]))
  })

  it('says the same again until the client has it, whatever was said since', () => {
    const bench = new PollBench()
    bench.send(1, 1)
    bench.say(0, frame(1))
    bench.poll(1)
    bench.say(0, frame(2))
    expect(bench.answers.get(bench.poll(1))).toEqual(batch(1, [frame(1)]))
    expect(bench.answers.get(bench.poll(1, 1))).toEqual(batch(2, [frame(2)]))
    expect(bench.server.counters.repeatedBatches).toBe(1)
  })

  it('answers a poll with nothing after 25 s, and no earlier', () => {
    const bench = new PollBench()
    bench.send(1, 1)
    const path = bench.poll(1)
    bench.advance(24_999)
    expect(bench.answers.has(path)).toBe(false)
    bench.advance(1)
    expect(bench.answers.get(path)).toEqual(batch(0, []))
  })

  it('ends a poll by a second one', () => {
    const bench = new PollBench()
    bench.send(1, 1)
    const [first, second] = [bench.poll(1), bench.poll(1)]
    expect(bench.answers.get(first)).toEqual(batch(0, []))
    expect(bench.answers.has(second)).toBe(false)
    bench.say(0, frame(1))
    expect(bench.answers.get(second)).toEqual(batch(1, [frame(1)]))
    expect(bench.server.counters.endedPolls).toBe(1)
  })

  it('lets a late copy of a poll do no harm to the one that waits', () => {
    const bench = new PollBench()
    bench.send(1, 1)
    bench.say(0, frame(1))
    bench.poll(1)
    const current = bench.poll(1, 1)
    expect(bench.answers.get(bench.poll(1, 0))).toEqual(batch(1, []))
    bench.say(0, frame(2))
    expect(bench.answers.get(current)).toEqual(batch(2, [frame(2)]))
  })

  it('keeps what it said to somebody who had gone', () => {
    const bench = new PollBench()
    bench.send(1, 1)
    bench.leave(bench.poll(1))
    bench.say(0, frame(1))
    expect(bench.answers.get(bench.poll(1))).toEqual(batch(1, [frame(1)]))
  })

  it('closes a connection that has not polled for 10 s, from its first send, last answer or last poll on', () => {
    const bench = new PollBench()
    for (const n of [1, 2, 3]) bench.send(n, 1)
    bench.poll(2)
    bench.leave(bench.poll(3))
    bench.advance(9_999)
    expect(bench.events.filter((event) => event.startsWith('closed'))).toEqual([])
    bench.advance(1)
    expect(bench.events.filter((event) => event.startsWith('closed')).sort()).toEqual([
      'closed 0',
      'closed 2',
    ])
    bench.advance(15_000 + 9_999)
    expect(bench.server.counters.connections).toBe(1)
    bench.advance(1)
    expect(bench.server.counters).toMatchObject({ connections: 0, lapsed: 3 })
    expect(bench.server.pollTimeout()).toBe(Infinity)
  })

  it('hands a connection that it closes everything first, and then knows it no more', () => {
    const bench = new PollBench()
    bench.send(1, 1)
    bench.say(0, frame(7))
    bench.close(0)
    expect(bench.send(1, 2, [frame(8)])).toEqual({ type: 'taken', number: 2 })
    expect(bench.answers.get(bench.poll(1))).toEqual(batch(1, [frame(7)], true))
    expect(bench.answers.get(bench.poll(1))).toEqual(batch(1, [frame(7)], true))
    expect(bench.answers.get(bench.poll(1, 1))).toBe('gone')
    expect(bench.events).toEqual(['opened 0'])
    expect(bench.server.pollTimeout()).toBe(Infinity)
  })

  it('tells a poll that waits that the connection is closed', () => {
    const bench = new PollBench()
    bench.send(1, 1)
    const path = bench.poll(1)
    bench.close(0)
    expect(bench.answers.get(path)).toEqual(batch(1, [], true))
  })

  it('takes the last send, and begins no other connection by a copy of the first', () => {
    const bench = new PollBench()
    bench.send(1, 1, [frame(1)])
    const poll = bench.poll(1)
    expect(bench.send(1, 2, [frame(9)], true)).toEqual({ type: 'taken', number: 2 })
    expect(bench.answers.get(poll)).toEqual(batch(0, []))
    expect(bench.events).toEqual(['opened 0', 'frame 0 1', 'frame 0 9', 'closed 0'])
    expect(bench.send(1, 2, [frame(9)], true)).toBe('gone')
    expect(bench.send(1, 1, [frame(1)])).toBe('gone')
    bench.advance(119_000)
    expect(bench.send(1, 1, [frame(1)])).toBe('gone')
    expect(bench.send(2, 1)).toEqual({ type: 'taken', number: 1 })
    expect(bench.events.at(-1)).toBe('opened 0')
  })

  it('knows nothing of what another server began', () => {
    const bench = new PollBench()
    expect(bench.send(1, 5)).toBe('gone')
    expect(bench.answers.get(bench.poll(1, 3))).toBe('gone')
    expect(bench.server.counters.refused.gone).toBe(2)
  })

  it.each([
    ['garbage', frame(9, 9)],
    ['nothing', frame()],
    [
      'a skipped number',
      encode(pollRequest, { type: 'send', connection: id(1), number: 3, isLast: false, frames: [] }),
    ],
    [
      'the number 0',
      encode(pollRequest, { type: 'send', connection: id(1), number: 0, isLast: false, frames: [] }),
    ],
    ['a batch that never was', encode(pollRequest, { type: 'poll', connection: id(1), received: 2 })],
  ])('refuses %s, and the connection goes on', (_, bytes) => {
    const bench = new PollBench()
    bench.send(1, 1)
    expect(bench.answers.get(bench.ask(bytes))).toBe('malformed')
    expect(bench.server.counters.refused.malformed).toBe(1)
    expect(bench.send(1, 2)).toEqual({ type: 'taken', number: 2 })
  })

  it('takes no more connections than it may, and lets those go first that are ending', () => {
    const bench = new PollBench()
    for (const n of [1, 2, 3]) bench.send(n, 1)
    expect(bench.send(4, 1)).toBe('full')
    bench.close(1)
    expect(bench.send(4, 1)).toEqual({ type: 'taken', number: 1 })
    expect(bench.answers.get(bench.poll(2))).toBe('gone')
  })

  it('closes a connection whose client fetches nothing', () => {
    const bench = new PollBench()
    bench.send(1, 1)
    bench.say(0, new Uint8Array(600))
    bench.leave(bench.poll(1))
    bench.say(0, new Uint8Array(600))
    expect(bench.events.at(-1)).toBe('closed 0')
    expect(bench.server.counters).toMatchObject({ connections: 0, overflown: 1 })
  })

  it('cuts what is more than one body holds into several', () => {
    const bench = new PollBench({ maxBufferedBytes: 1_000_000 })
    bench.send(1, 1)
    bench.say(0, ...Array.from({ length: 4 }, () => new Uint8Array(100_000)))
    bench.close(0)
    const lengths = [0, 1, 2].map((received) => {
      const answer = bench.answers.get(bench.poll(1, received))
      return typeof answer === 'object' && answer.type === 'batch'
        ? [answer.frames.length, answer.isLast]
        : answer
    })
    expect(lengths).toEqual([[2, false], [2, true], 'gone'])
  })
})
