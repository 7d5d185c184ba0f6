import type { PathId } from '@crowfly/sansio'
import type { PollRefusal } from './poll-counters.ts'

/** What a `PollServer` tells its driver, in order. `link` is a connection, `path` a request. */
export type PollServerEvent<Client> =
  /** A connection has begun; `client` is what was known of the request that began it. */
  | { readonly type: 'opened'; readonly link: PathId; readonly client: Client }
  /** A frame has come on it. The bytes are borrowed from the input: valid during the drain. */
  | { readonly type: 'frame'; readonly link: PathId; readonly bytes: Uint8Array }
  /** It is over, and `link` may be used again. */
  | { readonly type: 'closed'; readonly link: PathId }
  /** The request is to be answered without a body of this protocol. */
  | { readonly type: 'refused'; readonly path: PathId; readonly reason: PollRefusal }
