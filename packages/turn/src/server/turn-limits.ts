/** What one TURN server takes on, and for how long. */
export interface TurnLimits {
  /** Allocations at a time: what bounds memory. Beyond: 508. */
  maxAllocations: number
  /** Allocations at a time of one username. Beyond: 486. */
  maxAllocationsPerUser: number
  /** Allocations at a time from one IPv4 address or one IPv6 /64. Beyond: 486. */
  maxAllocationsPerAddress: number
  /** Allocations at a time of one room. Beyond: 486. */
  maxAllocationsPerRoom: number
  /** Ports kept for RESERVATION-TOKEN at a time. Beyond: 508. */
  maxReservations: number
  /** Peer addresses that one allocation may permit at a time. Beyond: 403. */
  maxPermissionsPerAllocation: number
  /** Channels that one allocation may have bound at a time. Beyond: 403. */
  maxChannelsPerAllocation: number
  /** Payload bytes that one allocation may relay in a second, in each direction, 64 at least a packet. Beyond: dropped. */
  maxBytesPerSecond: number
  /** Refusals of requests without valid credentials that one address gets in a second, over UDP. Beyond: silence. */
  maxUnauthenticatedRepliesPerSecond: number
  /** Such refusals that one TCP or TLS connection without an allocation gets before it is cut off. */
  maxRefusalsPerStream: number
  /** Binding responses that one address gets in a second, over UDP. Beyond: silence. */
  maxBindingRepliesPerSecond: number
  /** Lifetime of an allocation whose client asks for less, or for nothing. RFC 8656 §7.2. */
  defaultLifetimeSeconds: number
  /** The longest lifetime that a client gets. RFC 8656 §7.2: one hour at most. */
  maxLifetimeSeconds: number
  /** How long a nonce is good. */
  nonceLifetimeSeconds: number
  /** A TCP or TLS connection that has no allocation and says nothing for so long is cut off. */
  maxIdleStreamSeconds: number
}

/** What holds where nothing else is said. */
export const DEFAULT_TURN_LIMITS: Readonly<TurnLimits> = {
  maxAllocations: 16_384,
  maxAllocationsPerUser: 256,
  maxAllocationsPerAddress: 2048,
  maxAllocationsPerRoom: 2048,
  maxReservations: 256,
  maxPermissionsPerAllocation: 64,
  maxChannelsPerAllocation: 64,
  maxBytesPerSecond: 12_500_000,
  maxUnauthenticatedRepliesPerSecond: 1000,
  maxRefusalsPerStream: 64,
  maxBindingRepliesPerSecond: 5000,
  defaultLifetimeSeconds: 600,
  maxLifetimeSeconds: 3600,
  nonceLifetimeSeconds: 3600,
  maxIdleStreamSeconds: 60,
}

// RFC 8656 §9, §12, §7.2: fixed, since clients count on them.
export const PERMISSION_LIFETIME_MS = 300_000
export const CHANNEL_LIFETIME_MS = 600_000
/** A channel and its peer stay together for so long after the binding has expired. */
export const CHANNEL_REST_MS = 300_000
export const RESERVATION_LIFETIME_MS = 30_000
