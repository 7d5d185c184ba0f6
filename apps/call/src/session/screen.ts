import type { Call, CallSnapshot, CodeJoinOptions, EndReason } from '@crowfly/client'
import type { RoomCode } from '@crowfly/pairing'
import type { Arrival } from './arrival.ts'

/** What a call was begun with. */
export type RoomChoice = CodeJoinOptions['room']

/** Where the person is. A call in progress has phases of its own, in its snapshot. */
export type Screen =
  | HomeScreen
  | { readonly at: 'call'; readonly call: Call; readonly room: RoomChoice }
  | EndedScreen

/** The first page. `visit` tells one time that it is come to from another. */
export interface HomeScreen {
  readonly at: 'home'
  readonly arrival: Arrival
  readonly visit: number
}

/** A call that is over, or never came about. */
export interface EndedScreen {
  readonly at: 'ended'
  readonly reason: EndReason
  readonly room: RoomChoice
  /** The code of the call; null when none was reached. */
  readonly code: RoomCode | null
  /** How long people talked; null when nobody did. */
  readonly talkedMs: number | null
  /** When another try may succeed, on `Date.now()`'s clock; null when at once. */
  readonly retryAtMs: number | null
}

/**
 * The screen that follows a change of the call; the same object while the call goes on.
 * `talkingSinceMs` is when the last conversation began, null when there was none.
 */
export function screenAfter(
  screen: Screen,
  snapshot: CallSnapshot,
  talkingSinceMs: number | null,
  nowMs: number,
): Screen {
  if (screen.at !== 'call' || snapshot.status.phase !== 'ended') return screen
  const { reason, retryAfterMs } = snapshot.status
  return {
    at: 'ended',
    reason,
    room: screen.room,
    code: snapshot.code ?? (screen.room.kind === 'join' ? screen.room.code : null),
    talkedMs: talkingSinceMs === null ? null : Math.max(0, nowMs - talkingSinceMs),
    retryAtMs: retryAfterMs === undefined ? null : nowMs + retryAfterMs,
  }
}
