import { type Datagram, type Millis, type PathId, type Random, randomInteger } from '@crowfly/sansio'
import {
  type ClientFrame,
  type ClientMessage,
  clientFrame,
  type GoodbyeCode,
  protocolVersion,
  type ServerFrame,
  type ServerMessage,
  serverFrame,
  sessionIdBytes,
} from './frame.ts'
import { FrameQueue } from './frame-queue.ts'
import { ReliableStream } from './reliable-stream.ts'
import { decode, encode } from './schema.ts'

/** Milliseconds that an attempt to connect may take: the first ones in a row, and those that follow. */
const firstAttemptMs = 4_000
const attemptMs = 8_000
/** Tries in a row that count as the first ones. */
const firstAttempts = 2
/** Milliseconds of silence after which a connection that has not been welcomed is given up. */
const welcomeMs = 4_500
/** Milliseconds in which a sign of life has to follow `probe`. */
const probeMs = 1_500
/** Milliseconds after which a connection counts as steady: its loss is answered at once. */
const steadyMs = 5_000
/** Milliseconds before the second try; doubled for each further one, and jittered by half. */
const backoffMs = 250
const maxBackoffMs = 8_000
/** Messages and octets that may wait for the server's acknowledgement. */
const maxWaiting = 128
const maxWaitingBytes = 512 * 1024

/** Connections whose end is awaited; a driver that never reports it does no harm. */
const maxGivenUp = 32

/** What the line tells its owner. */
export type LineReport =
  | { readonly type: 'message'; readonly message: ServerMessage }
  /** The server stands. `session`: what it knows of what was said before. */
  | { readonly type: 'welcomed'; readonly session: 'new' | 'resumed' | 'forgotten' }
  /** The connection is gone; the line goes on trying. */
  | { readonly type: 'lost' }
  /** The server wants the connection closed; the owner says how it goes on. */
  | { readonly type: 'goodbye'; readonly code: GoodbyeCode; readonly retryAfterMs: Millis }

/** What the line wants of the driver. */
export type LineWish = { type: 'connect' } | { type: 'disconnect'; path: PathId }

/** A session on its way from a connection that stands to another one. */
interface Move {
  readonly path: PathId
  readonly heardAt: Millis
  /** What the hello there said was received; nothing above it is acknowledged until the move is over. */
  readonly received: number
}

type LineState =
  | { readonly phase: 'idle' }
  | { readonly phase: 'connecting'; readonly since: Millis }
  | { readonly phase: 'greeting'; readonly path: PathId }
  | { readonly phase: 'standing'; readonly path: PathId; readonly since: Millis; readonly move?: Move }
  | { readonly phase: 'waiting'; readonly until: Millis }
  | { readonly phase: 'closed' }

/**
 * The client's end of a session with the server: one connection after the other, found dead and replaced, and the
 * stream of messages that outlives them (PROTOCOL.md §4).
 */
export class ServerLine {
  readonly frames = new FrameQueue()
  readonly #wishes: { push(wish: LineWish): void }
  readonly #random: Random
  #sessionId: Uint8Array
  #stream = new ReliableStream()
  #state: LineState = { phase: 'idle' }
  /** Whether the server may know the session: then nothing is sent before its welcome. */
  #wasWelcomed = false
  #heardAt: Millis = 0
  /** When a probe without an answer ends the connection. */
  #probeAt: Millis = Infinity
  #deadAfterMs: Millis = welcomeMs
  #graceMs: Millis = 30_000
  #failures = 0
  /** Connections given up whose end the driver has not reported yet. */
  readonly #givenUp = new Set<PathId>()

  constructor(random: Random, wishes: { push(wish: LineWish): void }) {
    this.#random = random
    this.#wishes = wishes
    this.#sessionId = this.#newSessionId()
  }

  /** Milliseconds for which the server remembers a session without a connection. */
  get graceMs(): Millis {
    return this.#graceMs
  }

  /** Tries in a row that led to no steady connection. */
  get failures(): number {
    return this.#failures
  }

  get wasWelcomed(): boolean {
    return this.#wasWelcomed
  }

  /** Whether there is room for another message. */
  get canPost(): boolean {
    return this.#stream.waiting < maxWaiting && this.#stream.waitingBytes < maxWaitingBytes
  }

  /** Begins. */
  open(now: Millis): void {
    this.#connect(now)
  }

  /** Ends for good; what is queued still goes out. */
  close(): void {
    this.#drop()
    this.#state = { phase: 'closed' }
  }

  /** Sends `message` now or after the next welcome, and keeps it until the server has it. */
  post(message: ClientMessage): void {
    const frame = encode(clientFrame, {
      type: 'item',
      seq: this.#stream.nextSeq,
      ack: this.#takeAck(),
      message,
    })
    this.#stream.push(frame)
    const { phase } = this.#state
    if (phase === 'standing' || (phase === 'greeting' && !this.#wasWelcomed)) {
      this.frames.push(this.#state.path, frame)
    }
  }

  /** Asks for a sign of life if there is a connection; tries again at once if there is none. */
  probe(now: Millis): void {
    switch (this.#state.phase) {
      case 'standing':
        this.#send({ type: 'ping', ack: this.#takeAck() })
        this.#probeAt = Math.min(this.#probeAt, now + probeMs)
        break
      case 'greeting':
        this.#probeAt = Math.min(this.#probeAt, now + probeMs)
        break
      case 'waiting':
        this.#connect(now)
        break
      case 'connecting':
        // Such news comes in bursts; an attempt that has just begun is on the new network already.
        if (now - this.#state.since >= probeMs) this.#connect(now)
        break
      case 'idle':
      case 'closed':
        break
    }
  }

  /** Gives the connection up and tries again: at once if it was steady, else later, and not before `retryAfterMs`. */
  retry(now: Millis, retryAfterMs: Millis): void {
    this.#drop()
    this.#retry(now, retryAfterMs)
  }

  /** As `retry`, under a new session: what was said under the old one is lost. */
  renew(now: Millis, retryAfterMs: Millis): void {
    this.#sessionId = this.#newSessionId()
    this.#stream = new ReliableStream()
    // The next welcome finds no such session, which is `forgotten`, so that the owner says everything again.
    this.#wasWelcomed = true
    this.retry(now, retryAfterMs)
  }

  handleOpen(path: PathId, now: Millis): void {
    this.#givenUp.delete(path)
    const { phase } = this.#state
    if (phase !== 'connecting' && phase !== 'waiting') {
      this.#giveUp(path)
      return
    }
    this.#state = { phase: 'greeting', path }
    this.#heardAt = now
    this.#probeAt = Infinity
    this.#greet(path)
    // PROTOCOL.md §4.1: a session that no server can know yet need not wait for the welcome.
    if (!this.#wasWelcomed) this.#sendUnacknowledged(path)
  }

  /**
   * A better connection than the one that stands has opened: the session goes over to it, and nobody hears of it. The
   * old one stands until the new one is welcomed, or stays if it is not. Without one that stands, as `handleOpen`.
   */
  moveTo(path: PathId, now: Millis): void {
    const state = this.#state
    if (state.phase !== 'standing' || state.move !== undefined) {
      this.handleOpen(path, now)
      return
    }
    this.#givenUp.delete(path)
    const received = this.#greet(path)
    this.#state = { ...state, move: { path, heardAt: now, received } }
  }

  handleClose(path: PathId, now: Millis): LineReport | undefined {
    if (this.#givenUp.delete(path)) return undefined
    const state = this.#state
    if (state.phase === 'standing' && state.move !== undefined) {
      if (path === state.move.path) this.#stay()
      else if (path === state.path) this.#finishMove(state.move)
      return undefined
    }
    const isOurs = (state.phase === 'greeting' || state.phase === 'standing') && state.path === path
    if (!isOurs && state.phase !== 'connecting') return undefined
    this.#retry(now, 0)
    return { type: 'lost' }
  }

  handleDatagram(input: Datagram, now: Millis): LineReport | undefined {
    const move = this.#move
    if (move !== undefined && input.path === move.path) return this.#handleMoveAnswer(input, move, now)
    const state = this.#state
    if ((state.phase !== 'greeting' && state.phase !== 'standing') || state.path !== input.path)
      return undefined
    this.#heardAt = now
    this.#probeAt = Infinity
    const frame = decode(serverFrame, input.bytes, input.start, input.end)
    if (typeof frame === 'string') return this.#breakOff(now)
    if (frame.type === 'goodbye' && frame.code === 'replaced' && move !== undefined) {
      this.#giveUp(state.path)
      this.#finishMove(move)
      return undefined
    }
    if (frame.type === 'goodbye') return frame
    if (frame.type === 'welcome') return this.#handleWelcome(frame, now)
    if (state.phase === 'greeting' || !this.#stream.acknowledge(frame.ack)) return this.#breakOff(now)
    if (frame.type === 'ping') this.#send({ type: 'pong', ack: this.#takeAck() })
    if (frame.type !== 'item') return undefined
    const arrival = this.#stream.accept(frame.seq, input.end - input.start)
    if (arrival === 'gap') return this.#breakOff(now)
    if (this.#stream.isAckDue && this.#move === undefined) {
      this.#send({ type: 'ack', ack: this.#stream.takeAck() })
    }
    return arrival === 'next' ? { type: 'message', message: frame.message } : undefined
  }

  handleTimeout(now: Millis): LineReport | undefined {
    if (now < this.pollTimeout()) return undefined
    const move = this.#move
    if (move !== undefined && now >= move.heardAt + welcomeMs) {
      this.#giveUp(move.path)
      this.#stay()
      return this.handleTimeout(now)
    }
    if (this.#state.phase === 'waiting') {
      this.#connect(now)
      return undefined
    }
    this.retry(now, 0)
    return { type: 'lost' }
  }

  pollTimeout(): Millis {
    switch (this.#state.phase) {
      case 'connecting':
        return this.#state.since + (this.#failures < firstAttempts ? firstAttemptMs : attemptMs)
      case 'greeting':
        return Math.min(this.#heardAt + welcomeMs, this.#probeAt)
      case 'standing': {
        const moveAt = this.#move === undefined ? Infinity : this.#move.heardAt + welcomeMs
        return Math.min(this.#heardAt + this.#deadAfterMs, this.#probeAt, moveAt)
      }
      case 'waiting':
        return this.#state.until
      case 'idle':
      case 'closed':
        return Infinity
    }
  }

  #handleWelcome(welcome: Extract<ServerFrame, { type: 'welcome' }>, now: Millis): LineReport {
    if (this.#state.phase !== 'greeting') return this.#breakOff(now)
    const { path } = this.#state
    const isForgotten = this.#wasWelcomed && !welcome.isResumed
    if (isForgotten) this.#stream = new ReliableStream()
    if (!this.#stream.acknowledge(welcome.received)) return this.#breakOff(now)
    this.#state = { phase: 'standing', path, since: now }
    this.#deadAfterMs = welcome.deadAfterMs
    this.#graceMs = welcome.graceMs
    if (this.#wasWelcomed) this.#sendUnacknowledged(path)
    const isFirst = !this.#wasWelcomed
    this.#wasWelcomed = true
    if (isForgotten) return { type: 'welcomed', session: 'forgotten' }
    return { type: 'welcomed', session: isFirst ? 'new' : 'resumed' }
  }

  get #move(): Move | undefined {
    return this.#state.phase === 'standing' ? this.#state.move : undefined
  }

  /** The new connection speaks for the first time: welcomes, or else the move is off. */
  #handleMoveAnswer(input: Datagram, { path }: Move, now: Millis): LineReport | undefined {
    const frame = decode(serverFrame, input.bytes, input.start, input.end)
    if (typeof frame === 'string' || frame.type !== 'welcome') {
      this.#giveUp(path)
      this.#stay()
      return undefined
    }
    if (!frame.isResumed || this.#state.phase !== 'standing') {
      // Another server, or one that has forgotten: what stands is not worth much either.
      this.retry(now, 0)
      return { type: 'lost' }
    }
    this.#giveUp(this.#state.path)
    this.#state = { phase: 'greeting', path }
    this.#heardAt = now
    this.#probeAt = Infinity
    const report = this.#handleWelcome(frame, now)
    // What stood goes on standing: there is nothing that the owner could do about it.
    return report.type === 'welcomed' ? undefined : report
  }

  /** The old connection is gone before the new one was welcomed, as it may be. */
  #finishMove({ path, heardAt }: Move): void {
    this.#state = { phase: 'greeting', path }
    this.#heardAt = heardAt
    this.#probeAt = Infinity
  }

  /** The move is off. */
  #stay(): void {
    if (this.#state.phase !== 'standing') return
    const { path, since } = this.#state
    this.#state = { phase: 'standing', path, since }
  }

  /** The server talks nonsense, or we have lost track of each other: begin a new session. */
  #breakOff(now: Millis): LineReport {
    this.#failures = Math.max(this.#failures, 1)
    this.renew(now, 0)
    return { type: 'lost' }
  }

  #retry(now: Millis, retryAfterMs: Millis): void {
    if (this.#state.phase === 'standing' && now - this.#state.since >= steadyMs) this.#failures = 0
    const delay = Math.max(this.#backoff(), this.#later(retryAfterMs))
    this.#failures++
    if (delay === 0) this.#connect(now)
    else this.#state = { phase: 'waiting', until: now + delay }
  }

  #connect(now: Millis): void {
    this.#state = { phase: 'connecting', since: now }
    this.#wishes.push({ type: 'connect' })
  }

  #drop(): void {
    if (this.#move !== undefined) this.#giveUp(this.#move.path)
    if (this.#state.phase === 'greeting' || this.#state.phase === 'standing') this.#giveUp(this.#state.path)
  }

  /** Says hello on `path`, and returns what it says was received. */
  #greet(path: PathId): number {
    const received = this.#stream.takeAck()
    const hello = { version: protocolVersion, session: this.#sessionId, received }
    this.frames.push(path, encode(clientFrame, { type: 'hello', ...hello }))
    return received
  }

  /** PROTOCOL.md §3.1: during a move the hello under way must not be passed by what is acknowledged. */
  #takeAck(): number {
    return this.#move === undefined ? this.#stream.takeAck() : this.#move.received
  }

  #giveUp(path: PathId): void {
    this.#givenUp.add(path)
    for (const oldest of this.#givenUp) {
      if (this.#givenUp.size <= maxGivenUp) break
      this.#givenUp.delete(oldest)
    }
    this.#wishes.push({ type: 'disconnect', path })
  }

  #send(frame: ClientFrame): void {
    if (this.#state.phase === 'greeting' || this.#state.phase === 'standing') {
      this.frames.push(this.#state.path, encode(clientFrame, frame))
    }
  }

  #sendUnacknowledged(path: PathId): void {
    for (const frame of this.#stream.unacknowledged()) this.frames.push(path, frame)
  }

  /** Doubled with each failure, and jittered by half, so that the clients of a server do not come all at once. */
  #backoff(): Millis {
    if (this.#failures === 0) return 0
    const full = Math.min(maxBackoffMs, backoffMs * 2 ** Math.min(this.#failures, 10))
    return full - randomInteger(this.#random, full / 2)
  }

  #later(retryAfterMs: Millis): Millis {
    return retryAfterMs === 0 ? 0 : retryAfterMs + randomInteger(this.#random, Math.ceil(retryAfterMs / 2))
  }

  #newSessionId(): Uint8Array {
    const id = new Uint8Array(sessionIdBytes)
    this.#random.fill(id)
    return id
  }
}
