import type { PathId } from '@crowfly/sansio'
import type { IceServer } from './ice-server.ts'
import type { MemberId } from './member-id.ts'
import type { PairMessage } from './pair-message.ts'

/** Why somebody is not let into a room. README.md has the remedies. */
export type RefusalCode =
  | 'unknownNameplate'
  | 'nobodyThere'
  | 'roomFull'
  | 'tooManyTries'
  | 'serverFull'
  | 'incompatibleServer'
  | 'malformed'

/** What a member's session tells its owner, and asks of its driver. */
export type MemberEvent =
  /**
   * Driver: open a connection, giving up an attempt that is still under way; then `handleOpen(path)`, or
   * `handleClose(path)` when it fails.
   */
  | { readonly type: 'connect' }
  /** Driver: send what `pollTransmit` still has, close, and `handleClose(path)`. */
  | { readonly type: 'disconnect'; readonly path: PathId }
  /** First time only. This side makes the offer to each of `members`. */
  | {
      readonly type: 'joined'
      readonly nameplate: string
      readonly members: readonly MemberId[]
      readonly iceServers: readonly IceServer[]
    }
  /** In place of those before: for connections to come, and for those that stand when they restart ICE. */
  | { readonly type: 'iceServersChanged'; readonly iceServers: readonly IceServer[] }
  /** Final. `retryAfterMs` is there when another try makes sense, with a new session. */
  | { readonly type: 'refused'; readonly code: RefusalCode; readonly retryAfterMs?: number }
  /** `isNewcomer`: they make the offer. Otherwise this side does: they were there before it (came back). */
  | { readonly type: 'memberJoined'; readonly member: MemberId; readonly isNewcomer: boolean }
  | { readonly type: 'memberLeft'; readonly member: MemberId; readonly reason: 'left' | 'expired' }
  /** Their connection to the server is gone and may come back; what is sent to them waits. */
  | { readonly type: 'memberAway'; readonly member: MemberId }
  | { readonly type: 'memberBack'; readonly member: MemberId }
  | { readonly type: 'message'; readonly from: MemberId; readonly message: PairMessage }
  | { readonly type: 'connectionLost'; readonly isServerStopping: boolean }
  | { readonly type: 'connectionRestored' }
  /** The first connection failed several times; the session goes on trying. */
  | { readonly type: 'unreachable' }
