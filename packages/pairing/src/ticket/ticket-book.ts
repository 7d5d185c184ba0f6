import { encodeBase64url, encodeUtf8 } from '@crowfly/bytes'
import type { Millis, Random } from '@crowfly/sansio'
import type { OpenRoom, RoomCode } from '../code/room-code.ts'
import { Pairing } from '../pairing.ts'
import { SealedChannel, type SealedMessage } from '../seal/sealed-channel.ts'
import type { Door } from './door.ts'
import { GuessBudget, type GuessWarning } from './guess-budget.ts'
import { type MadeTicket, makeTicket } from './made-ticket.ts'
import { decodeOpen, type OpenMessage } from './open-message.ts'
import type { PairRegistry } from './pair-registry.ts'
import { isProven, type Proof, proveAsMember } from './proof.ts'
import { encodeRefusal, type RefusalReason } from './refusal.ts'
import { encodeReply } from './reply.ts'
import { RoomSecret } from './room-secret.ts'
import { SpentTickets } from './spent-tickets.ts'
import type { MalformedMessage } from './ticket.ts'
import { highestCommonVersion, pairingVersions } from './versions.ts'

/** Tickets that may wait to be opened; beyond that the oldest is erased. */
const maxTickets = 64

/** What became of an `open`. `answer` is to be sent to the newcomer; it is undefined when nothing is. */
export type OpenOutcome =
  /** They know the code. Seal an answer on the channel: the first frame is the `reply`. */
  | { readonly type: 'proven'; readonly pairing: Pairing; readonly message: SealedMessage }
  /** It was answered before. */
  | { readonly type: 'repeated'; readonly answer: Uint8Array | undefined }
  | { readonly type: 'refused'; readonly reason: RefusalReason; readonly answer: Uint8Array }
  /** A guess: it is counted, and the ticket is burnt. */
  | { readonly type: 'guessed'; readonly warning: GuessWarning | undefined; readonly answer: Uint8Array }
  /** They know the code and break the rules. */
  | { readonly type: 'broken'; readonly answer: Uint8Array }
  | { readonly type: 'malformed'; readonly reason: MalformedMessage }

/** The member's side of a code: makes tickets for newcomers and takes what they open them with. */
export class TicketBook {
  readonly #random: Random
  readonly #secret: RoomSecret
  readonly #registry: PairRegistry
  readonly #budget: GuessBudget
  readonly #tickets = new Map<string, MadeTicket>()
  readonly #spent = new SpentTickets()
  #door: Door = 'open'

  /** Throws `PAIRING_PASSWORD` on a code without a secret. */
  constructor({
    random,
    code,
    registry,
  }: { random: Random; code: RoomCode | OpenRoom; registry: PairRegistry }) {
    this.#random = random
    this.#secret = new RoomSecret(code)
    this.#registry = registry
    this.#budget = new GuessBudget(code.kind)
  }

  get door(): Door {
    return this.#door
  }

  /** Holds the door or opens it. Tickets that say otherwise are erased: withdraw them, and leave new ones. */
  setDoor(door: Door): void {
    if (door !== this.#door) this.#eraseTickets()
    this.#door = door
  }

  /** Guesses so far, and whether nobody new is admitted any more. */
  get guesses(): { readonly count: number; readonly isClosed: boolean } {
    return { count: this.#budget.wrong, isClosed: this.#budget.isClosed }
  }

  /** A ticket for one newcomer, to be left with the server. */
  make(): Uint8Array {
    const ticket = makeTicket(
      {
        secret: this.#secret,
        memberId: this.#registry.id,
        door: this.#door,
        version: Math.max(...pairingVersions),
        versions: pairingVersions,
      },
      this.#random,
    )
    this.#tickets.set(encodeBase64url(ticket.id), ticket)
    const [oldest] = this.#tickets.values()
    if (this.#tickets.size > maxTickets && oldest !== undefined) this.#take(oldest.id)?.scalar.fill(0)
    return ticket.octets
  }

  /** Takes an `open`, and the id that the server says it is from. Nothing of the octets is kept. */
  handleOpen(octets: Uint8Array, from: Uint8Array, now: Millis): OpenOutcome {
    const open = decodeOpen(octets)
    if (typeof open === 'string') return { type: 'malformed', reason: open }
    const before = this.#spent.find(open, from)
    if (before !== undefined) return { type: 'repeated', answer: before.answer }
    const ticket = this.#tickets.get(encodeBase64url(open.ticketId))
    if (ticket === undefined) return refuse(open, 'spentTicket')
    const fault = this.#findFault(ticket, open, from, now)
    if (fault !== undefined) return refuse(open, fault)
    this.#take(ticket.id)
    return this.#evaluate(ticket, open, from, now)
  }

  /** Nobody is admitted any more, and every secret is wiped. Pairings go on. */
  close(): void {
    this.#eraseTickets()
    this.#spent.clear()
    this.#secret.wipe()
  }

  /** What speaks against looking at a proof. The ticket stays as it is then, and the same `open` may come again. */
  #findFault(
    ticket: MadeTicket,
    open: OpenMessage,
    from: Uint8Array,
    now: Millis,
  ): RefusalReason | undefined {
    if (this.#registry.check(open.newcomer.id, from) !== undefined) return 'misdirected'
    const { version, versions } = open.newcomer
    const isHighest = version === highestCommonVersion(ticket.versions, versions)
    if (version !== ticket.version || !isHighest) return 'wrongVersion'
    if (this.#budget.isClosed) return 'closed'
    return this.#budget.wait(now) > 0 ? 'later' : undefined
  }

  /** The ticket is spent from here on, whatever comes of it (CPace §10.9). */
  #evaluate(ticket: MadeTicket, open: OpenMessage, from: Uint8Array, now: Millis): OpenOutcome {
    const proof = proveAsMember(ticket.sid, ticket.scalar, ticket, open)
    if (proof === undefined || !isProven(proof, open.tag)) {
      proof?.keys.wipe()
      const { answer } = this.#burn(open, from)
      return { type: 'guessed', warning: this.#budget.spend(now), answer }
    }
    const channel = this.#makeChannel(proof, ticket, open)
    const reception = channel.receive(open.envelope, now)
    const message = channel.shift()
    const isDue = message?.type === (ticket.door === 'knock' ? 'knock' : 'offer')
    if (reception !== 'opened' || message === undefined || !isDue) {
      channel.close()
      proof.keys.wipe()
      return { type: 'broken', ...this.#burn(open, from) }
    }
    const pairing = new Pairing({
      role: 'member',
      peer: open.newcomer.id,
      keys: proof.keys,
      channel,
      memberNonce: ticket.nonce,
      newcomerNonce: open.newcomer.nonce,
      registry: this.#registry,
    })
    this.#spent.add(open, from, () => channel.firstFrame)
    return { type: 'proven', pairing, message }
  }

  #makeChannel(proof: Proof, ticket: MadeTicket, open: OpenMessage): SealedChannel {
    return new SealedChannel({
      keys: proof.keys,
      pid: proof.pid,
      nameplate: encodeUtf8(this.#secret.nameplate),
      own: ticket.memberId,
      peer: open.newcomer.id,
      wrapFirst: (envelope) => encodeReply({ tag: proof.ownTag, envelope }),
      preamble: ticket.nonce,
      peerPreambleBytes: 0,
    })
  }

  #burn(open: OpenMessage, from: Uint8Array): { answer: Uint8Array } {
    const { answer } = refuse(open, 'wrongCode')
    this.#spent.add(open, from, () => answer)
    return { answer }
  }

  #take(ticketId: Uint8Array): MadeTicket | undefined {
    const key = encodeBase64url(ticketId)
    const ticket = this.#tickets.get(key)
    this.#tickets.delete(key)
    return ticket
  }

  #eraseTickets(): void {
    for (const { scalar } of this.#tickets.values()) scalar.fill(0)
    this.#tickets.clear()
  }
}

function refuse(open: OpenMessage, reason: RefusalReason): Extract<OpenOutcome, { type: 'refused' }> {
  return { type: 'refused', reason, answer: encodeRefusal({ ticketId: open.ticketId, reason }) }
}
