import { type Random, randomInteger } from '@crowfly/sansio'
import { maxEnvelopeBytes } from './frame.ts'
import { type PairContent, pairEnvelope } from './pair-envelope.ts'
import { encode } from './schema.ts'

/** Messages on their way to the other end at a time; what the receiver is ready to hold (PROTOCOL.md §6.3). */
const window = 32
/** Octets of bodies that wait for their predecessors. */
const maxHeldBytes = 256 * 1024
/** Messages that wait for the other end's acknowledgement. */
const maxQueued = 256
/** Octets of them. */
const maxQueuedBytes = 1024 * 1024
/** Messages received after which an acknowledgement is due at once. */
const ackEvery = window / 2

/** Octets of the largest body: an envelope less its header of 18 octets. */
export const maxBodyBytes = maxEnvelopeBytes - 18

/**
 * What an envelope was to the link it came for.
 *
 * `unknownLink`: the other end goes on with a link that this one has forgotten; tell it by a `reset`.
 * `begunAnew`: the other end has forgotten this link; replace it.
 */
export type Reception = 'accepted' | 'stale' | 'unknownLink' | 'begunAnew'

/**
 * One end of the link between two members: messages in order, exactly once, whatever the server forgets
 * (PROTOCOL.md §6).
 *
 * The newcomer of the two opens the link and names it by a random number; the other one answers with a number of
 * its own. A message is kept until the *member* acknowledges it. This is the seam for sealing: bodies are sealed
 * before `push`, and opened where `receive` advances.
 */
export class MemberLink {
  readonly #random: Random
  readonly #isOpener: boolean
  /** Named by the newcomer. The other end learns it from the first envelope; 0 until then. */
  #opening = 0
  /** Named by the other end in reply. The newcomer learns it from the first envelope; 0 until then. */
  #answering = 0

  /** Bodies that the other end has not acknowledged; the first one has the number `#acked + 1`. */
  #queue: Uint8Array[] = []
  #queuedBytes = 0
  #acked = 0
  #sent = 0
  #isStalled = false

  #received = 0
  #unacknowledged = 0
  readonly #held = new Map<number, Uint8Array>()
  #heldBytes = 0
  #ready: Uint8Array[] = []

  constructor(isOpener: boolean, random: Random) {
    this.#isOpener = isOpener
    this.#random = random
    if (isOpener) this.#opening = this.#name()
  }

  /** The other end has everything up to this number. */
  get acknowledged(): number {
    return this.#acked
  }

  /** Whether messages are on their way whose acknowledgement has not come. */
  get isWaiting(): boolean {
    return this.#sent > this.#acked
  }

  /** Whether the other end should hear what was received: soon, or at once. */
  get ackDue(): 'none' | 'soon' | 'now' {
    if (this.#unacknowledged === 0) return 'none'
    return this.#unacknowledged >= ackEvery ? 'now' : 'soon'
  }

  /** Whether both ends have named the link. */
  get isEstablished(): boolean {
    return this.#opening !== 0 && this.#answering !== 0
  }

  /** Queues a body. The link owns it from now on. False when the queue is full. */
  push(body: Uint8Array): boolean {
    if (this.#queue.length >= maxQueued || this.#queuedBytes + body.length > maxQueuedBytes) return false
    this.#queue.push(body)
    this.#queuedBytes += body.length
    return true
  }

  /** The next envelope to send, with the newest acknowledgement in it; undefined when there is none now. */
  next(): Uint8Array | undefined {
    const place = this.#sent - this.#acked
    const body = this.#queue[place]
    if (body === undefined || place >= window || this.#isStalled || this.#opening === 0) return undefined
    this.#sent++
    return this.#envelope({ type: 'message', ...this.#header(), seq: this.#sent, body })
  }

  /** An acknowledgement by itself. Not to be acknowledged. */
  ack(): Uint8Array {
    return this.#envelope({ type: 'ack', ...this.#header() })
  }

  /** The server could not pass an envelope on: if it was one of these, nothing more is sent until `rewind`. */
  stall(): void {
    this.#isStalled = this.isWaiting
  }

  get isStalled(): boolean {
    return this.#isStalled
  }

  /** Everything that is not acknowledged goes out again. */
  rewind(): void {
    this.#sent = this.#acked
    this.#isStalled = false
  }

  /** Takes an envelope. When it is `accepted`, take the bodies that are ready next. */
  receive(content: Exclude<PairContent, { type: 'reset' }>): Reception {
    const reception = this.#match(content)
    if (reception !== 'accepted') return reception
    this.#acknowledge(content.ack)
    if (content.type === 'message') this.#take(content.seq, content.body)
    return 'accepted'
  }

  /** PROTOCOL.md §6.4: whether the other end has told this one that it does not know the link. */
  isResetBy(opening: number): boolean {
    return this.#isOpener && opening === this.#opening
  }

  /** The next body in order; undefined when there is none. Borrowed until the drain that follows. */
  shift(): Uint8Array | undefined {
    return this.#ready.shift()
  }

  // PROTOCOL.md §6.2
  #match({ type, opening, answering }: { type: string; opening: number; answering: number }): Reception {
    if (this.#isOpener) {
      if (opening !== this.#opening || answering === 0) return 'stale'
      if (this.#answering === 0) this.#answering = answering
      return answering === this.#answering ? 'accepted' : 'begunAnew'
    }
    if (opening === this.#opening) {
      return answering === 0 || answering === this.#answering ? 'accepted' : 'unknownLink'
    }
    if (answering !== 0) return 'unknownLink'
    if (type !== 'message' || opening === 0) return 'stale'
    if (this.#opening !== 0) return 'begunAnew'
    this.#opening = opening
    this.#answering = this.#name()
    return 'accepted'
  }

  #acknowledge(ack: number): void {
    if (ack <= this.#acked || ack > this.#acked + this.#queue.length) return
    for (const body of this.#queue.splice(0, ack - this.#acked)) this.#queuedBytes -= body.length
    this.#acked = ack
    this.#sent = Math.max(this.#sent, ack)
    // What the server did not pass on has come after all: it was sent twice.
    if (!this.isWaiting) this.#isStalled = false
  }

  // PROTOCOL.md §6.3
  #take(seq: number, body: Uint8Array): void {
    this.#unacknowledged++
    if (seq <= this.#received || this.#held.has(seq)) return
    if (seq === this.#received + 1) {
      this.#received++
      this.#ready.push(body)
      this.#release()
    } else if (this.#held.size < window && this.#heldBytes + body.length <= maxHeldBytes) {
      this.#held.set(seq, new Uint8Array(body))
      this.#heldBytes += body.length
    }
  }

  /** Frees what was held for the body that has just come. */
  #release(): void {
    for (;;) {
      const body = this.#held.get(this.#received + 1)
      if (body === undefined) return
      this.#received++
      this.#held.delete(this.#received)
      this.#heldBytes -= body.length
      this.#ready.push(body)
    }
  }

  #header(): { opening: number; answering: number; ack: number } {
    this.#unacknowledged = 0
    return { opening: this.#opening, answering: this.#answering, ack: this.#received }
  }

  #envelope(content: PairContent): Uint8Array {
    return encode(pairEnvelope, { version: 0, content })
  }

  /** Random, not 0. */
  #name(): number {
    return randomInteger(this.#random, 0xffff_ffff) + 1
  }
}
