import { endOfSequence, envelopeOverhead } from './envelope.ts'
import { type EnvelopeRoute, sealEnvelope } from './envelope-cipher.ts'
import type { MessageType } from './message-type.ts'
import { encodePlaintext, paddedLength } from './plaintext.ts'

/** Envelopes that may be unacknowledged: as many as the receiver holds. Some are kept free for acknowledgements. */
const maxMessages = 24
const maxEnvelopes = 32
/** Octets of them, below what the receiver holds. */
const maxBytes = 240 * 1024

/** One that is sealed, and not acknowledged. */
interface SealedFrame {
  readonly frame: Uint8Array
  readonly isAck: boolean
}

/** The sending half of a channel: seals each message once, and keeps the sealed octets until they are acknowledged. */
export class SealingSide {
  readonly #key: Uint8Array
  readonly #route: EnvelopeRoute
  readonly #wrapFirst: (envelope: Uint8Array) => Uint8Array
  /** The first of them has the number `#acked + 1`. */
  readonly #frames: SealedFrame[] = []
  #bytes = 0
  #acked: number

  /** `wrapFirst` gives what the first envelope travels in. `sealed` is how many the key has sealed before. */
  constructor(
    key: Uint8Array,
    route: EnvelopeRoute,
    wrapFirst: (envelope: Uint8Array) => Uint8Array,
    sealed = 0,
  ) {
    this.#key = key
    this.#route = route
    this.#wrapFirst = wrapFirst
    this.#acked = sealed
  }

  /** Whether the key has no number left. */
  get isExhausted(): boolean {
    return this.#next >= endOfSequence
  }

  /** Whether messages, and not acknowledgements only, are unacknowledged. */
  get isWaiting(): boolean {
    return this.#frames.some(({ isAck }) => !isAck)
  }

  /** Whether there is room for such a message now, or for an acknowledgement. There is when nothing is on its way. */
  hasRoom(type: MessageType, bodyLength: number): boolean {
    if (type === 'ack') return this.#frames.length < maxEnvelopes
    const bytes = this.#bytes + (paddedLength(type, bodyLength) ?? 0) + envelopeOverhead
    return this.#frames.length === 0 || (this.#frames.length < maxMessages && bytes <= maxBytes)
  }

  /** The octets to send, and to send again as they are. Ask `hasRoom` and `isExhausted` first. */
  seal(type: MessageType, ack: number, body: Uint8Array): Uint8Array {
    const plaintext = encodePlaintext({ type, ack, body })
    const seq = this.#next
    const envelope = sealEnvelope(this.#key, this.#route, seq, plaintext)
    plaintext.fill(0)
    const frame = seq === 1 ? this.#wrapFirst(envelope) : envelope
    this.#frames.push({ frame, isAck: type === 'ack' })
    this.#bytes += frame.length
    return frame
  }

  /** The other side has everything up to `ack`. False when that was never sent. */
  acknowledge(ack: number): boolean {
    if (ack >= this.#next) return false
    for (; this.#acked < ack; this.#acked++) this.#bytes -= this.#frames.shift()?.frame.length ?? 0
    return true
  }

  /** The first frame of all, while it is not acknowledged. */
  get firstFrame(): Uint8Array | undefined {
    return this.#acked === 0 ? this.#frames[0]?.frame : undefined
  }

  /** What the other side may not have, oldest first. */
  unacknowledged(): readonly Uint8Array[] {
    return this.#frames.map(({ frame }) => frame)
  }

  close(): void {
    this.#key.fill(0)
    this.#frames.length = 0
    this.#bytes = 0
  }

  get #next(): number {
    return this.#acked + this.#frames.length + 1
  }
}
