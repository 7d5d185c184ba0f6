import { decodeBase64url } from '@crowfly/bytes'
import {
  openKind,
  type Pairing,
  PairRegistry,
  type RoomCode,
  type SealedMessage,
  TicketBook,
} from '@crowfly/pairing'
import type { Random } from '@crowfly/sansio'
import { decodePairMessage, encodePairMessage, type PairMessage } from '@crowfly/signaling'
import type { ServerMessage } from '@crowfly/signaling/wire'
import type { MemberId } from '../../snapshot.ts'
import { envelopeOf, type Ghost } from './ghost.ts'

/** A ghost that is in the room before its victims come, with a code that it knows or guesses. */
export class GhostMember {
  readonly ghost: Ghost
  readonly pairings = new Map<MemberId, Pairing>()
  /** The `open`s that came, and what became of each. */
  readonly outcomes: string[] = []
  /** Whether it says anything to those who come. */
  isSilent = false
  /** What it does with a message of somebody who has proved the code to it. */
  take: (from: MemberId, message: SealedMessage) => void = () => {}
  readonly #book: TicketBook

  constructor(ghost: Ghost, code: RoomCode, random: Random) {
    this.ghost = ghost
    this.#book = new TicketBook({ random, code, registry: new PairRegistry(ghost.octets) })
    ghost.listen = (message) => this.#hear(message)
  }

  /** Says something to somebody who has proved the code. */
  say(to: MemberId, message: PairMessage, type: SealedMessage['type'] = 'message'): void {
    this.seal(to, { type, body: encodePairMessage(message) })
  }

  seal(to: MemberId, message: SealedMessage): void {
    const octets = this.pairings.get(to)?.channel.seal(message)
    if (octets !== undefined) this.ghost.send(to, octets)
  }

  #hear(message: ServerMessage): void {
    if (message.type === 'ticketsWanted') {
      const tickets = Array.from({ length: Math.min(message.count, 16) }, () => this.#book.make())
      this.ghost.act({ type: 'leaveTickets', isAnew: false, tickets })
    }
    const envelope = envelopeOf(message)
    if (envelope?.envelope[0] === openKind) this.#open(envelope.from, envelope.envelope)
    else if (envelope !== undefined) this.#receive(envelope.from, envelope.envelope)
  }

  #open(from: MemberId, octets: Uint8Array): void {
    const outcome = this.#book.handleOpen(octets, decodeBase64url(from) ?? new Uint8Array(0), 0)
    this.outcomes.push(outcome.type)
    if (outcome.type === 'proven') {
      this.pairings.set(from, outcome.pairing)
      this.take(from, outcome.message)
    } else if (!this.isSilent && outcome.type !== 'malformed' && outcome.answer !== undefined) {
      this.ghost.send(from, outcome.answer)
    }
  }

  #receive(from: MemberId, octets: Uint8Array): void {
    const pairing = this.pairings.get(from)
    pairing?.receive(octets, 0)
    for (let next = pairing?.channel.shift(); next !== undefined; next = pairing?.channel.shift()) {
      this.take(from, next)
    }
    const ack = pairing?.channel.isAckDue ? pairing.channel.sealAck() : undefined
    if (ack !== undefined) this.ghost.send(from, ack)
  }
}

/** What a sealed message says of the call. Undefined for a roster. */
export function readMessage({ body }: SealedMessage): PairMessage | undefined {
  return decodePairMessage(body)
}
