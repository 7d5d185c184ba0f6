import type { Millis, PathId } from '@crowfly/sansio'
import type { ConnectionEnd, ConnectionHost, ConnectionLink } from './connection-host.ts'
import type { SeededRandom } from './seeded-random.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** What happens to connections on their way. */
export interface ConnectionConditions {
  delayMs: Millis
  /** Up to this much is added, evenly spread; messages of one connection stay in order. */
  jitterMs: Millis
  /** What becomes of new connections; `ignore` leaves whoever connects without an answer. */
  admission: 'accept' | 'refuse' | 'ignore'
}

/** One direction of a connection: what is sent later does not arrive earlier. */
interface Lane {
  lastArrival: Millis
}

/** Connections in memory that carry whole messages in order: what WebSockets are to a driver. */
export class VirtualConnections {
  readonly clock: VirtualClock
  /** May be changed at any time; counts for what is sent from then on. */
  conditions: ConnectionConditions
  readonly #random: SeededRandom

  constructor(clock: VirtualClock, random: SeededRandom, conditions: Partial<ConnectionConditions> = {}) {
    this.clock = clock
    this.#random = random
    this.conditions = { delayMs: 10, jitterMs: 0, admission: 'accept', ...conditions }
  }

  /**
   * Lets `client` connect to `server`, and returns the client's path at once. The server's machine hears of it
   * after one delay, the client's after two; `handleClose` without `handleOpen` says that it failed.
   */
  connect<A, B>(
    client: ConnectionHost<unknown, A>,
    clientOpened: A,
    server: ConnectionHost<unknown, B>,
    serverOpened: B,
  ): PathId {
    const near = client.reserve()
    const { admission } = this.conditions
    const there: Lane = { lastArrival: 0 }
    const back: Lane = { lastArrival: 0 }
    if (admission === 'ignore') return near.path
    this.#deliver(there, () => {
      if (admission === 'refuse' || server.isStopped) {
        this.#deliver(back, () => {
          if (!near.isGone) near.closed()
        })
        return
      }
      const far = server.reserve()
      const state = { isCut: false }
      const toServer = this.#link(far, there, state)
      const toClient = this.#link(near, back, state)
      // Sent before anything that the server's machine sends once it knows.
      this.#deliver(back, () => {
        if (near.isGone) toServer.close()
        else if (!state.isCut) near.opened(toServer, clientOpened)
      })
      far.opened(toClient, serverOpened)
    })
    return near.path
  }

  #link(to: ConnectionEnd<never>, lane: Lane, state: { isCut: boolean }): ConnectionLink {
    return {
      send: (bytes) => {
        this.#deliver(lane, () => {
          if (!to.isGone && !state.isCut) to.received(bytes)
        })
      },
      close: () => {
        this.#deliver(lane, () => {
          if (!to.isGone && !state.isCut) to.closed()
        })
      },
      cut: () => {
        state.isCut = true
      },
    }
  }

  #deliver(lane: Lane, action: () => void): void {
    const delay = this.conditions.delayMs + this.#random.number() * this.conditions.jitterMs
    lane.lastArrival = Math.max(lane.lastArrival, this.clock.now() + delay)
    this.clock.at(lane.lastArrival, action)
  }
}
