import type { MemberId } from './member-id.ts'

/** A STUN or TURN server as `RTCPeerConnection` takes it (W3C `RTCIceServer`). */
export interface IceServer {
  readonly urls: readonly string[]
  readonly username?: string
  readonly credential?: string
}

/** Whom ICE servers are for: credentials can be made for this one member in this one room. */
export interface IceClient {
  readonly nameplate: string
  readonly memberId: MemberId
}

/**
 * The ICE servers to name to a client that asked for `host`: at most 8 of at most 8 URLs, each within 1 024 octets.
 * Asked when somebody joins, and whenever a member wants new ones; the event `memberLeft` ends it.
 */
export type IceServersFor = (host: string, client: IceClient) => readonly IceServer[]
