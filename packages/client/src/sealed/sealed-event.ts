import type { OpenRoom, RoomCode } from '@crowfly/pairing'
import type { IceServer, MemberEvent, MemberId, PairMessage } from '@crowfly/signaling'
import type { HiddenMember } from './roster-watch.ts'

/** Events of the signaling session that concern the seal, and nobody above it. */
type Underlying =
  | 'looked'
  | 'lookRefused'
  | 'joined'
  | 'memberReturned'
  | 'envelope'
  | 'undeliverable'
  | 'ticket'
  | 'ticketsWanted'

/** Why a member did not let this side prove itself. Nobody vouches for it: the server may have said so. */
export type Unwelcome =
  /** The member says that the code is another one. */
  | 'wrongCode'
  /** Too many wrong codes were tried there. */
  | 'roomClosed'

/** What a sealed session tells its owner, and asks of its driver. */
export type SealedEvent =
  | Exclude<MemberEvent, { type: Underlying }>
  /** This side is in the room, or as good as: it makes the offer to each of `members`. */
  | {
      readonly type: 'joined'
      readonly code: RoomCode | OpenRoom
      readonly members: readonly MemberId[]
      readonly iceServers: readonly IceServer[]
    }
  /** Of a member who has proved to know the code: once and in order. */
  | { readonly type: 'message'; readonly from: MemberId; readonly message: PairMessage }
  /**
   * The two should prove the code anew, or so the server says. This side is the newcomer: an `open` or a `renew` to the
   * member begins that. What there is goes on.
   */
  | { readonly type: 'pairingLost'; readonly member: MemberId }
  | { readonly type: 'unwelcome'; readonly member: MemberId; readonly reason: Unwelcome }
  /** Somebody has tried wrong codes here: `closed`, too many for anybody new to be let in. */
  | { readonly type: 'guessed'; readonly guessing: 'guessing' | 'closed' }
  /** One member sees another whom this side does not: the server may keep them apart. */
  | ({ readonly type: 'memberHidden' } & HiddenMember)
