import { browserPlatform } from './call-platform.ts'
import { RoomCall } from './room-call.ts'
import type { Call, JoinOptions } from './snapshot.ts'

/**
 * Goes to a room and returns the call at once; everything that follows is in its snapshot. Does not throw for
 * anything that the network, the server, the others or the code typed in can do; a `server` that is no origin is a
 * `JoinError`.
 */
export function join(options: JoinOptions): Call {
  return new RoomCall(options, browserPlatform())
}
