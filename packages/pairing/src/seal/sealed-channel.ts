import { equalConstantTime } from '@crowfly/bytes'
import type { Millis } from '@crowfly/sansio'
import { concat } from '../cpace/length-value.ts'
import { PairingError } from '../pairing-error.ts'
import { decodeEnvelope, type MalformedEnvelope } from './envelope.ts'
import type { EnvelopeRoute } from './envelope-cipher.ts'
import type { MessageType } from './message-type.ts'
import { OpeningSide } from './opening-side.ts'
import type { PairingKeys } from './pairing-keys.ts'
import { SealingSide } from './sealing-side.ts'

/** A message between two members who have proved the code to each other. */
export interface SealedMessage {
  readonly type: MessageType
  readonly body: Uint8Array
}

/** Why a channel is of no more use: pair again, with a new ticket. */
export type ChannelFailure =
  /** An envelope was missing for ten seconds. */
  | 'gap'
  /** More came behind a missing envelope than is held. */
  | 'overflow'
  /** Every number of the key is used. */
  | 'exhausted'
  /** The other side, which has the keys, breaks the rules. */
  | 'badPlaintext'
  | 'badAck'

/**
 * What became of an envelope.
 *
 * `foreign`: of another pairing, or of one that is no more. `duplicate`: a message that was there before; the other side
 * may not know that, so send `unacknowledged()` again, at most once a second. `stale`: also had before, and nothing to
 * do. `badTag`: forged or damaged; nothing has changed.
 */
export type Reception =
  | 'opened'
  | 'held'
  | 'duplicate'
  | 'stale'
  | 'badTag'
  | 'foreign'
  | 'failed'
  | MalformedEnvelope

/** How a channel is made. The keys are the channel's from now on. */
export interface SealedChannelOptions {
  readonly keys: Pick<PairingKeys, 'sealOut' | 'sealIn'>
  readonly pid: Uint8Array
  readonly nameplate: Uint8Array
  readonly own: Uint8Array
  readonly peer: Uint8Array
  /** What this side's first envelope travels in: it carries the proof of the code. */
  readonly wrapFirst: (envelope: Uint8Array) => Uint8Array
  /** What this side's first envelope has in front of its body, and how many octets the other side's has there. */
  readonly preamble: Uint8Array
  readonly peerPreambleBytes: number
}

const nothing = new Uint8Array(0)

type State =
  | { readonly type: 'open' }
  | { readonly type: 'failed'; readonly reason: ChannelFailure }
  | { readonly type: 'closed' }

/**
 * One end of a channel between two members that nobody else can read or alter: each message once and in order, or the
 * channel fails. It promises nothing about delivery; whoever carries the envelopes sends `unacknowledged()` again,
 * on any path. After each call read `failure` and `pollTimeout`.
 */
export class SealedChannel {
  readonly pid: Uint8Array
  readonly #sealing: SealingSide
  readonly #opening: OpeningSide
  /** Messages of the other side that no envelope of this side's has acknowledged. */
  #unanswered = 0
  readonly #ready: SealedMessage[] = []
  /** Until it is sealed. */
  #preamble: Uint8Array
  readonly #peerPreambleBytes: number
  #peerPreamble: Uint8Array | undefined
  #state: State = { type: 'open' }

  constructor(options: SealedChannelOptions) {
    const { keys, pid, nameplate, own, peer, wrapFirst } = options
    this.pid = pid
    this.#preamble = options.preamble
    this.#peerPreambleBytes = options.peerPreambleBytes
    const there: EnvelopeRoute = { nameplate, pid, from: own, to: peer }
    this.#sealing = new SealingSide(keys.sealOut, there, wrapFirst)
    this.#opening = new OpeningSide(keys.sealIn, { nameplate, pid, from: peer, to: own })
  }

  /** Undefined while the channel is good. */
  get failure(): ChannelFailure | undefined {
    return this.#state.type === 'failed' ? this.#state.reason : undefined
  }

  /** What the other side's first envelope had in front of its body; undefined until that has come. */
  get peerPreamble(): Uint8Array | undefined {
    return this.#peerPreamble
  }

  /** The first frame, with what it travels in; undefined before it is sealed and after it is acknowledged. */
  get firstFrame(): Uint8Array | undefined {
    return this.#sealing.firstFrame
  }

  /** Whether the other side should hear what was received: by the next message, or soon by `sealAck`. */
  get isAckDue(): boolean {
    return this.#state.type === 'open' && this.#unanswered > 0
  }

  /** Whether messages are on their way whose acknowledgement has not come. */
  get isWaiting(): boolean {
    return this.#sealing.isWaiting
  }

  /**
   * Seals a message: the octets to send, the caller's to keep. Undefined when too much is on its way; try again when an
   * acknowledgement has come. Throws `PAIRING_CLOSED` on a channel that is closed or has failed, and `PAIRING_BODY`.
   */
  seal({ type, body }: SealedMessage): Uint8Array | undefined {
    if (this.#state.type !== 'open') {
      throw new PairingError('PAIRING_CLOSED', 'this channel is closed or has failed: pair again')
    }
    if (this.#sealing.isExhausted) this.#fail('exhausted')
    if (this.#state.type !== 'open' || !this.#sealing.hasRoom(type, this.#preamble.length + body.length)) {
      return undefined
    }
    const frame = this.#sealing.seal(type, this.#opening.received, concat(this.#preamble, body))
    this.#preamble = nothing
    this.#unanswered = 0
    return frame
  }

  /** Seals an acknowledgement by itself. Not to be acknowledged. */
  sealAck(): Uint8Array | undefined {
    return this.seal({ type: 'ack', body: nothing })
  }

  /** Takes an envelope; nothing of it is kept. Then take the messages that `shift` gives. */
  receive(bytes: Uint8Array, now: Millis): Reception {
    this.handleTimeout(now)
    if (this.#state.type !== 'open') return this.#state.type === 'failed' ? 'failed' : 'foreign'
    const envelope = decodeEnvelope(bytes)
    if (typeof envelope === 'string') return envelope
    if (!equalConstantTime(envelope.pid, this.pid)) return 'foreign'
    const opening = this.#opening.receive(envelope, now)
    if (opening === 'badPlaintext' || opening === 'overflow') return this.#fail(opening)
    const fault = this.#collect()
    return fault === undefined ? opening : this.#fail(fault)
  }

  /** The next message in order; undefined when there is none. */
  shift(): SealedMessage | undefined {
    return this.#ready.shift()
  }

  /** The sealed octets that the other side has not acknowledged, oldest first. */
  unacknowledged(): readonly Uint8Array[] {
    return this.#sealing.unacknowledged()
  }

  handleTimeout(now: Millis): void {
    if (this.pollTimeout() <= now) this.#fail('gap')
  }

  /** `Infinity` when nothing is missing. */
  pollTimeout(): Millis {
    return this.#state.type === 'open' ? this.#opening.deadline : Infinity
  }

  /** The pairing is over: the keys are wiped. */
  close(): void {
    if (this.#state.type === 'open') this.#enter({ type: 'closed' })
  }

  /** Takes what has come in order, and says what is wrong with it. */
  #collect(): ChannelFailure | undefined {
    for (let next = this.#opening.shift(); next !== undefined; next = this.#opening.shift()) {
      if (!this.#sealing.acknowledge(next.ack)) return 'badAck'
      const start = this.#peerPreamble === undefined ? this.#peerPreambleBytes : 0
      if (next.body.length < start) return 'badPlaintext'
      this.#peerPreamble ??= next.body.slice(0, start)
      if (next.type === 'ack') continue
      this.#unanswered++
      this.#ready.push({ type: next.type, body: next.body.subarray(start) })
    }
    return undefined
  }

  #fail(reason: ChannelFailure): 'failed' {
    this.#enter({ type: 'failed', reason })
    return 'failed'
  }

  #enter(state: Exclude<State, { type: 'open' }>): void {
    this.#state = state
    this.#sealing.close()
    this.#opening.close()
  }
}
