import type { Datagram } from '@crowfly/sansio'
import { SeededRandom } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { PollClient } from './index.ts'
import { pollPath, sendPath } from './poll-client.ts'
import { decode, encode, type PollAnswer, type PollRequest, pollAnswer, pollRequest } from './wire.ts'

function frame(...octets: number[]): Uint8Array {
  return Uint8Array.from(octets)
}

/** A client, its requests and what it told. */
class ClientBench {
  readonly client = new PollClient({ random: new SeededRandom(1) })
  readonly requests: PollRequest[] = []
  readonly events: string[] = []
  now = 1000
  readonly #out: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: 0 }

  send(...frames: Uint8Array[]): void {
    for (const one of frames) this.client.send(one, this.now)
    this.drain()
  }

  close(): void {
    this.client.close(this.now)
    this.drain()
  }

  answer(path: number, answer: PollAnswer | Uint8Array): void {
    const bytes = answer instanceof Uint8Array ? answer : encode(pollAnswer, answer)
    this.client.handleDatagram({ bytes, start: 0, end: bytes.length, path }, this.now)
    this.drain()
  }

  taken(number: number): void {
    this.answer(sendPath, { type: 'taken', number })
  }

  batch(number: number, frames: Uint8Array[], isLast = false): void {
    this.answer(pollPath, { type: 'batch', number, isLast, frames })
  }

  fail(path: number): void {
    this.client.handleFailure(path, this.now)
    this.drain()
  }

  refuse(path: number): void {
    this.client.handleRefusal(path, this.now)
    this.drain()
  }

  /** Lets time pass up to the next deadline; returns how long that was. */
  sleep(): number {
    const duration = this.client.pollTimeout() - this.now
    this.now += duration
    this.client.handleTimeout(this.now)
    this.drain()
    return duration
  }

  /** The requests since it was asked last, in short. */
  get asked(): string[] {
    return this.requests.splice(0).map((request) => {
      if (request.type === 'poll') return `poll ${request.received}`
      const frames = request.frames.map((bytes) => bytes.join('.')).join(' ')
      return `send ${request.number}${request.isLast ? ' last' : ''}: ${frames}`
    })
  }

  drain(): void {
    for (;;) {
      while (this.client.pollTransmit(this.#out)) {
        const request = decode(pollRequest, this.#out.bytes.slice(), this.#out.start, this.#out.end)
        if (typeof request === 'string') throw new TypeError(request)
        if ((request.type === 'send') !== (this.#out.path === sendPath))
          throw new TypeError('on the wrong path')
        this.requests.push(request)
      }
      const event = this.client.pollEvent()
      if (event === undefined) return
      if (event.type === 'frame') this.events.push(`frame ${event.bytes.join('.')}`)
      else this.events.push(event.type === 'cancel' ? `cancel ${event.path}` : event.type)
    }
  }
}

/** A connection whose hello was taken, and whose poll waits. */
function polling(): ClientBench {
  const bench = new ClientBench()
  bench.send(frame(1))
  bench.taken(1)
  bench.requests.length = 0
  return bench
}

describe('a client of a polled connection', () => {
  it('polls once the server has taken its first send', () => {
    const bench = new ClientBench()
    bench.send(frame(1), frame(2))
    expect(bench.asked).toEqual(['send 1: 1 2'])
    bench.taken(1)
    expect(bench.asked).toEqual(['poll 0'])
  })

  it('has one send under way at a time, and puts what comes meanwhile into the next', () => {
    const bench = polling()
    bench.send(frame(2))
    bench.send(frame(3))
    bench.send(frame(4))
    expect(bench.asked).toEqual(['send 2: 2'])
    bench.taken(2)
    expect(bench.asked).toEqual(['send 3: 3 4'])
  })

  it('hands on each batch once, and says with the next poll that it came', () => {
    const bench = polling()
    bench.batch(1, [frame(7), frame(8)])
    expect(bench.asked).toEqual(['poll 1'])
    bench.batch(1, [frame(7), frame(8)])
    bench.now = bench.client.pollTimeout()
    expect(bench.events).toEqual(['frame 7', 'frame 8'])
  })

  it('polls again at once after a long silence, and a little later after an empty answer that came too soon', () => {
    const bench = polling()
    bench.now += 25_000
    bench.batch(0, [])
    expect(bench.asked).toEqual(['poll 0'])
    bench.batch(0, [])
    expect(bench.asked).toEqual([])
    expect(bench.sleep()).toBe(250)
    expect(bench.asked).toEqual(['poll 0'])
  })

  it('makes a request again that failed, with the same number: at once, then more and more slowly', () => {
    const bench = polling()
    bench.send(frame(2))
    const asked = bench.asked
    const delays = []
    for (let i = 0; i < 5; i++) {
      bench.fail(sendPath)
      if (bench.requests.length === 0) delays.push(bench.sleep())
      expect(bench.asked).toEqual(asked)
    }
    expect(delays).toEqual([250, 500, 1_000, 2_000])
    expect(bench.events).toEqual([])
    bench.fail(sendPath)
    expect(bench.events).toEqual(['cancel 1', 'closed'])
    expect(bench.client.pollTimeout()).toBe(Infinity)
  })

  it('takes what somebody between answers for no answer', () => {
    const bench = polling()
    bench.answer(pollPath, new TextEncoder().encode('<html>Please sign in</html>'))
    expect(bench.asked).toEqual(['poll 0'])
    bench.batch(5, [frame(1)])
    bench.sleep()
    expect(bench.asked).toEqual(['poll 0'])
    bench.answer(pollPath, { type: 'taken', number: 1 })
    expect(bench.events).toEqual([])
  })

  it('gives up a connection that never came about after a second try', () => {
    const bench = new ClientBench()
    bench.send(frame(1))
    bench.fail(sendPath)
    expect(bench.asked).toEqual(['send 1: 1', 'send 1: 1'])
    bench.fail(sendPath)
    expect(bench.events).toEqual(['closed'])
  })

  it('gives a send up after 10 s, and a poll after 30 s', () => {
    const bench = polling()
    bench.send(frame(2))
    expect(bench.asked).toEqual(['send 2: 2'])
    expect(bench.sleep()).toBe(10_000)
    expect(bench.asked).toEqual(['send 2: 2'])
    bench.taken(2)
    expect(bench.sleep()).toBe(20_000)
    expect(bench.asked).toEqual(['poll 0'])
  })

  it('is over when the server refuses a request, or says that a batch was the last', () => {
    const [refused, last] = [polling(), polling()]
    refused.refuse(pollPath)
    expect(refused.events).toEqual(['closed'])
    last.batch(1, [frame(7)], true)
    expect(last.events).toEqual(['frame 7', 'closed'])
    last.send(frame(2))
    expect([...refused.asked, ...last.asked]).toEqual([])
  })

  it('says what it has to say before it closes, and hears nothing more', () => {
    const bench = polling()
    bench.send(frame(2))
    bench.send(frame(3))
    bench.close()
    expect(bench.asked).toEqual(['send 2: 2'])
    expect(bench.events).toEqual(['cancel 1'])
    bench.taken(2)
    expect(bench.asked).toEqual(['send 3 last: 3'])
    bench.batch(1, [frame(9)])
    bench.taken(3)
    expect(bench.events).toEqual(['cancel 1'])
    expect(bench.client.pollTimeout()).toBe(Infinity)
  })

  it('says nothing when it is closed before it said anything', () => {
    const bench = new ClientBench()
    bench.close()
    bench.send(frame(1))
    expect(bench.asked).toEqual([])
  })
})
