import type { Datagram, Machine, Millis, PathTable } from '@crowfly/sansio'

/** Settings of a `BindingServer`. */
export interface BindingServerOptions {
  /** Where the addresses of each request's path are looked up. */
  paths: PathTable
  /** What SOFTWARE says, under 128 characters; the attribute is left out by default. */
  software?: string
}

/** A binding server has nothing to tell: what it saw is in `counters`. */
export type BindingServerEvent = never

/** Answers Binding requests (RFC 8489) on the path that they came from. */
export class BindingServer implements Machine<BindingServerEvent> {
  readonly paths: PathTable

  constructor(options: BindingServerOptions) {
    this.paths = options.paths
  }

  handleDatagram(_input: Datagram, _now: Millis): void {}

  handleTimeout(_now: Millis): void {}

  pollTransmit(_out: Datagram): boolean {
    return false
  }

  pollEvent(): undefined {
    return undefined
  }

  pollTimeout(): Millis {
    return Number.POSITIVE_INFINITY
  }
}
