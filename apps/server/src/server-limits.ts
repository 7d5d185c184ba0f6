/** Bounds that the server's connections are held to before they reach a machine; the rooms' are `SignalingLimits`. */
export interface ServerLimits {
  /** TCP connections of every kind at a time. */
  readonly maxTcpConnections: number
  /** TCP connections at a time from one IPv4 address or IPv6 /64. Trusted proxies are exempt. */
  readonly maxTcpConnectionsPerAddress: number
  /**
   * Octets that may wait to be sent on one signaling connection before it is cut: its client does not read. More than
   * `maxOutboxBytes`, all of which is sent at once when a member comes back.
   */
  readonly maxBufferedBytes: number
  /** Milliseconds after which a poll is answered although there is nothing to say. */
  readonly pollAnswerMs: number
  /** Milliseconds without a poll after which a signaling connection over HTTP is closed. */
  readonly pollLapseMs: number
  /** Milliseconds in which a connection has to say by its first bytes what it carries; TLS handshakes likewise. */
  readonly firstBytesTimeoutMs: number
  /** Milliseconds in which the headers of an HTTP request have to be complete. */
  readonly headersTimeoutMs: number
  /** Seconds for which what a member is given for the relay makes new allocations; renewed when half of it is over. */
  readonly relayCredentialSeconds: number
}

/** What holds unless `--limit` says otherwise. */
export const defaultServerLimits: ServerLimits = {
  maxTcpConnections: 50_000,
  maxTcpConnectionsPerAddress: 1_000,
  maxBufferedBytes: 4_194_304,
  pollAnswerMs: 25_000,
  pollLapseMs: 10_000,
  firstBytesTimeoutMs: 10_000,
  headersTimeoutMs: 10_000,
  relayCredentialSeconds: 3_600,
}
