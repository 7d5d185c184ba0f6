import type { PathId } from '@crowfly/sansio'
import type { MemberId } from './member-id.ts'

/** What a `SignalingServer` tells its driver. */
export type SignalingServerEvent =
  /** Send what `pollTransmit` still has for the path, then close the connection. */
  | { readonly type: 'disconnect'; readonly path: PathId }
  /** Somebody is in the room no more: they have said so, or have not been heard of for too long and may come back. */
  | {
      readonly type: 'memberLeft'
      readonly nameplate: string
      readonly memberId: MemberId
      readonly reason: 'left' | 'expired'
    }
  /** Driver: ask the application whether they may, and say so by `handleAuthorized(id, isAllowed)`. */
  | {
      readonly type: 'authorize'
      readonly id: number
      readonly action: 'create' | 'join' | 'look'
      /** Undefined for a room that is to be made. */
      readonly nameplate: string | undefined
      /** What the client shows for it, as the application gave it to them; empty when it shows nothing. */
      readonly authorization: string
    }
