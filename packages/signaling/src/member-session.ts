import type { ConnectionMachine, Datagram, Millis, PathId, Random } from '@crowfly/sansio'
import type { IceServer } from './ice-server.ts'
import type { MemberId } from './member-id.ts'
import type { PairMessage } from './pair-message.ts'

export type RefusalCode =
  | 'unknownNameplate'
  | 'nobodyThere'
  | 'roomFull'
  | 'tooManyTries'
  | 'incompatibleServer'
  | 'malformed'

export type RoomRequest = { kind: 'create' } | { kind: 'join'; nameplate: string; ifEmpty: 'refuse' | 'wait' }

export type MemberEvent =
  /**
   * Driver: open a connection, giving up an attempt that is still under way; then `handleOpen(path)`, or
   * `handleClose(path)` when it fails.
   */
  | { type: 'connect' }
  /** Driver: send what `pollTransmit` still has, then close. */
  | { type: 'disconnect'; path: PathId }
  /** First time only. This side makes the offer to each of `members`. */
  | { type: 'joined'; nameplate: string; members: readonly MemberId[]; iceServers: readonly IceServer[] }
  /** Final. */
  | { type: 'refused'; code: RefusalCode; retryAfterMs?: number }
  /** `isNewcomer`: they make the offer. Otherwise this side does (they were there before it came back). */
  | { type: 'memberJoined'; member: MemberId; isNewcomer: boolean }
  | { type: 'memberLeft'; member: MemberId; reason: 'left' | 'expired' }
  | { type: 'memberAway'; member: MemberId }
  | { type: 'memberBack'; member: MemberId }
  | { type: 'message'; from: MemberId; message: PairMessage }
  | { type: 'connectionLost'; isServerStopping: boolean }
  | { type: 'connectionRestored' }
  /** The first connection failed several times; the session goes on trying. */
  | { type: 'unreachable' }

/** One member's stay in one room, over any number of connections. */
export class MemberSession implements ConnectionMachine<MemberEvent> {
  readonly memberId: MemberId

  constructor(_options: { random: Random }) {
    this.memberId = ''
  }

  /** Once per session object. */
  open(_room: RoomRequest, _now: Millis): void {}

  /** False when the bounded queue to that member is full or they are not here. */
  send(_to: MemberId, _message: PairMessage, _now: Millis): boolean {
    return false
  }

  /** Leaves the room and tells the others; the driver then sees 'disconnect'. */
  leave(_now: Millis): void {}

  /** The platform says that the network changed: probe at once. */
  handleNetworkChange(_now: Millis): void {}

  handleOpen(_path: PathId, _opened: undefined, _now: Millis): void {}

  handleClose(_path: PathId, _now: Millis): void {}

  handleDatagram(_input: Datagram, _now: Millis): void {}

  handleTimeout(_now: Millis): void {}

  /** Sets `out.bytes` to the frame's own bytes; they are never written again, so the driver may keep them. */
  pollTransmit(_out: Datagram): boolean {
    return false
  }

  pollEvent(): MemberEvent | undefined {
    return undefined
  }

  pollTimeout(): Millis {
    return Number.POSITIVE_INFINITY
  }
}
