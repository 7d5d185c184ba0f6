/** The server's bounds. Each is a setting; `defaultSignalingLimits` is what holds when nothing is said. */
export interface SignalingLimits {
  /** Open connections in all. */
  readonly maxConnections: number
  /** Open connections from one address (IPv4 address or IPv6 /64). */
  readonly maxConnectionsPerAddress: number
  /** New connections a minute from one address. */
  readonly connectionsPerMinute: number
  /** Remembered sessions, connected or away. */
  readonly maxSessions: number
  /** Open rooms. */
  readonly maxRooms: number
  /** Members of one room; at most 256: the list of the others has places for 255. */
  readonly maxMembersPerRoom: number
  /** New rooms an hour from one address. */
  readonly roomsPerHour: number
  /** Joins and looks a minute from one address at nameplates of digits never seen. */
  readonly unknownNameplatesPerMinute: number
  /** Joins a minute from one address, and tickets asked for. A return is no join. */
  readonly joinsPerMinute: number
  /** Looks a minute from one address. */
  readonly looksPerMinute: number
  /** Joins and looks a minute at one room: each takes a ticket of every member. */
  readonly joinsPerMinutePerRoom: number
  /** Members of one room whom nobody inside has confirmed yet; and guests who look. */
  readonly maxPendingPerRoom: number
  /** Wrong proofs an hour that members report of one address; then it joins nothing. */
  readonly guessesPerHour: number
  /** Tickets that each member is asked to keep here; at most 16. */
  readonly ticketsPerMember: number
  /** Milliseconds for which tickets are kept for who looks. */
  readonly ticketReserveMs: number
  /** Frames a second on one connection, after a burst of `messageBurst`. */
  readonly messagesPerSecond: number
  /** Frames. At least 256: a client that comes back sends up to 128 messages again. */
  readonly messageBurst: number
  /** Octets a second on one connection, after a burst of `byteBurst`. */
  readonly bytesPerSecond: number
  /** Octets. */
  readonly byteBurst: number
  /**
   * Messages that wait for one session's acknowledgement; for a member who is away this is the mailbox. Envelopes
   * get three quarters of the places, then they are undeliverable; a session with all places taken is ended. At
   * least 32: a client acknowledges every 16th.
   */
  readonly maxOutboxMessages: number
  /** Octets of envelopes that wait for one session's acknowledgement. */
  readonly maxOutboxBytes: number
  /** Octets of envelopes that wait in all sessions together. */
  readonly maxTotalOutboxBytes: number
  /** Nameplates of ended rooms that are remembered; the oldest are forgotten first. */
  readonly maxQuarantined: number
  /** Milliseconds for which an ended room's nameplate is not given out again. */
  readonly quarantineMs: number
  /** Addresses whose budgets are remembered; the one unused for longest is forgotten first. */
  readonly maxAddresses: number
  /** Milliseconds for which a session without a connection is remembered. */
  readonly graceMs: number
  /** Milliseconds in which a new connection has to say hello. */
  readonly helloTimeoutMs: number
  /** Milliseconds between pings; at most 65 535. */
  readonly pingEveryMs: number
  /** Milliseconds of silence after which either side calls the connection dead; at most 65 535, and more than `pingEveryMs`. */
  readonly deadAfterMs: number
  /** `pingEveryMs` and `deadAfterMs` of connections over HTTP, on which each ping ends a poll; bounds as above. */
  readonly polledPingEveryMs: number
  readonly polledDeadAfterMs: number
}

export const defaultSignalingLimits: SignalingLimits = {
  maxConnections: 20_000,
  maxConnectionsPerAddress: 256,
  connectionsPerMinute: 600,
  maxSessions: 40_000,
  maxRooms: 20_000,
  maxMembersPerRoom: 16,
  roomsPerHour: 20,
  unknownNameplatesPerMinute: 10,
  joinsPerMinute: 120,
  looksPerMinute: 60,
  joinsPerMinutePerRoom: 30,
  maxPendingPerRoom: 8,
  guessesPerHour: 10,
  ticketsPerMember: 3,
  ticketReserveMs: 60_000,
  messagesPerSecond: 100,
  messageBurst: 1000,
  bytesPerSecond: 512 * 1024,
  byteBurst: 4 * 1024 * 1024,
  maxOutboxMessages: 256,
  maxOutboxBytes: 1024 * 1024,
  maxTotalOutboxBytes: 256 * 1024 * 1024,
  maxQuarantined: 100_000,
  quarantineMs: 24 * 3_600_000,
  maxAddresses: 10_000,
  graceMs: 30_000,
  helloTimeoutMs: 5_000,
  pingEveryMs: 2_000,
  deadAfterMs: 4_500,
  polledPingEveryMs: 10_000,
  polledDeadAfterMs: 22_500,
}
