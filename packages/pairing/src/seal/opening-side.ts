import type { Millis } from '@crowfly/sansio'
import type { Envelope } from './envelope.ts'
import { type EnvelopeRoute, openEnvelope } from './envelope-cipher.ts'
import { decodePlaintext, type Plaintext } from './plaintext.ts'

/** Envelopes that are held for a missing one. */
const maxHeld = 32
/** Octets of them. */
const maxHeldBytes = 256 * 1024
/** How long one may be missing. */
const maxGapMs = 10_000

/** One that came before its turn. */
interface Held {
  readonly plaintext: Plaintext
  readonly bytes: number
  readonly arrivedAt: Millis
}

/** Envelopes back to which it is known whether they held a message: more than a sender has on its way. */
const memory = 64

/** What became of an envelope: see `Reception`. */
export type Opening = 'opened' | 'held' | 'duplicate' | 'stale' | 'badTag' | 'badPlaintext' | 'overflow'

/**
 * The receiving half of a channel: everything once and in order. Whatever it drops leaves it as it was; an envelope is
 * authenticated before it is held, so that a forged one cannot take the place of the true one.
 */
export class OpeningSide {
  readonly #key: Uint8Array
  readonly #route: EnvelopeRoute
  readonly #held = new Map<number, Held>()
  #heldBytes = 0
  #received = 0
  /** The numbers of the last messages, as opposed to mere acknowledgements. */
  readonly #messages = new Set<number>()
  readonly #ready: Plaintext[] = []

  constructor(key: Uint8Array, route: EnvelopeRoute) {
    this.#key = key
    this.#route = route
  }

  /** Everything up to this number was opened. */
  get received(): number {
    return this.#received
  }

  /** When the missing envelope has been missing for too long; `Infinity` when none is. */
  get deadline(): Millis {
    let earliest = Infinity
    for (const { arrivedAt } of this.#held.values()) earliest = Math.min(earliest, arrivedAt)
    return earliest + maxGapMs
  }

  receive(envelope: Envelope, now: Millis): Opening {
    const { seq } = envelope
    if (seq <= this.#received) return this.#messages.has(seq) ? 'duplicate' : 'stale'
    if (this.#held.has(seq)) return 'stale'
    const octets = openEnvelope(this.#key, this.#route, envelope)
    if (octets === undefined) return 'badTag'
    const plaintext = decodePlaintext(octets)
    if (plaintext === undefined) return 'badPlaintext'
    if (seq > this.#received + 1)
      return this.#hold(seq, { plaintext, bytes: envelope.length, arrivedAt: now })
    this.#deliver(plaintext)
    this.#release()
    return 'opened'
  }

  /** The next message in order; undefined when there is none. */
  shift(): Plaintext | undefined {
    return this.#ready.shift()
  }

  close(): void {
    this.#key.fill(0)
    this.#held.clear()
    this.#heldBytes = 0
  }

  #hold(seq: number, held: Held): Opening {
    if (this.#held.size >= maxHeld || this.#heldBytes + held.bytes > maxHeldBytes) return 'overflow'
    this.#held.set(seq, held)
    this.#heldBytes += held.bytes
    return 'held'
  }

  /** Frees what waited for the one that has just come. */
  #release(): void {
    for (;;) {
      const seq = this.#received + 1
      const held = this.#held.get(seq)
      if (held === undefined) return
      this.#held.delete(seq)
      this.#heldBytes -= held.bytes
      this.#deliver(held.plaintext)
    }
  }

  #deliver(plaintext: Plaintext): void {
    this.#received++
    this.#messages.delete(this.#received - memory)
    if (plaintext.type !== 'ack') this.#messages.add(this.#received)
    this.#ready.push(plaintext)
  }
}
