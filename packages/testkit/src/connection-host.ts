import type { ConnectionMachine, Millis, PathId } from '@crowfly/sansio'
import { lend } from './borrowed-input.ts'
import { type Drive, drive } from './drive.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** How a host ends: its connections are closed, or the other ends never hear of it. */
export type Ending = 'close' | 'cut'

/** What lies between the two ends of a connection, seen from one of them. */
export interface ConnectionLink {
  send(bytes: Uint8Array): void
  /** Tells the other end. */
  close(): void
  /** Nothing passes from now on, in either direction, and nobody is told. */
  cut(): void
}

/** A host's end of one connection, which may still be under way. */
export interface ConnectionEnd<Opened> {
  readonly path: PathId
  /** The host has closed it, given it up, or stopped. */
  readonly isGone: boolean
  /** The connection stands. */
  opened(link: ConnectionLink, opened: Opened): void
  /** A whole message has arrived. */
  received(bytes: Uint8Array): void
  /** The other end has closed it, or it could not be made. */
  closed(): void
}

/** What a `ConnectionHost` is made of. */
export interface ConnectionHostOptions<Event, Opened> {
  clock: VirtualClock
  machine: ConnectionMachine<Event, Opened>
  event?: (event: Event) => void
}

/** A machine with connections to others, which `VirtualConnections.connect` makes. */
export class ConnectionHost<Event, Opened = void> implements Drive {
  readonly #machine: ConnectionMachine<Event, Opened>
  readonly #drive: Drive
  readonly #ends = new Map<PathId, { link: ConnectionLink | undefined }>()
  #isStopped = false

  constructor(options: ConnectionHostOptions<Event, Opened>) {
    this.#machine = options.machine
    this.#drive = drive(options.machine, {
      clock: options.clock,
      transmit: ({ bytes, start, end, path }) => this.#ends.get(path)?.link?.send(bytes.slice(start, end)),
      event: (event) => options.event?.(event),
    })
    this.#drive.settle()
  }

  /** Paths of the connections that stand. */
  get openPaths(): readonly PathId[] {
    return [...this.#ends].filter(([, end]) => end.link !== undefined).map(([path]) => path)
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  now(): Millis {
    return this.#drive.now()
  }

  settle(): void {
    this.#drive.settle()
  }

  /** Closes one connection from this side, or gives up making it; the machine hears of it at once. */
  close(path: PathId): void {
    const end = this.#ends.get(path)
    if (end === undefined) return
    end.link?.close()
    this.#forget(path)
  }

  /** One connection goes silently dead in both directions. */
  cut(path: PathId): void {
    this.#ends.get(path)?.link?.cut()
  }

  /** The host is gone. Its machine is left as it is; a host that replaces it is a new one. */
  stop(ending: Ending = 'close'): void {
    this.#isStopped = true
    this.#drive.stop()
    for (const { link } of this.#ends.values()) {
      if (ending === 'close') link?.close()
      else link?.cut()
    }
    this.#ends.clear()
  }

  /** For `VirtualConnections`: an end for a connection that is being made, at the lowest path that is free. */
  reserve(): ConnectionEnd<Opened> {
    let path = 0
    while (this.#ends.has(path)) path++
    const end: { link: ConnectionLink | undefined } = { link: undefined }
    this.#ends.set(path, end)
    const isGone = (): boolean => this.#ends.get(path) !== end
    return {
      path,
      get isGone() {
        return isGone()
      },
      opened: (link, opened) => {
        end.link = link
        this.#machine.handleOpen(path, opened, this.now())
        this.#drive.settle()
      },
      received: (bytes) => {
        lend(bytes, path, (input) => {
          this.#machine.handleDatagram(input, this.now())
          this.#drive.settle()
        })
      },
      closed: () => this.#forget(path),
    }
  }

  #forget(path: PathId): void {
    this.#ends.delete(path)
    this.#machine.handleClose(path, this.now())
    this.#drive.settle()
  }
}
