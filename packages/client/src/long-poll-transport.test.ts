import {
  decode,
  encode,
  type PollAnswer,
  type PollRequest,
  pollAnswer,
  pollRequest,
} from '@crowfly/signaling/wire'
import { SeededRandom, VirtualClock } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { longPollTransportBy } from './long-poll-transport.ts'
import type { TransportConnection } from './signaling-transport.ts'
import { advance, clockOf, settle } from './testing/fake-clock.ts'

interface Exchange {
  readonly url: string
  readonly request: RequestInit
  readonly asked: PollRequest
  answer(body: PollAnswer | string, status?: number): Promise<void>
  /** The connection is cut. */
  cut(): Promise<void>
}

/** A connection whose requests the test answers. */
class Road {
  readonly clock = new VirtualClock()
  readonly exchanges: Exchange[] = []
  readonly told: string[] = []
  readonly connection: TransportConnection

  constructor(server = 'https://call.example') {
    const transport = longPollTransportBy({
      fetch: (url, request) => this.#fetch(url, request),
      clock: clockOf(this.clock),
      random: new SeededRandom(1),
    })
    this.connection = transport.open(new URL(server), {
      opened: () => this.told.push('opened'),
      frame: (bytes) => this.told.push(`frame ${bytes.join('.')}`),
      closed: () => this.told.push('closed'),
    })
  }

  async send(...frames: number[]): Promise<void> {
    for (const octet of frames) this.connection.send(Uint8Array.of(octet))
    await settle()
  }

  /** The newest request. */
  get last(): Exchange {
    const last = this.exchanges.at(-1)
    if (last === undefined) throw new TypeError('nothing was asked')
    return last
  }

  #fetch(url: string, request: RequestInit): Promise<Response> {
    const asked = request.body instanceof Uint8Array ? decode(pollRequest, request.body) : 'no body'
    if (typeof asked === 'string') throw new TypeError(asked)
    return new Promise((resolve, reject) => {
      request.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')))
      this.exchanges.push({
        url,
        request,
        asked,
        answer: (body, status = 200) => {
          const content = typeof body === 'string' ? body : new Uint8Array(encode(pollAnswer, body))
          resolve(new Response(content, { status }))
          return settle()
        },
        cut: () => {
          reject(new TypeError('Failed to fetch'))
          return settle()
        },
      })
    })
  }
}

/** A road on which a poll waits. */
async function polling(): Promise<Road> {
  const road = new Road()
  await road.send(1)
  await road.last.answer({ type: 'taken', number: 1 })
  return road
}

describe('the long-poll transport', () => {
  it('opens without asking anybody, and sends all frames of one turn in one request', async () => {
    const road = new Road()
    expect(road.told).toEqual([])
    await settle()
    expect(road.told).toEqual(['opened'])
    await road.send(1, 2)
    expect(road.exchanges).toHaveLength(1)
    expect(road.last.asked).toMatchObject({
      type: 'send',
      number: 1,
      frames: [Uint8Array.of(1), Uint8Array.of(2)],
    })
    expect(road.last.url).toBe('https://call.example/signal')
    expect(road.last.request).toMatchObject({ method: 'POST', cache: 'no-store', credentials: 'omit' })
  })

  it.each([
    ['ws://a.example:8443', 'http://a.example:8443/signal'],
    ['wss://a.example', 'https://a.example/signal'],
  ])('asks at the HTTP address of %s', async (server, url) => {
    const road = new Road(server)
    await road.send(1)
    expect(road.last.url).toBe(url)
  })

  it('polls, and hands on what comes', async () => {
    const road = await polling()
    expect(road.last.asked).toMatchObject({ type: 'poll', received: 0 })
    await road.last.answer({
      type: 'batch',
      number: 1,
      isLast: false,
      frames: [Uint8Array.of(7), Uint8Array.of(8)],
    })
    expect(road.told).toEqual(['opened', 'frame 7', 'frame 8'])
    expect(road.last.asked).toMatchObject({ type: 'poll', received: 1 })
  })

  it.each([
    ['is cut', (one: Exchange) => one.cut()],
    ['is answered by a gateway', (one: Exchange) => one.answer('Bad gateway', 502)],
    ['is answered by a page', (one: Exchange) => one.answer('<html></html>')],
    ['took too long for a proxy', (one: Exchange) => one.answer('', 408)],
  ])('makes a request again that %s', async (_, fail) => {
    const road = await polling()
    const { exchanges, last } = road
    await fail(last)
    await advance(road.clock, 0)
    expect(exchanges).toHaveLength(3)
    expect(road.last.asked).toEqual(last.asked)
    expect(road.told).toEqual(['opened'])
  })

  it('is closed when the server refuses', async () => {
    const road = await polling()
    await road.last.answer('This connection is over.', 410)
    expect(road.told).toEqual(['opened', 'closed'])
  })

  it('is closed when the server can not be reached', async () => {
    const road = new Road()
    await road.send(1)
    await road.last.cut()
    await advance(road.clock, 0)
    await road.last.cut()
    expect(road.told).toEqual(['opened', 'closed'])
  })

  it('gives up a poll that nobody answers, and polls again', async () => {
    const road = await polling()
    const { last } = road
    await advance(road.clock, 30_000)
    expect(last.request.signal?.aborted).toBe(true)
    expect(road.exchanges).toHaveLength(3)
  })

  it('says its last words even if the page goes, and hears nothing more', async () => {
    const road = await polling()
    const poll = road.last
    road.connection.send(Uint8Array.of(9))
    road.connection.close()
    expect(poll.request.signal?.aborted).toBe(true)
    expect(road.last.asked).toMatchObject({
      type: 'send',
      number: 2,
      isLast: true,
      frames: [Uint8Array.of(9)],
    })
    expect(road.last.request.keepalive).toBe(true)
    await road.last.answer({ type: 'taken', number: 2 })
    await advance(road.clock, 60_000)
    expect(road.exchanges).toHaveLength(3)
    expect(road.told).toEqual(['opened'])
  })
})
