import { encodeBase64url, encodeUtf8, equalConstantTime } from '@crowfly/bytes'
import type { Millis, Random } from '@crowfly/sansio'
import type { OpenRoom, RoomCode } from '../code/room-code.ts'
import { Pairing } from '../pairing.ts'
import { PairingError } from '../pairing-error.ts'
import { maxBodyBytes } from '../seal/plaintext.ts'
import { SealedChannel, type SealedMessage } from '../seal/sealed-channel.ts'
import { commitTo } from '../verify/commitment.ts'
import { encodeNewcomerAssociated, nonceBytes } from './associated-data.ts'
import { checkTicket, type TicketFault } from './checked-ticket.ts'
import { EarlyFrames } from './early-frames.ts'
import { encodeOpen } from './open-message.ts'
import { OpeningBudget, type OpeningLimit } from './opening-budget.ts'
import type { PairRegistry } from './pair-registry.ts'
import { isProven, type Proof, proveAsNewcomer } from './proof.ts'
import { decodeRefusal, type RefusalReason } from './refusal.ts'
import { decodeReply } from './reply.ts'
import { RoomSecret } from './room-secret.ts'
import type { MalformedMessage, Ticket } from './ticket.ts'
import { pairingVersions } from './versions.ts'

/** What became of opening a ticket. */
export type TicketOutcome =
  /** Send it to the member, and again as it is until they answer. */
  | { readonly type: 'opened'; readonly open: Uint8Array }
  | { readonly type: 'refused'; readonly reason: OpeningLimit | 'badShare' | 'alreadyOpened' }

/** What became of a `reply`. */
export type ReplyOutcome =
  /** They know the code. What they say is on the channel. */
  | { readonly type: 'confirmed'; readonly pairing: Pairing }
  /** Forged, damaged, or of no ticket that waits: nothing has changed. */
  | {
      readonly type: 'dropped'
      readonly reason: 'notAwaited' | 'wrongTag' | 'badEnvelope' | MalformedMessage
    }
  /** They know the code and break the rules; with `wrongNonce` perhaps to stand between two people. */
  | { readonly type: 'broken'; readonly reason: 'wrongNonce' | 'badEnvelope' }

/** A ticket that is opened and waits for its `reply`. */
interface Opened {
  readonly ticket: Ticket
  readonly proof: Proof
  readonly channel: SealedChannel
  readonly nonce: Uint8Array
  readonly early: EarlyFrames
}

/** The newcomer's side of a code, once it is entered: opens the tickets of the members who are there. */
export class CodeEntry {
  readonly #random: Random
  readonly #secret: RoomSecret
  readonly #registry: PairRegistry
  readonly #budget = new OpeningBudget()
  /** By the member's id. */
  readonly #opened = new Map<string, Opened>()

  /** Throws `PAIRING_PASSWORD` on a code without a secret. */
  constructor({
    random,
    code,
    registry,
  }: { random: Random; code: RoomCode | OpenRoom; registry: PairRegistry }) {
    this.#random = random
    this.#secret = new RoomSecret(code)
    this.#registry = registry
  }

  /** Reads a ticket that the server says is from `sender`. `member.door` of it says what to open it with. */
  examine(octets: Uint8Array, sender: Uint8Array): Ticket | TicketFault {
    return checkTicket(octets, sender, this.#registry, pairingVersions)
  }

  /**
   * Opens a ticket: with a `knock` when the member holds the door, else with an `offer` (`PAIRING_DOOR` is thrown on
   * anything else). Whoever forged the ticket learns from the answer whether their one guess was right, so these are
   * counted.
   */
  open(ticket: Ticket, message: SealedMessage): TicketOutcome {
    const { id, door } = ticket.member
    const due = door === 'knock' ? 'knock' : 'offer'
    if (message.type !== due) throw new PairingError('PAIRING_DOOR', `this ticket is opened with a ${due}`)
    if (message.body.length > maxBodyBytes) {
      throw new PairingError(
        'PAIRING_BODY',
        `${message.body.length} octets; at most ${maxBodyBytes} can be sealed`,
      )
    }
    if (this.#opened.has(encodeBase64url(id))) return { type: 'refused', reason: 'alreadyOpened' }
    const limit = this.#budget.spend(id)
    if (limit !== undefined) return { type: 'refused', reason: limit }
    const nonce = new Uint8Array(nonceBytes)
    this.#random.fill(nonce)
    const associated = encodeNewcomerAssociated({
      id: this.#registry.id,
      version: ticket.version,
      versions: pairingVersions,
      nonce,
    })
    const input = this.#secret.input(ticket.sid)
    const proven = proveAsNewcomer(input, ticket, associated, this.#random)
    const channel = proven && this.#makeChannel(ticket, associated, proven.share, proven.proof)
    const open = channel?.seal(message)
    if (proven === undefined || channel === undefined || open === undefined) {
      this.#budget.settle(id)
      return { type: 'refused', reason: 'badShare' }
    }
    const { proof } = proven
    this.#opened.set(encodeBase64url(id), { ticket, proof, channel, nonce, early: new EarlyFrames() })
    return { type: 'opened', open }
  }

  /** Takes a `reply`. Nothing sealed is opened before its tag was found right. */
  handleReply(octets: Uint8Array, from: Uint8Array, now: Millis): ReplyOutcome {
    const reply = decodeReply(octets)
    if (typeof reply === 'string') return { type: 'dropped', reason: reply }
    const opened = this.#opened.get(encodeBase64url(from))
    if (opened === undefined) return { type: 'dropped', reason: 'notAwaited' }
    const { ticket, proof, channel, nonce, early } = opened
    if (!isProven(proof, reply.tag)) return { type: 'dropped', reason: 'wrongTag' }
    const reception = channel.receive(reply.envelope, now)
    const memberNonce = channel.peerPreamble
    // An envelope that was altered on its way leaves everything as it was, the tag's rightness too.
    if (reception !== 'opened' && reception !== 'failed') return { type: 'dropped', reason: 'badEnvelope' }
    this.#opened.delete(encodeBase64url(from))
    this.#budget.settle(from)
    if (memberNonce === undefined || channel.failure !== undefined) {
      return this.#breakOff(opened, 'badEnvelope')
    }
    if (!equalConstantTime(commitTo(memberNonce, ticket.sid), ticket.member.commitment)) {
      return this.#breakOff(opened, 'wrongNonce')
    }
    for (const frame of early.take()) channel.receive(frame, now)
    const pairing = new Pairing({
      role: 'newcomer',
      peer: ticket.member.id,
      keys: proof.keys,
      channel,
      memberNonce,
      newcomerNonce: nonce,
      registry: this.#registry,
    })
    return { type: 'confirmed', pairing }
  }

  /** Keeps an envelope that has overtaken the `reply`. */
  handleEnvelope(octets: Uint8Array, from: Uint8Array): void {
    this.#opened.get(encodeBase64url(from))?.early.add(octets)
  }

  /** Takes a refusal, which anybody may have written. Undefined when it is none, or of no ticket that waits. */
  handleRefusal(octets: Uint8Array, from: Uint8Array): RefusalReason | undefined {
    const refusal = decodeRefusal(octets)
    const opened = this.#opened.get(encodeBase64url(from))
    if (typeof refusal === 'string' || opened === undefined) return undefined
    if (!equalConstantTime(refusal.ticketId, opened.ticket.id)) return undefined
    if (refusal.reason !== 'later') this.abandon(from)
    return refusal.reason
  }

  /**
   * Seals candidates for a member that has not answered yet: with names and descriptions all that may go out before.
   * Undefined when no ticket waits, or too much is on its way.
   */
  sealCandidates(member: Uint8Array, body: Uint8Array): Uint8Array | undefined {
    return this.#opened.get(encodeBase64url(member))?.channel.seal({ type: 'candidates', body })
  }

  /** What a member that has not answered may not have, the `open` first: to be sent again as it is. */
  unacknowledged(member: Uint8Array): readonly Uint8Array[] {
    return this.#opened.get(encodeBase64url(member))?.channel.unacknowledged() ?? []
  }

  /** A member that is confirmed has told in its roster that it sees these. */
  vouch(members: readonly Uint8Array[]): void {
    this.#budget.vouch(members)
  }

  /** Gives up waiting for a member: they have left. */
  abandon(member: Uint8Array): void {
    const opened = this.#opened.get(encodeBase64url(member))
    this.#opened.delete(encodeBase64url(member))
    this.#budget.settle(member)
    opened?.channel.close()
    opened?.proof.keys.wipe()
  }

  /** Wipes every secret. Pairings go on. */
  close(): void {
    for (const { ticket } of this.#opened.values()) this.abandon(ticket.member.id)
    this.#secret.wipe()
  }

  #breakOff(opened: Opened, reason: 'wrongNonce' | 'badEnvelope'): ReplyOutcome {
    opened.channel.close()
    opened.proof.keys.wipe()
    return { type: 'broken', reason }
  }

  #makeChannel(ticket: Ticket, associated: Uint8Array, share: Uint8Array, proof: Proof): SealedChannel {
    return new SealedChannel({
      keys: proof.keys,
      pid: proof.pid,
      nameplate: encodeUtf8(this.#secret.nameplate),
      own: this.#registry.id,
      peer: ticket.member.id,
      wrapFirst: (envelope) =>
        encodeOpen({ ticketId: ticket.id, share, tag: proof.ownTag, associated, envelope }),
      preamble: new Uint8Array(0),
      peerPreambleBytes: nonceBytes,
    })
  }
}
