import { once } from 'node:events'
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import {
  type ClientFrame,
  clientFrame,
  decode,
  encode,
  type PollAnswer,
  type PollRequest,
  pollAnswer,
  pollRequest,
  protocolVersion,
  type ServerFrame,
  serverFrame,
} from '@crowfly/signaling/wire'
import { afterThis } from './running.ts'

/** What is asked besides the body. */
export interface Asking {
  method?: string
  headers?: Record<string, string>
}

/** What the server answered. */
export interface PollReply {
  status: number
  headers: IncomingHttpHeaders
  /** The answer, or else the text. */
  said: PollAnswer | string
}

export const octets = { 'Content-Type': 'application/octet-stream' }

/** Posts `body` to the signaling endpoint. Aborting `signal` cuts the connection. */
export async function post(
  port: number,
  body: Uint8Array,
  { method = 'POST', headers = octets }: Asking = {},
  signal?: AbortSignal,
): Promise<PollReply> {
  const agent = new Agent()
  afterThis(() => agent.destroy())
  const asked = request({
    port,
    host: '127.0.0.1',
    path: '/signal',
    method,
    headers: { 'Content-Length': String(body.length), ...headers },
    agent,
    ...(signal && { signal }),
  })
  asked.end(body)
  const [response]: IncomingMessage[] = await once(asked, 'response')
  if (response === undefined) throw new TypeError('no response')
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  const isAnswer = response.headers['content-type'] === octets['Content-Type']
  const answer = isAnswer ? decode(pollAnswer, new Uint8Array(bytes)) : bytes.toString()
  return { status: response.statusCode ?? 0, headers: response.headers, said: answer }
}

/** One connection over HTTP, by hand. */
export class PolledConnection {
  readonly id = crypto.getRandomValues(new Uint8Array(16))
  readonly #port: number
  readonly #headers: Record<string, string>

  constructor(port: number, headers: Record<string, string> = {}) {
    this.#port = port
    this.#headers = { ...octets, ...headers }
  }

  ask(body: PollRequest, signal?: AbortSignal): Promise<PollReply> {
    return post(this.#port, encode(pollRequest, body), { headers: this.#headers }, signal)
  }

  send(number: number, frames: ClientFrame[], isLast = false): Promise<PollReply> {
    const encoded = frames.map((frame) => encode(clientFrame, frame))
    return this.ask({ type: 'send', connection: this.id, number, isLast, frames: encoded })
  }

  poll(received: number, signal?: AbortSignal): Promise<PollReply> {
    return this.ask({ type: 'poll', connection: this.id, received }, signal)
  }

  /** Polls twice: the one that the other ended, and the one that waits now. */
  async pollTwice(received: number): Promise<{ ended: PollReply; waiting: Promise<PollReply> }> {
    const polls = [this.poll(received), this.poll(received)]
    // Which of them came first is the system's affair.
    const [ended, index] = await Promise.race(
      polls.map(async (poll, at): Promise<[PollReply, number]> => [await poll, at]),
    )
    return { ended, waiting: polls[1 - index] ?? this.poll(received) }
  }

  /** The first send, with a hello. */
  hello(session = this.id): Promise<PollReply> {
    return this.send(1, [{ type: 'hello', version: protocolVersion, session, received: 0 }])
  }
}

/** The frames in the batch of an answer. */
export function framesOf({ said }: PollReply): ServerFrame[] {
  if (typeof said === 'string' || said.type !== 'batch')
    throw new TypeError(`no batch: ${JSON.stringify(said)}`)
  return said.frames.map((bytes) => {
    const frame = decode(serverFrame, bytes)
    if (typeof frame === 'string') throw new TypeError(frame)
    return frame
  })
}
