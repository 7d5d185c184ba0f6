import type { Datagram, PathId, Random } from '@crowfly/sansio'
import { PollClient, type PollClientEvent, sendPath, signalingPath } from '@crowfly/signaling'
import { type Clock, pageClock } from './clock.ts'
import { pageRandom } from './page-random.ts'
import type { SignalingTransport, TransportConnection, TransportListener } from './signaling-transport.ts'

/** The most octets that a browser lets a request carry which may outlive its page, less what others may need. */
const maxKeptAliveBytes = 48 * 1024

// RFC 9110 §15: of what a server refuses, these two may go through on another try.
const requestTimeout = 408
const tooManyRequests = 429

/** What the transport needs of its surroundings. */
export interface LongPollTools {
  readonly fetch: (url: string, request: RequestInit) => Promise<Response>
  readonly clock: Clock
  readonly random: Random
}

/** Frames in the bodies of HTTP requests (PROTOCOL.md §1.2), for networks that let no WebSocket through. */
export const longPollTransport: SignalingTransport = longPollTransportBy({
  fetch: (url, request) => fetch(url, request),
  clock: pageClock,
  random: pageRandom,
})

/** The same with other means than the page's. */
export function longPollTransportBy(tools: LongPollTools): SignalingTransport {
  return { open: (server, listener) => new PolledConnection(server, listener, tools) }
}

/** Drives a `PollClient`: each body that it gives is a request. */
class PolledConnection implements TransportConnection {
  readonly #url: string
  readonly #tools: LongPollTools
  readonly #client: PollClient
  /** By path: what aborts the request that is under way there. */
  readonly #requests = new Map<PathId, AbortController>()
  readonly #out: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: 0 }
  #listener: TransportListener | null
  #isDrainDue = false
  #stopTimer: (() => void) | null = null

  constructor(server: URL, listener: TransportListener, tools: LongPollTools) {
    this.#url = pollUrl(server)
    this.#listener = listener
    this.#tools = tools
    this.#client = new PollClient({ random: tools.random })
    // The first frame begins the connection: there is nothing to wait for.
    queueMicrotask(() => this.#listener?.opened())
  }

  send(frame: Uint8Array<ArrayBuffer>): void {
    this.#client.send(frame, this.#tools.clock.now())
    this.#drainSoon()
  }

  close(): void {
    this.#listener = null
    this.#client.close(this.#tools.clock.now())
    // At once: the page may be about to go.
    this.#drain()
  }

  /** What is sent in one turn goes out in one request. */
  #drainSoon(): void {
    if (this.#isDrainDue) return
    this.#isDrainDue = true
    queueMicrotask(() => {
      this.#isDrainDue = false
      this.#drain()
    })
  }

  #drain(): void {
    while (this.#client.pollTransmit(this.#out)) {
      const { bytes, start, end, path } = this.#out
      void this.#ask(path, bytes.slice(start, end))
    }
    for (let event = this.#client.pollEvent(); event !== undefined; event = this.#client.pollEvent()) {
      this.#handle(event)
    }
    this.#stopTimer?.()
    const delay = this.#client.pollTimeout() - this.#tools.clock.now()
    this.#stopTimer =
      delay === Infinity
        ? null
        : this.#tools.clock.startTimer(Math.max(0, delay), () => {
            this.#client.handleTimeout(this.#tools.clock.now())
            this.#drain()
          })
  }

  #handle(event: PollClientEvent): void {
    if (event.type === 'frame') this.#listener?.frame(event.bytes)
    else if (event.type === 'closed') {
      const listener = this.#listener
      this.#listener = null
      listener?.closed()
    } else {
      this.#requests.get(event.path)?.abort()
      this.#requests.delete(event.path)
    }
  }

  /** Makes a request in place of the one that may be under way on this path. */
  async #ask(path: PathId, body: Uint8Array<ArrayBuffer>): Promise<void> {
    const abort = new AbortController()
    this.#requests.get(path)?.abort()
    this.#requests.set(path, abort)
    const isFarewell = this.#listener === null && path === sendPath
    const answer = await this.#answerTo({
      method: 'POST',
      headers: { 'Content-Type': 'application/octet-stream' },
      body,
      signal: abort.signal,
      keepalive: isFarewell && body.length <= maxKeptAliveBytes,
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
      referrerPolicy: 'no-referrer',
    })
    if (this.#requests.get(path) !== abort) return
    this.#requests.delete(path)
    const now = this.#tools.clock.now()
    if (answer === 'failed') this.#client.handleFailure(path, now)
    else if (answer === 'refused') this.#client.handleRefusal(path, now)
    else this.#client.handleDatagram({ bytes: answer, start: 0, end: answer.length, path }, now)
    this.#drain()
  }

  async #answerTo(request: RequestInit): Promise<Uint8Array | 'failed' | 'refused'> {
    try {
      const response = await this.#tools.fetch(this.#url, request)
      const { status } = response
      const body = new Uint8Array(await response.arrayBuffer())
      if (status === 200) return body
      const isFinal = status >= 400 && status < 500 && status !== requestTimeout && status !== tooManyRequests
      return isFinal ? 'refused' : 'failed'
    } catch {
      // No connection, or cut in the middle; the browser does not say more.
      return 'failed'
    }
  }
}

function pollUrl(server: URL): string {
  const url = new URL(signalingPath, server)
  url.protocol = url.protocol === 'http:' || url.protocol === 'ws:' ? 'http:' : 'https:'
  return url.href
}
