import type { ServerMessage } from '@crowfly/signaling/wire'
import type { MemberId } from '../../snapshot.ts'

/** Whoever the server talks to: a client at the end of its line, or somebody whom the server has made up. */
export interface Voice {
  /** Empty before they have said it. */
  readonly id: MemberId
  hear(message: ServerMessage): void
}
