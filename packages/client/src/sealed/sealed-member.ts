import { decodeBase64url } from '@crowfly/bytes'
import type { CodeEntry, Pairing, Reception, SealedMessage } from '@crowfly/pairing'
import type { Millis } from '@crowfly/sansio'
import type { MemberId, PairMessage } from '@crowfly/signaling'
import { Delivery } from './delivery.ts'

/** Messages that wait to be sealed; more are refused. */
const maxQueued = 256

/** Milliseconds after which another ticket is tried where the last one was of no use. */
const retryMs = 5_000

/** Milliseconds after which a ticket is asked for again that has not come. */
const expectMs = 10_000

/** Milliseconds after which is tried again what the line had no room for. */
const repeatSoonMs = 500

/** Doubts in a pairing that are looked into at once, and the time after which one more is. */
const doubtBurst = 3
const doubtPauseMs = 60_000

/** What a newcomer has on its way to a member who has not answered. */
interface Opening {
  /** The offer, and candidates behind it: kept for another ticket. */
  readonly messages: SealedMessage[]
  /** Whether a ticket is opened with it. */
  isOpened: boolean
}

/** Another member, and what this side has to say to them. */
export class SealedMember {
  readonly id: MemberId
  readonly octets: Uint8Array
  readonly isNewcomerHere: boolean
  readonly delivery = new Delivery()
  readonly #entry: CodeEntry
  readonly #send: (octets: Uint8Array) => boolean
  readonly #queue: SealedMessage[] = []
  #opening: Opening | undefined
  #pairing: Pairing | undefined
  isAway = false
  /** The server could not pass on what was sent. */
  isStalled = false
  /** Whether they are in the room, as the server has it. */
  isPresent = true
  /** When another ticket is to be asked for. */
  #retryAt: Millis = Infinity
  /** When as many doubts will be looked into again as at first. */
  #doubtsFullAt: Millis = -Infinity
  /** Whether the next word that can begin a proof does. */
  #isDoubted = false

  constructor(options: {
    id: MemberId
    isNewcomerHere: boolean
    entry: CodeEntry
    /** To the server; false when it can not be handed over now. */
    send: (octets: Uint8Array) => boolean
  }) {
    this.id = options.id
    this.octets = decodeBase64url(options.id) ?? new Uint8Array(16)
    this.isNewcomerHere = options.isNewcomerHere
    this.#entry = options.entry
    this.#send = options.send
  }

  get pairing(): Pairing | undefined {
    return this.#pairing
  }

  /** Whether they are here, and both have proved the code. */
  get isSeen(): boolean {
    return this.isPresent && this.#pairing !== undefined
  }

  /** The pairing that a word said now goes out in; undefined when that is yet to be made, whatever there is. */
  get current(): Pairing | undefined {
    return this.#opening === undefined && !this.#isDoubted ? this.#pairing : undefined
  }

  /** Whether a ticket is needed before anything can be said. */
  get needsTicket(): boolean {
    return this.#opening !== undefined && !this.#opening.isOpened
  }

  /** Whether a message of this type begins a proof: an offer, or where none is under way a word that goes on. */
  isBegunBy(type: PairMessage['type']): boolean {
    if (!this.isNewcomerHere || (this.#pairing !== undefined && !this.#isDoubted)) return false
    return type === 'open' || (type === 'renew' && this.#opening === undefined)
  }

  /** Whether a ticket is opened and not answered. */
  get isOpening(): boolean {
    return this.#opening?.isOpened === true
  }

  /** Takes a message to be sent; false when too many wait. */
  push(message: SealedMessage): boolean {
    if (this.#queue.length >= maxQueued) return false
    this.#queue.push(message)
    return true
  }

  /**
   * Begins to pair as the newcomer: this goes out with the next ticket, sealed as an offer. A pairing that there is goes
   * on until another one has taken its place.
   */
  begin({ type, body }: SealedMessage): void {
    this.abandon()
    // What was said before an offer is of a connection that is no more.
    if (this.#pairing === undefined || type === 'offer') this.#queue.length = 0
    this.#opening = { messages: [{ type: 'offer', body }], isOpened: false }
  }

  /** Whether it is worth another proof that the pairing is said to be unknown: anybody may say so, and often. */
  takeDoubt(now: Millis): boolean {
    this.#isDoubted = now >= this.#doubtsFullAt - (doubtBurst - 1) * doubtPauseMs
    if (this.#isDoubted) this.#doubtsFullAt = Math.max(this.#doubtsFullAt, now) + doubtPauseMs
    return this.#isDoubted
  }

  /** The other side has the pairing after all: what was to begin another one goes out in it. */
  resume(): void {
    this.#queue.unshift(...(this.#opening?.messages ?? []))
    this.#isDoubted = false
    this.abandon()
  }

  /** Takes an envelope of the pairing that there is, and says again what the other side may have missed. */
  receive(octets: Uint8Array, now: Millis): Reception {
    const reception = this.#pairing?.receive(octets, now) ?? 'foreign'
    if (reception === 'duplicate' && this.delivery.takeRepeat(now)) this.resend()
    return reception
  }

  /** Opens a ticket that the server says is theirs. What it returns is why that did not happen. */
  open(octets: Uint8Array, now: Millis): 'useless' | 'notNow' | undefined {
    const [offer, ...others] = this.#opening?.messages ?? []
    if (this.#opening === undefined || offer === undefined) return undefined
    this.#retryAt = Infinity
    const ticket = this.#entry.examine(octets, this.octets)
    if (typeof ticket === 'string' || ticket.member.door !== 'open') return 'useless'
    const outcome = this.#entry.open(ticket, offer)
    if (outcome.type === 'refused') {
      return outcome.reason === 'tooManyUnconfirmed' || outcome.reason === 'alreadyOpened'
        ? 'notNow'
        : 'useless'
    }
    this.#opening.isOpened = true
    this.#send(outcome.open)
    for (const { body } of others) this.#sealCandidates(body)
    this.flush(now)
    return undefined
  }

  /** A ticket was asked for; the server may not have heard it. */
  expectTicket(now: Millis): void {
    this.#retryAt = now + expectMs
  }

  /** The last ticket was of no use: another one is asked for soon. */
  retry(now: Millis): void {
    this.#entry.abandon(this.octets)
    if (this.#opening !== undefined) this.#opening.isOpened = false
    this.#retryAt = now + retryMs
  }

  /** Whether another ticket is to be asked for now. */
  takeRetry(now: Millis): boolean {
    if (now < this.#retryAt) return false
    this.#retryAt = Infinity
    return this.needsTicket
  }

  /** Both have proved the code. What waited for the pairing before is of no more use to anybody. */
  pair(pairing: Pairing): void {
    this.#pairing?.close()
    if (pairing.role === 'member') this.#queue.length = 0
    this.#opening = undefined
    this.#retryAt = Infinity
    this.#doubtsFullAt = -Infinity
    this.#isDoubted = false
    this.#pairing = pairing
    this.delivery.settle()
  }

  /** Seals what there is room for. */
  flush(now: Millis): void {
    // What follows an opening belongs to the pairing that comes of it, or goes on once there is none to come.
    if (this.#opening !== undefined) {
      this.#flushOpening(this.#opening)
      return
    }
    const channel = this.#pairing?.channel
    while (channel !== undefined && channel.failure === undefined) {
      const [message] = this.#queue
      const octets = message && channel.seal(message)
      if (octets === undefined) break
      this.#queue.shift()
      this.delivery.settle()
      this.#post(octets, now)
    }
  }

  /** Everything that the other side may not have, once more. */
  resend(): void {
    this.isStalled = false
    for (const octets of this.unacknowledged()) this.#send(octets)
  }

  /** An acknowledgement by itself. */
  acknowledge(now: Millis): void {
    const octets = this.#pairing?.channel.sealAck()
    if (octets !== undefined) this.#post(octets, now)
  }

  /** What is to be sent again when no answer comes: not acknowledgements alone, which nothing answers. */
  awaited(): readonly Uint8Array[] {
    return this.#opening !== undefined || this.#pairing?.channel.isWaiting === true
      ? this.unacknowledged()
      : []
  }

  unacknowledged(): readonly Uint8Array[] {
    const opened = this.#opening === undefined ? [] : this.#entry.unacknowledged(this.octets)
    return [...opened, ...(this.#pairing?.channel.unacknowledged() ?? [])]
  }

  /** Gives up the pairing; its keys are wiped. */
  close(): void {
    this.abandon()
    this.#pairing?.close()
    this.#pairing = undefined
    this.#queue.length = 0
    // What was owed is owed no more: there is nothing to seal it with.
    this.delivery.settle()
  }

  /** Gives up waiting for an answer to an open ticket. */
  abandon(): void {
    if (this.#opening !== undefined) this.#entry.abandon(this.octets)
    this.#opening = undefined
    this.#retryAt = Infinity
  }

  pollTimeout(): Millis {
    const gap = this.#pairing?.channel.pollTimeout() ?? Infinity
    return Math.min(this.delivery.pollTimeout(), this.#retryAt, gap)
  }

  /** Before the answer only candidates may follow the offer (trust.md §3). Everything else waits for it. */
  #flushOpening(opening: Opening): void {
    while (this.#queue[0]?.type === 'candidates') {
      const [message] = this.#queue.splice(0, 1)
      if (message === undefined) return
      opening.messages.push(message)
      if (opening.isOpened) this.#sealCandidates(message.body)
    }
  }

  #sealCandidates(body: Uint8Array): void {
    const octets = this.#entry.sealCandidates(this.octets, body)
    if (octets !== undefined) this.#send(octets)
  }

  #post(octets: Uint8Array, now: Millis): void {
    // What can not be handed over now is among what is sent again.
    if (!this.isStalled && !this.#send(octets)) this.delivery.resendAt(now + repeatSoonMs)
  }
}
