/** What a transport tells of one connection. */
export interface TransportListener {
  /** Frames can be sent. Once. */
  opened(): void
  /** A whole frame has come, as the server sent it. The bytes are the listener's. */
  frame(bytes: Uint8Array): void
  /** The connection is gone, or never came about. Once, and nothing follows. */
  closed(): void
}

/** One connection to the server. */
export interface TransportConnection {
  /** Sends one whole frame; the bytes are the connection's. Not called before `opened`. */
  send(frame: Uint8Array<ArrayBuffer>): void
  /** Ends it: what was sent before goes out if that can be, and the listener hears nothing more. */
  close(): void
}

/**
 * A way to carry frames to the server and back: whole, in order, and each at most once. It need not be reliable beyond
 * that: a connection that loses something closes, and the session goes on over the next one without a loss.
 */
export interface SignalingTransport {
  /**
   * Begins to connect to the server whose origin is `server`, and returns at once. It does not throw: what cannot be
   * is told by `closed`. The listener is not called before this has returned.
   */
  open(server: URL, listener: TransportListener): TransportConnection
}

/** In the order of preference. */
export type SignalingTransports = readonly [SignalingTransport, ...SignalingTransport[]]
