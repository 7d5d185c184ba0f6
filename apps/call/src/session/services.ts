import type { Call, JoinOptions, LocalMedia } from '@crowfly/client'

/** What the app needs of the SDK; the gallery and the tests give their own. */
export interface Services {
  join(options: JoinOptions): Call
  createLocalMedia(): LocalMedia
  /** Whether this browser can make calls at all. */
  readonly hasWebRtc: boolean
  /** Whether camera or microphone have been allowed to this page before. */
  devicesAllowed(): Promise<boolean>
}
