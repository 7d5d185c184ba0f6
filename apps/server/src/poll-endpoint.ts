import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Drive, drive, plainBytes } from '@crowfly/node-io'
import type { Datagram, PathId } from '@crowfly/sansio'
import {
  type ClientConnection,
  maxPollBodyBytes,
  type PollLimits,
  type PollRefusal,
  PollServer,
  type PollServerEvent,
} from '@crowfly/signaling'
import { AddressCount } from './address-count.ts'
import { readBody } from './body-reader.ts'
import type { Log } from './log.ts'
import type { Refusal, SignalAdmission } from './signal-admission.ts'

/** Who is told what comes of polled connections. */
export interface PollOwner {
  opened(link: PathId, client: ClientConnection): void
  /** The bytes are borrowed for the call. */
  received(link: PathId, bytes: Uint8Array): void
  closed(link: PathId): void
}

/** Settings of a `PollEndpoint`. */
export interface PollEndpointOptions {
  limits: PollLimits
  admission: SignalAdmission
  owner: PollOwner
  log: Log
}

const bodyType = 'application/octet-stream'

/** Bodies of one IPv4 address or IPv6 /64 that may be on their way at a time; most come with their heads. */
const maxBodiesPerAddress = 32

/** Seconds for which a browser need not ask again whether it may ask; Chromium's longest. */
const preflightSeconds = 7_200

const refusals: Readonly<Record<PollRefusal, Refusal>> = {
  malformed: { status: 400, sentence: 'The body is no request of the signaling protocol.' },
  gone: { status: 410, sentence: 'This connection is over. Begin another one.' },
  full: { status: 503, sentence: 'The server takes no further connection.' },
}

/** The HTTP endpoint: carries frames for browsers whose WebSockets do not get through (PROTOCOL.md §1.2). */
export class PollEndpoint {
  readonly #options: PollEndpointOptions
  readonly #machine: PollServer<ClientConnection>
  readonly #drive: Drive
  /** Requests that are not answered yet, by path; ids are used again. */
  readonly #responses: (ServerResponse | undefined)[] = []
  readonly #freePaths: PathId[] = []
  /** Bodies that have not come to their end, which memory is held for. */
  readonly #reading = new AddressCount()
  /** Answers that are being written. */
  readonly #leaving = new Set<ServerResponse>()
  readonly #input: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: 0 }
  #isSettling = false
  #isStopping = false

  constructor(options: PollEndpointOptions) {
    this.#options = options
    this.#machine = new PollServer(options.limits)
    this.#drive = drive<PollServerEvent<ClientConnection>>(this.#machine, {
      transmit: ({ bytes, start, end, path }) => this.#answer(path, bytes.subarray(start, end)),
      event: (event) => this.#handleEvent(event),
    })
  }

  /** Answers a request at the endpoint's path, sooner or later. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    response.setHeader('Cache-Control', 'no-store')
    const admitted = this.#options.admission.admit(request)
    if ('status' in admitted) {
      this.#refuse(response, admitted)
      return
    }
    this.#allowOrigin(request, response)
    if (request.method === 'OPTIONS') this.#answerPreflight(response)
    else if (this.#isStopping) this.#refuse(response, { status: 503, sentence: 'The server is stopping.' })
    else if (request.method !== 'POST') {
      response.setHeader('Allow', 'POST, OPTIONS')
      this.#refuse(response, { status: 405, sentence: 'Only POST is answered here.' })
    } else if (request.headers['content-type'] !== bodyType) {
      this.#refuse(response, { status: 415, sentence: `The body has to be ${bodyType}.` })
    } else {
      this.#read(request, response, admitted)
    }
  }

  /** Sends `frame` on a connection, with what else is sent on it in this turn; nobody may write to it again. */
  send(link: PathId, frame: Uint8Array): void {
    this.#machine.send(link, frame, this.#drive.now())
    this.#settleSoon()
  }

  /** Closes a connection, of which `closed` does not tell. */
  close(link: PathId): void {
    this.#machine.close(link, this.#drive.now())
    this.#settleSoon()
  }

  /** Answers nobody any more but those who wait. Resolves when their answers are written. */
  async stop(): Promise<void> {
    this.#isStopping = true
    this.#drive.settle()
    await Promise.all(
      Array.from(this.#leaving, (response) => new Promise((resolve) => response.once('close', resolve))),
    )
    this.#drive.stop()
  }

  #allowOrigin(request: IncomingMessage, response: ServerResponse): void {
    const { origin } = request.headers
    response.setHeader('Vary', 'Origin')
    if (origin !== undefined) response.setHeader('Access-Control-Allow-Origin', origin)
  }

  #answerPreflight(response: ServerResponse): void {
    response.writeHead(204, {
      'Access-Control-Allow-Methods': 'POST',
      'Access-Control-Allow-Headers': 'Content-Type',
      'Access-Control-Max-Age': preflightSeconds,
    })
    response.end()
  }

  #read(request: IncomingMessage, response: ServerResponse, client: ClientConnection): void {
    const reading = this.#reading.take(client.address.address, maxBodiesPerAddress)
    if (reading === undefined) {
      this.#refuse(response, { status: 429, sentence: 'Too many requests of this address are on their way.' })
      return
    }
    let isReading = true
    const release = (): void => {
      if (isReading) this.#reading.release(reading)
      isReading = false
    }
    response.once('close', release)
    readBody(request, maxPollBodyBytes, (body) => {
      release()
      if (body !== undefined) this.#take(response, body, client)
      else this.#refuse(response, { status: 413, sentence: `At most ${maxPollBodyBytes} octets are taken.` })
    })
  }

  #take(response: ServerResponse, body: Buffer, client: ClientConnection): void {
    const path = this.#freePaths.pop() ?? this.#responses.length
    this.#responses[path] = response
    response.once('close', () => {
      // Unless it was answered, whoever asked has gone.
      if (this.#responses[path] !== response) return
      this.#release(path)
      this.#machine.handleClose(path, this.#drive.now())
      this.#drive.settle()
    })
    const input = this.#input
    input.bytes = plainBytes(body)
    input.start = 0
    input.end = body.length
    input.path = path
    const now = this.#drive.now()
    this.#machine.handleOpen(path, client, now)
    this.#machine.handleDatagram(input, now)
    this.#drive.settle()
  }

  #handleEvent(event: PollServerEvent<ClientConnection>): void {
    const { owner } = this.#options
    switch (event.type) {
      case 'opened':
        owner.opened(event.link, event.client)
        break
      case 'frame':
        owner.received(event.link, event.bytes)
        break
      case 'closed':
        owner.closed(event.link)
        break
      case 'refused': {
        const response = this.#release(event.path)
        if (response !== undefined) this.#refuse(response, refusals[event.reason])
        break
      }
    }
  }

  #answer(path: PathId, body: Uint8Array): void {
    const response = this.#release(path)
    if (response === undefined) return
    this.#leaving.add(response)
    response.once('close', () => this.#leaving.delete(response))
    // With a length, and at once: what buffers whole answers passes it on as it ends.
    response.writeHead(200, { 'Content-Type': bodyType, 'Content-Length': body.length })
    response.end(body)
  }

  #refuse(response: ServerResponse, { status, sentence }: Refusal): void {
    this.#options.log.debug({ status }, `refused a poll: ${sentence}`)
    const body = Buffer.from(`${sentence}\n`)
    // What is left of the body is not read.
    if (!response.req.complete) response.setHeader('Connection', 'close')
    response.writeHead(status, {
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Length': body.length,
    })
    response.end(body)
  }

  #release(path: PathId): ServerResponse | undefined {
    const response = this.#responses[path]
    if (response === undefined) return undefined
    this.#responses[path] = undefined
    this.#freePaths.push(path)
    return response
  }

  #settleSoon(): void {
    if (this.#isSettling) return
    this.#isSettling = true
    setImmediate(() => {
      this.#isSettling = false
      this.#drive.settle()
    })
  }
}
