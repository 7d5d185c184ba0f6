/** Milliseconds on the driver's monotonic clock. A machine is told the time; it does not ask. */
export type Millis = number

/** Index into the driver's bounded table of paths. See `PathTable`. */
export type PathId = number

/**
 * A run of bytes in somebody's buffer: `bytes[start..end)`, received from or to be sent to `path`.
 *
 * As input it is borrowed until the drain that follows, and writable, with 64 bytes of headroom before `start`
 * where the driver can give it. As output it is filled by the machine, and valid until the next `handle*`.
 */
export interface Datagram {
  bytes: Uint8Array
  start: number
  end: number
  path: PathId
}

/**
 * A protocol without I/O.
 *
 * After every `handle*` (and every command that a machine adds to this interface): drain `pollTransmit` and
 * `pollEvent` until they have nothing more, then read `pollTimeout` again.
 */
export interface Machine<Event> {
  /** Takes what arrived. Never throws on content. */
  handleDatagram(input: Datagram, now: Millis): void
  /** Fires what is due at `now`. Early, late and repeated calls are safe. */
  handleTimeout(now: Millis): void
  /** Fills `out` and says whether there was something to send. */
  pollTransmit(out: Datagram): boolean
  pollEvent(): Event | undefined
  /** The next deadline; `Infinity` when there is none. */
  pollTimeout(): Millis
}

/**
 * A machine over connections that open and close (WebSocket, a TCP stream cut into frames, a data channel).
 * Each `Datagram` is one whole message on the connection that `path` names.
 */
export interface ConnectionMachine<Event, Opened = void> extends Machine<Event> {
  /** A connection stands. `opened` is what the driver knows of it. */
  handleOpen(path: PathId, opened: Opened, now: Millis): void
  /** A connection is gone, whoever ended it. `path` may be used again afterwards. */
  handleClose(path: PathId, now: Millis): void
}
