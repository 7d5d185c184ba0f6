import type { Random } from '@crowfly/sansio'
import { makeShare } from '../cpace/cpace.ts'
import { commitTo } from '../verify/commitment.ts'
import { encodeMemberAssociated, nonceBytes } from './associated-data.ts'
import type { Door } from './door.ts'
import type { RoomSecret } from './room-secret.ts'
import { encodeTicket, sidBytes, ticketIdBytes } from './ticket.ts'

/** What a member keeps of a ticket until somebody opens it. */
export interface MadeTicket {
  readonly id: Uint8Array
  readonly memberId: Uint8Array
  readonly version: number
  readonly versions: readonly number[]
  readonly door: Door
  readonly sid: Uint8Array
  /** CPace's ya, for one `open`. */
  readonly scalar: Uint8Array
  /** CPace's Ya and ADa. */
  readonly share: Uint8Array
  readonly associated: Uint8Array
  /** The member's part of the emoji, that the ticket commits to. */
  readonly nonce: Uint8Array
  /** The ticket itself, for the server. */
  readonly octets: Uint8Array
}

/** What a ticket is made for. */
export interface TicketPurpose {
  readonly secret: RoomSecret
  readonly memberId: Uint8Array
  readonly door: Door
  readonly version: number
  /** All that the member speaks. */
  readonly versions: readonly number[]
}

/** A new ticket. */
export function makeTicket(purpose: TicketPurpose, random: Random): MadeTicket {
  const draw = (length: number): Uint8Array => {
    const octets = new Uint8Array(length)
    random.fill(octets)
    return octets
  }
  const { memberId, version, versions, door } = purpose
  const id = draw(ticketIdBytes)
  const sid = draw(sidBytes)
  const nonce = draw(nonceBytes)
  const { scalar, share } = makeShare(purpose.secret.input(sid), random)
  const commitment = commitTo(nonce, sid)
  const associated = encodeMemberAssociated({ id: memberId, versions, door, commitment })
  const octets = encodeTicket({ version, id, sid, share, associated })
  return { id, memberId, version, versions, door, sid, scalar, share, associated, nonce, octets }
}
