import { decodeBase64url } from '@crowfly/bytes'
import {
  CodeEntry,
  type Pairing,
  PairRegistry,
  type RoomCode,
  refusalKind,
  replyKind,
  type SealedMessage,
} from '@crowfly/pairing'
import type { ServerMessage } from '@crowfly/signaling/wire'
import type { SeededRandom } from '@crowfly/testkit'
import type { MemberId } from '../../snapshot.ts'
import { envelopeOf, type Ghost } from './ghost.ts'

/** Milliseconds after which it asks again for a ticket that does not come. */
const impatienceMs = 1_000

/** A ghost that comes to a member, with a code that it knows, or with one guess after the other. */
export class GhostNewcomer {
  readonly ghost: Ghost
  readonly #victim: MemberId
  readonly #nextCode: () => RoomCode
  readonly #offer: () => SealedMessage
  readonly #random: SeededRandom
  #entry: CodeEntry | undefined
  #open: Uint8Array | undefined
  pairing: Pairing | undefined
  /** What the member's answers were. */
  readonly answers: string[] = []
  /** What it does with a message of the member, once both have proved the code. */
  take: (message: SealedMessage) => void = () => {}

  constructor(options: {
    ghost: Ghost
    victim: MemberId
    /** Asked for each ticket. */
    nextCode: () => RoomCode
    offer: () => SealedMessage
    random: SeededRandom
  }) {
    this.ghost = options.ghost
    this.#victim = options.victim
    this.#nextCode = options.nextCode
    this.#offer = options.offer
    this.#random = options.random
    this.ghost.listen = (message) => this.#hear(message)
  }

  /** Begins; it is in the room already. */
  ask(): void {
    this.ghost.act({ type: 'askTicket', memberId: this.#victim })
  }

  seal(message: SealedMessage): void {
    const octets = this.pairing?.channel.seal(message)
    if (octets !== undefined) this.ghost.send(this.#victim, octets)
  }

  #hear(message: ServerMessage): void {
    if (message.type === 'ticket') this.#try(message.ticket)
    const envelope = envelopeOf(message)?.envelope
    if (envelope?.[0] === replyKind && this.pairing === undefined) this.#confirm(envelope)
    else if (envelope?.[0] === refusalKind) this.#handleRefusal(envelope)
    else if (envelope !== undefined) this.#receive(envelope)
  }

  #try(octets: Uint8Array): void {
    const code = this.#nextCode()
    this.#entry = new CodeEntry({ random: this.#random, code, registry: new PairRegistry(this.ghost.octets) })
    const ticket = this.#entry.examine(octets, this.#victimOctets)
    if (typeof ticket === 'string') throw new TypeError(`a stolen ticket is ${ticket}`)
    const opened = this.#entry.open(ticket, this.#offer())
    if (opened.type !== 'opened') throw new TypeError(opened.reason)
    this.#open = opened.open
    this.ghost.send(this.#victim, opened.open)
  }

  #handleRefusal(octets: Uint8Array): void {
    const reason = this.#entry?.handleRefusal(octets, this.#victimOctets)
    if (reason === undefined) return
    this.answers.push(reason)
    const open = this.#open
    // The bucket of guesses is empty: the same one comes again when it is not.
    if (reason === 'later' && open !== undefined) {
      this.ghost.later(impatienceMs, () => this.ghost.send(this.#victim, open))
    } else if (reason !== 'closed') this.ask()
  }

  #confirm(octets: Uint8Array): void {
    const outcome = this.#entry?.handleReply(octets, this.#victimOctets, 0)
    if (outcome?.type !== 'confirmed') return
    this.pairing = outcome.pairing
    this.answers.push('confirmed')
    this.#drain()
  }

  #receive(octets: Uint8Array): void {
    this.pairing?.receive(octets, 0)
    this.#drain()
  }

  #drain(): void {
    const channel = this.pairing?.channel
    for (let next = channel?.shift(); next !== undefined; next = channel?.shift()) this.take(next)
    const ack = channel?.isAckDue ? channel.sealAck() : undefined
    if (ack !== undefined) this.ghost.send(this.#victim, ack)
  }

  get #victimOctets(): Uint8Array {
    return decodeBase64url(this.#victim) ?? new Uint8Array(0)
  }
}
