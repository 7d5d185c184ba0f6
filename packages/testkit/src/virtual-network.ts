import { formatTransportAddress, type Millis, type TransportAddress } from '@crowfly/sansio'
import type { SeededRandom } from './seeded-random.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** What happens to a datagram on its way. */
export interface NetworkConditions {
  /** Least time under way. */
  delayMs: Millis
  /** Up to this much is added, evenly spread. Datagrams sent closer together than that may arrive out of order. */
  jitterMs: Millis
  /** Share of datagrams that never arrive, 0 to 1. */
  loss: number
  /** Share of datagrams that arrive twice, 0 to 1; each copy has a jitter of its own. */
  duplicate: number
}

/** One end of the virtual network: what a UDP socket is to a driver. */
export interface VirtualSocket {
  readonly local: TransportAddress
  /** Sends a copy of `bytes[start..end)`. */
  send(remote: TransportAddress, bytes: Uint8Array, start: number, end: number): void
  /** Nothing arrives here any more. */
  close(): void
}

type Receive = (bytes: Uint8Array, remote: TransportAddress) => void

/** A misuse of the virtual network by the test. */
export class VirtualNetworkError extends Error {
  readonly code: 'ADDRESS_IN_USE'
  constructor(code: VirtualNetworkError['code'], message: string) {
    super(message)
    this.name = 'VirtualNetworkError'
    this.code = code
  }
}

/** A network of datagrams in memory, on which time, loss and order come from a clock and a seed. */
export class VirtualNetwork {
  readonly clock: VirtualClock
  /** May be changed at any time; counts for what is sent from then on. */
  conditions: NetworkConditions
  readonly #random: SeededRandom
  readonly #receivers = new Map<string, Receive>()

  constructor(clock: VirtualClock, random: SeededRandom, conditions: Partial<NetworkConditions> = {}) {
    this.clock = clock
    this.#random = random
    this.conditions = { delayMs: 10, jitterMs: 0, loss: 0, duplicate: 0, ...conditions }
  }

  /** A socket at `local`. `receive` gets each datagram as a copy of its own. */
  bind(local: TransportAddress, receive: Receive): VirtualSocket {
    const name = formatTransportAddress(local)
    if (this.#receivers.has(name)) throw new VirtualNetworkError('ADDRESS_IN_USE', `${name} is bound already`)
    this.#receivers.set(name, receive)
    return {
      local,
      send: (remote, bytes, start, end) => this.#send(local, remote, bytes.slice(start, end)),
      close: () => {
        if (this.#receivers.get(name) === receive) this.#receivers.delete(name)
      },
    }
  }

  #send(local: TransportAddress, remote: TransportAddress, bytes: Uint8Array): void {
    if (this.#random.chance(this.conditions.loss)) return
    const copies = this.#random.chance(this.conditions.duplicate) ? 2 : 1
    const name = formatTransportAddress(remote)
    for (let copy = 0; copy < copies; copy++) {
      const delay = this.conditions.delayMs + this.#random.number() * this.conditions.jitterMs
      this.clock.after(delay, () => this.#receivers.get(name)?.(bytes.slice(), local))
    }
  }
}
