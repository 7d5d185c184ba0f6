import type { Call, CodeJoinOptions, LocalMedia } from '@crowfly/client'
import type { RoomCode } from '@crowfly/pairing'

/** A room that was looked at ahead of joining it. */
export interface PreparedRoom {
  /** Goes there, by what the look has shown. */
  join(options: CodeJoinOptions): Call
  /** Nobody is going to join. */
  close(): void
}

/** What the app needs of the SDK; the gallery and the tests give their own. */
export interface Services {
  join(options: CodeJoinOptions): Call
  /** Looks at a room ahead of joining it; rings nobody. */
  prepare(code: RoomCode): PreparedRoom
  createLocalMedia(): LocalMedia
  /** Whether this browser can make calls at all. */
  readonly hasWebRtc: boolean
  /** Whether camera or microphone have been allowed to this page before. */
  devicesAllowed(): Promise<boolean>
}
