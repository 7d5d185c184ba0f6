/** Replies that anybody can cause, without credentials. */
export type UnauthenticatedReply = 'binding' | 'badRequest' | 'unauthenticated' | 'staleNonce'

/** Requests and replies of one kind, and their bytes. */
export interface ReplyCount {
  /** What would be answered so. */
  requests: number
  requestBytes: number
  replies: number
  replyBytes: number
  /** Requests that got no reply since their address had had enough of them. */
  suppressed: number
}

/**
 * Why a packet was not relayed.
 *
 * - `malformed`: no STUN message and no ChannelData, or an indication without what it needs
 * - `unsupported`: another method or class
 * - `noAllocation`: the 5-tuple has none
 * - `noChannel`: the number is not bound
 * - `noPermission`: the sender has none for this peer, or the allocation that it was for none for the sender
 * - `unreachable`: no such allocation, one of another room, or a peer that is not allowed
 * - `tooFast`: over the bandwidth of one allocation
 * - `tooLong`: it does not fit the message that it would travel in
 */
export type DropReason =
  | 'malformed'
  | 'unsupported'
  | 'noAllocation'
  | 'noChannel'
  | 'noPermission'
  | 'unreachable'
  | 'tooFast'
  | 'tooLong'

/** What a `TurnServer` has seen since it was made, for metrics: a fixed set of counts. */
export interface TurnServerCounters {
  /** Authenticated requests that were granted, by method. */
  granted: { allocate: number; refresh: number; createPermission: number; channelBind: number }
  /** Authenticated requests that were refused, by error code. */
  refused: Record<400 | 403 | 420 | 437 | 440 | 441 | 442 | 443 | 486 | 508, number>
  unauthenticated: Record<UnauthenticatedReply, ReplyCount>
  /** Payload that was passed on. */
  relayed: { toClientPackets: number; toClientBytes: number; toPeerPackets: number; toPeerBytes: number }
  dropped: Record<DropReason, number>
}

/** All zero. */
export function createTurnServerCounters(): TurnServerCounters {
  const none = (): ReplyCount => ({ requests: 0, requestBytes: 0, replies: 0, replyBytes: 0, suppressed: 0 })
  return {
    granted: { allocate: 0, refresh: 0, createPermission: 0, channelBind: 0 },
    refused: { 400: 0, 403: 0, 420: 0, 437: 0, 440: 0, 441: 0, 442: 0, 443: 0, 486: 0, 508: 0 },
    unauthenticated: { binding: none(), badRequest: none(), unauthenticated: none(), staleNonce: none() },
    relayed: { toClientPackets: 0, toClientBytes: 0, toPeerPackets: 0, toPeerBytes: 0 },
    dropped: {
      malformed: 0,
      unsupported: 0,
      noAllocation: 0,
      noChannel: 0,
      noPermission: 0,
      unreachable: 0,
      tooFast: 0,
      tooLong: 0,
    },
  }
}
