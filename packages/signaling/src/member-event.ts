import type { PathId } from '@crowfly/sansio'
import type { IceServer } from './ice-server.ts'
import type { MemberId } from './member-id.ts'

/** Why somebody is not let into a room. README.md has the remedies. */
export type RefusalCode =
  | 'unknownNameplate'
  | 'nobodyThere'
  | 'roomFull'
  | 'tooManyTries'
  | 'serverFull'
  | 'incompatibleServer'
  | 'malformed'
  | 'notAllowed'

/** Somebody who is in the room. */
export interface PresentMember {
  readonly id: MemberId
  readonly isAway: boolean
  /** What they have left for whoever comes: the octets are theirs. Undefined when there is none now. */
  readonly ticket: Uint8Array | undefined
}

/** What a member's session tells its owner, and asks of its driver. */
export type MemberEvent =
  /**
   * Driver: open a connection, giving up an attempt that is still under way; then `handleOpen(path)`, or
   * `handleClose(path)` when it fails.
   */
  | { readonly type: 'connect' }
  /** Driver: send what `pollTransmit` still has, close, and `handleClose(path)`. */
  | { readonly type: 'disconnect'; readonly path: PathId }
  /** Who is there, for one who has only looked. */
  | {
      readonly type: 'looked'
      readonly members: readonly PresentMember[]
      readonly iceServers: readonly IceServer[]
    }
  /** The look was not granted. Nothing else has happened. */
  | { readonly type: 'lookRefused'; readonly code: RefusalCode }
  /** First time only. This side makes the offer to each of `members`. */
  | {
      readonly type: 'joined'
      readonly nameplate: string
      readonly members: readonly PresentMember[]
      readonly iceServers: readonly IceServer[]
    }
  /** In place of those before: for connections to come, and for those that stand when they restart ICE. */
  | { readonly type: 'iceServersChanged'; readonly iceServers: readonly IceServer[] }
  /** Final. `retryAfterMs` is there when another try makes sense, with a new session. */
  | { readonly type: 'refused'; readonly code: RefusalCode; readonly retryAfterMs?: number }
  /** `isNewcomer`: they make the offer. Otherwise this side does: they were there before it (came back). */
  | { readonly type: 'memberJoined'; readonly member: MemberId; readonly isNewcomer: boolean }
  /** Still or again in the room, after a server had forgotten one of the two: what was sent may have been lost. */
  | { readonly type: 'memberReturned'; readonly member: MemberId }
  | { readonly type: 'memberLeft'; readonly member: MemberId; readonly reason: 'left' | 'expired' }
  /** Their connection to the server is gone and may come back; what is sent to them waits. */
  | { readonly type: 'memberAway'; readonly member: MemberId }
  | { readonly type: 'memberBack'; readonly member: MemberId }
  /** Octets that a member sent: once and in order as long as the server remembers both. The owner's to keep. */
  | { readonly type: 'envelope'; readonly from: MemberId; readonly envelope: Uint8Array }
  /** What was sent to them was not, or not all of it: they are not there, or their mailbox is full. */
  | { readonly type: 'undeliverable'; readonly to: MemberId }
  /** A ticket that was asked for. */
  | { readonly type: 'ticket'; readonly from: MemberId; readonly ticket: Uint8Array }
  /** The server has few tickets of this member left: `leaveTickets`. */
  | { readonly type: 'ticketsWanted'; readonly count: number }
  | { readonly type: 'connectionLost'; readonly isServerStopping: boolean }
  | { readonly type: 'connectionRestored' }
  /** The first connection failed several times; the session goes on trying. */
  | { readonly type: 'unreachable' }
