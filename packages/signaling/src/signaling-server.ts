import type {
  ConnectionMachine,
  Crypto,
  Datagram,
  Millis,
  PathId,
  Random,
  TransportAddress,
} from '@crowfly/sansio'
import type { IceServer } from './ice-server.ts'
import type { SignalingLimits } from './limits.ts'

export interface SignalingServerOptions {
  random: Random
  crypto: Crypto
  /** 32 bytes, kept in the state folder: rejoin tokens signed with it outlive a restart. */
  tokenKey: Uint8Array
  limits?: Partial<SignalingLimits>
  /** The ICE servers to name to a client that asked for `host`. */
  iceServers: (host: string) => readonly IceServer[]
}

/** What the driver knows of a connection that has just opened. */
export interface ClientConnection {
  /** The client's address; budgets are counted by it. */
  address: TransportAddress
  /** The host the client asked for, without port: STUN URLs name it. */
  host: string
}

/** The driver sends what `pollTransmit` still has for the path, then closes the connection. */
export type SignalingServerEvent = { type: 'disconnect'; path: PathId }

/** Rooms, members and opaque envelopes, for any number of connections. */
export class SignalingServer implements ConnectionMachine<SignalingServerEvent, ClientConnection> {
  constructor(_options: SignalingServerOptions) {}

  /** Plain numbers for metrics; they only grow, except `connections`, `sessions`, `rooms` and `members`. */
  readonly counters = { connections: 0, sessions: 0, rooms: 0, members: 0 }

  handleOpen(_path: PathId, _opened: ClientConnection, _now: Millis): void {}

  handleClose(_path: PathId, _now: Millis): void {}

  handleDatagram(_input: Datagram, _now: Millis): void {}

  handleTimeout(_now: Millis): void {}

  /** Tells every client goodbye `restarting` and closes its connection. */
  shutdown(_now: Millis): void {}

  /** Sets `out.bytes` to the frame's own bytes; they are never written again, so the driver may keep them. */
  pollTransmit(_out: Datagram): boolean {
    return false
  }

  pollEvent(): SignalingServerEvent | undefined {
    return undefined
  }

  pollTimeout(): Millis {
    return Number.POSITIVE_INFINITY
  }
}
