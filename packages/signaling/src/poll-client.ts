import type { Datagram, Machine, Millis, PathId, Random } from '@crowfly/sansio'
import { FrameBacklog } from './frame-backlog.ts'
import { type PollAnswer, pollAnswer, pollConnectionBytes, pollRequest } from './poll-message.ts'
import { Queue } from './queue.ts'
import { decode, encode } from './schema.ts'

/** Milliseconds in which a send has to be answered. */
const sendMs = 10_000
/** The same for a poll: the server answers within 25 000, and a proxy takes its time. */
const pollMs = 30_000
/** Milliseconds before a request that failed is made again; the first time it is at once. */
const retryMs = [0, 250, 500, 1_000, 2_000]
/** A poll answered with nothing so soon was not the server's idea; the next one waits a little. */
const hastyMs = 1_000
const hastyPauseMs = 250
/** Octets that may wait to be sent; more, and the connection is closed. */
const maxWaitingBytes = 2 * 1024 * 1024

/** The paths of a `PollClient`: there is one request at a time on each. */
export const sendPath: PathId = 0
export const pollPath: PathId = 1

/** What a `PollClient` tells its driver. */
export type PollClientEvent =
  /** A frame has come. The bytes are borrowed from the input: valid during the drain. */
  | { readonly type: 'frame'; readonly bytes: Uint8Array }
  /** The connection is over. */
  | { readonly type: 'closed' }
  /** Nobody waits any more for the answer to the request on this path. */
  | { readonly type: 'cancel'; readonly path: PathId }

type Phase = 'open' | 'closing' | 'closed'

/** One of the two requests, which is under way, waits for another try, or is not needed. */
interface Errand {
  isUnderWay: boolean
  since: Millis
  /** When it is given up, or else when it is made again. */
  at: Millis
  /** Tries in a row that failed. */
  failures: number
}

/**
 * The client's end of one connection over HTTP (PROTOCOL.md §1.2): at most one send and one poll at a time.
 *
 * `pollTransmit` gives the body of a request on `sendPath` or `pollPath`, which takes the place of one that is under way
 * there. Of the newest request on a path the driver reports the body of the answer by `handleDatagram`, or else calls
 * `handleFailure` or `handleRefusal`.
 */
export class PollClient implements Machine<PollClientEvent> {
  readonly #id = new Uint8Array(pollConnectionBytes)
  readonly #events = new Queue<PollClientEvent>()
  readonly #backlog = new FrameBacklog()
  readonly #sending: Errand = { isUnderWay: false, since: 0, at: 0, failures: 0 }
  readonly #polling: Errand = { isUnderWay: false, since: 0, at: 0, failures: 0 }
  #phase: Phase = 'open'
  /** The send that the server may not have yet. */
  #body: Uint8Array | undefined
  /** Number of the newest send, and of the newest that was taken. */
  #number = 0
  #taken = 0
  #hasSentLast = false
  /** Number of the newest batch that has come. */
  #received = 0
  #now: Millis = 0

  constructor(options: { random: Random }) {
    options.random.fill(this.#id)
  }

  /** Sends `frame`; nobody may write to it again. */
  send(frame: Uint8Array, now: Millis): void {
    this.#now = now
    if (this.#phase !== 'open') return
    this.#backlog.push(frame)
    if (this.#backlog.bytes > maxWaitingBytes) this.#end()
  }

  /** Closes: what was sent before still goes out, as far as one body carries it. Nothing is heard any more. */
  close(now: Millis): void {
    this.#now = now
    if (this.#phase !== 'open') return
    this.#cancel(this.#polling, pollPath)
    this.#phase = this.#number === 0 && this.#backlog.isEmpty ? 'closed' : 'closing'
  }

  /** The body of an answer. */
  handleDatagram(input: Datagram, now: Millis): void {
    this.#now = now
    const errand = this.#underWay(input.path)
    if (errand === undefined) return
    const answer = decode(pollAnswer, input.bytes, input.start, input.end)
    if (typeof answer === 'string') this.#fail(errand)
    else if (errand === this.#sending) this.#handleTaken(answer)
    else this.#handleBatch(answer)
  }

  /** There is no answer, or one that somebody between gave. The request is made again, a few times. */
  handleFailure(path: PathId, now: Millis): void {
    this.#now = now
    const errand = this.#underWay(path)
    if (errand !== undefined) this.#fail(errand)
  }

  /** The server refuses the request: it knows the connection no more, or wants none. */
  handleRefusal(path: PathId, now: Millis): void {
    this.#now = now
    const errand = this.#underWay(path)
    if (errand === undefined) return
    errand.isUnderWay = false
    this.#end()
  }

  handleTimeout(now: Millis): void {
    this.#now = now
    for (const errand of [this.#sending, this.#polling]) {
      if (this.#phase === 'open' && errand.isUnderWay && now >= errand.at) this.#fail(errand)
    }
  }

  /** Sets `out.bytes` to the body's own octets; they are never written again. */
  pollTransmit(out: Datagram): boolean {
    const send = this.#nextSend()
    const body = send ?? this.#nextPoll()
    if (body === undefined) return false
    out.bytes = body
    out.start = 0
    out.end = body.length
    out.path = send === undefined ? pollPath : sendPath
    return true
  }

  pollEvent(): PollClientEvent | undefined {
    return this.#events.shift()
  }

  /** `Infinity` while it is closing: what is under way then ends by itself. */
  pollTimeout(): Millis {
    if (this.#phase !== 'open') return Infinity
    const sendAt = this.#sending.isUnderWay || this.#body !== undefined ? this.#sending.at : Infinity
    const pollAt = this.#taken > 0 ? this.#polling.at : Infinity
    return Math.min(sendAt, pollAt)
  }

  #nextSend(): Uint8Array | undefined {
    const errand = this.#sending
    if (this.#phase === 'closed' || errand.isUnderWay) return undefined
    if (this.#phase === 'open' && this.#now < errand.at) return undefined
    this.#body ??= this.#newSend()
    if (this.#body !== undefined) this.#begin(errand, sendMs)
    return this.#body
  }

  #newSend(): Uint8Array | undefined {
    const isLast = this.#phase === 'closing'
    if (this.#backlog.isEmpty && !isLast) return undefined
    this.#number++
    this.#hasSentLast = isLast
    const send = { connection: this.#id, number: this.#number, isLast, frames: this.#backlog.take() }
    return encode(pollRequest, { type: 'send', ...send })
  }

  #nextPoll(): Uint8Array | undefined {
    // The server knows the connection once it has taken the first send.
    if (this.#phase !== 'open' || this.#taken === 0 || this.#polling.isUnderWay) return undefined
    if (this.#now < this.#polling.at) return undefined
    this.#begin(this.#polling, pollMs)
    return encode(pollRequest, { type: 'poll', connection: this.#id, received: this.#received })
  }

  #begin(errand: Errand, withinMs: Millis): void {
    errand.isUnderWay = true
    errand.since = this.#now
    errand.at = this.#now + withinMs
  }

  #handleTaken(answer: PollAnswer): void {
    if (answer.type !== 'taken' || answer.number !== this.#number) {
      this.#fail(this.#sending)
      return
    }
    this.#succeed(this.#sending)
    this.#taken = answer.number
    this.#body = undefined
    if (this.#hasSentLast) this.#phase = 'closed'
  }

  #handleBatch(answer: PollAnswer): void {
    const isNext = answer.number === this.#received + 1
    if (answer.type !== 'batch' || (answer.number !== this.#received && !isNext)) {
      this.#fail(this.#polling)
      return
    }
    const isHasty = this.#now - this.#polling.since < hastyMs
    this.#succeed(this.#polling)
    if (isNext) {
      this.#received = answer.number
      for (const bytes of answer.frames) this.#events.push({ type: 'frame', bytes })
    } else if (isHasty) this.#polling.at = this.#now + hastyPauseMs
    if (isNext && answer.isLast) this.#end()
  }

  #succeed(errand: Errand): void {
    errand.isUnderWay = false
    errand.at = this.#now
    errand.failures = 0
  }

  #fail(errand: Errand): void {
    errand.isUnderWay = false
    const delay = retryMs[errand.failures]
    errand.failures++
    // One that never came about is soon given up: there may be another way.
    const isHopeless = delay === undefined || (this.#taken === 0 && errand.failures > 1)
    if (isHopeless || this.#phase === 'closing') this.#end()
    else errand.at = this.#now + delay
  }

  #end(): void {
    this.#cancel(this.#sending, sendPath)
    this.#cancel(this.#polling, pollPath)
    if (this.#phase === 'open') this.#events.push({ type: 'closed' })
    this.#phase = 'closed'
  }

  #cancel(errand: Errand, path: PathId): void {
    if (errand.isUnderWay) this.#events.push({ type: 'cancel', path })
    errand.isUnderWay = false
  }

  #underWay(path: PathId): Errand | undefined {
    const errand = path === sendPath ? this.#sending : path === pollPath ? this.#polling : undefined
    return errand?.isUnderWay === true ? errand : undefined
  }
}
