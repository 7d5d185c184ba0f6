import { equalConstantTime } from '@crowfly/bytes'
import {
  answerUnknown,
  CodeEntry,
  decodeUnknown,
  envelopeKind,
  type GuessWarning,
  type OpenRoom,
  openKind,
  type Pairing,
  PairRegistry,
  type RoomCode,
  refusalKind,
  replyKind,
  type SealedMessage,
  TicketBook,
  unknownKind,
} from '@crowfly/pairing'
import type { Millis, Random } from '@crowfly/sansio'
import type { SealedMember } from './sealed-member.ts'

/** Milliseconds after which an `open` may come again that was refused for now. */
const laterMs = 10_000

/** What comes of octets that a member sent, besides what is on the member's channel. */
export type DeskOutcome =
  /** Both have proved the code. `message`: what the newcomer began with. */
  | { readonly type: 'paired'; readonly pairing: Pairing; readonly message?: SealedMessage }
  | { readonly type: 'answer'; readonly octets: Uint8Array }
  /** They have tried a wrong code; `octets` says so to them. */
  | { readonly type: 'guessed'; readonly octets: Uint8Array; readonly warning: GuessWarning | undefined }
  /** They do not let this side prove itself. */
  | { readonly type: 'unwelcome'; readonly reason: 'wrongCode' | 'roomClosed' }
  /** They say that they do not know the pairing. Nobody vouches for that. */
  | { readonly type: 'doubted' }
  | undefined

/** The proofs of one page under one code: what it leaves for newcomers, and what comes of what they and others send. */
export class PairingDesk {
  readonly code: RoomCode | OpenRoom
  readonly entry: CodeEntry
  readonly #registry: PairRegistry
  readonly #book: TicketBook

  constructor(ownId: Uint8Array, code: RoomCode | OpenRoom, random: Random) {
    this.code = code
    this.#registry = new PairRegistry(ownId)
    const parts = { random, code, registry: this.#registry }
    this.#book = new TicketBook(parts)
    this.entry = new CodeEntry(parts)
  }

  makeTickets(count: number): readonly Uint8Array[] {
    return Array.from({ length: count }, () => this.#book.make())
  }

  /** The pairing goes on, and another one of the same member may take its place. */
  doubt({ octets }: SealedMember): void {
    this.#registry.doubt(octets)
  }

  /** Takes what the server says is from a member. */
  receive(member: SealedMember, octets: Uint8Array, now: Millis): DeskOutcome {
    switch (octets[0]) {
      case envelopeKind:
        return this.#receiveEnvelope(member, octets, now)
      case openKind:
        return this.#receiveOpen(member, octets, now)
      case replyKind:
        return this.#receiveReply(member, octets, now)
      case refusalKind:
        return this.#receiveRefusal(member, octets, now)
      case unknownKind:
        return this.#receiveUnknown(member, octets)
      default:
        return undefined
    }
  }

  close(): void {
    this.#book.close()
    this.entry.close()
  }

  #receiveEnvelope(member: SealedMember, octets: Uint8Array, now: Millis): DeskOutcome {
    const reception = member.receive(octets, now)
    if (reception !== 'foreign') return undefined
    if (member.isOpening) this.entry.handleEnvelope(octets, member.octets)
    else if (member.delivery.takeRepeat(now)) return answer(answerUnknown(octets))
    return undefined
  }

  #receiveOpen(member: SealedMember, octets: Uint8Array, now: Millis): DeskOutcome {
    // Of two members only the newcomer opens.
    if (member.isNewcomerHere) return undefined
    const outcome = this.#book.handleOpen(octets, member.octets, now)
    if (outcome.type === 'malformed') return undefined
    if (outcome.type === 'proven') {
      return { type: 'paired', pairing: outcome.pairing, message: outcome.message }
    }
    if (outcome.type !== 'guessed') return answer(outcome.answer)
    return { type: 'guessed', octets: outcome.answer, warning: outcome.warning }
  }

  #receiveReply(member: SealedMember, octets: Uint8Array, now: Millis): DeskOutcome {
    const outcome = member.isOpening ? this.entry.handleReply(octets, member.octets, now) : undefined
    if (outcome?.type === 'confirmed') return { type: 'paired', pairing: outcome.pairing }
    if (outcome?.type === 'broken') return { type: 'unwelcome', reason: 'wrongCode' }
    // Once more the first envelope of the pairing that there is.
    member.receive(octets, now)
    return undefined
  }

  #receiveRefusal(member: SealedMember, octets: Uint8Array, now: Millis): DeskOutcome {
    if (!member.isOpening) return undefined
    switch (this.entry.handleRefusal(octets, member.octets)) {
      case undefined:
        return undefined
      case 'later':
        member.delivery.resendAt(now + laterMs)
        return undefined
      case 'wrongCode':
        return { type: 'unwelcome', reason: 'wrongCode' }
      case 'closed':
        return { type: 'unwelcome', reason: 'roomClosed' }
      case 'misdirected':
        // They still have the pairing that this side was told they had not.
        if (member.pairing !== undefined) member.resume()
        else member.retry(now)
        return undefined
      default:
        member.retry(now)
        return undefined
    }
  }

  #receiveUnknown({ pairing }: SealedMember, octets: Uint8Array): DeskOutcome {
    const pid = decodeUnknown(octets)
    const isOurs = pid !== undefined && pairing !== undefined && equalConstantTime(pid, pairing.pid)
    return isOurs ? { type: 'doubted' } : undefined
  }
}

function answer(octets: Uint8Array | undefined): DeskOutcome {
  return octets && { type: 'answer', octets }
}
