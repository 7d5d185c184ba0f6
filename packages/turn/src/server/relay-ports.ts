import { type Random, randomInteger } from '@crowfly/sansio'
import type { RelayId } from './relay.ts'

const FREE = -1
const RESERVED = -2
const PORTS = 65_536

/** The ports of one relayed IP address: whose each is. */
export class RelayPorts {
  readonly #least: number
  readonly #most: number
  readonly #owners = new Int32Array(PORTS).fill(FREE)
  #used = 0

  /** Ports from `least` to `most`, both included, are handed out. */
  constructor(least: number, most: number) {
    this.#least = least
    this.#most = most
  }

  /** Ports that are in use or reserved. */
  get used(): number {
    return this.#used
  }

  /** The relay at this port, or -1. */
  ownerOf(port: number): RelayId | -1 {
    const owner = this.#owners[port] ?? FREE
    return owner < 0 ? -1 : owner
  }

  // RFC 8656 §7.2, §21.1.7: a port that nobody can guess.
  /** A free port, taken; -1 when there is none. */
  take(random: Random): number {
    return this.#search(random, 1, (port) => this.#isFree(port))
  }

  // RFC 8656 §7.2
  /** A free even port, taken, and with `reservesNext` also the one above, reserved; -1 when there is none. */
  takeEven(random: Random, reservesNext: boolean): number {
    const port = this.#search(
      random,
      2,
      (port) => this.#isFree(port) && (!reservesNext || (port < this.#most && this.#isFree(port + 1))),
    )
    if (port >= 0 && reservesNext) this.#set(port + 1, RESERVED)
    return port
  }

  /** Says whose a port is that was taken or reserved. */
  assign(port: number, relay: RelayId): void {
    this.#set(port, relay)
  }

  release(port: number): void {
    this.#set(port, FREE)
  }

  #isFree(port: number): boolean {
    return this.#owners[port] === FREE
  }

  /** From a random port on, upwards and around; with a `step` of 2 over even ports only. */
  #search(random: Random, step: 1 | 2, fits: (port: number) => boolean): number {
    const first = step === 2 ? this.#least + (this.#least & 1) : this.#least
    const count = Math.floor((this.#most - first) / step) + 1
    if (count < 1) return -1
    const begin = randomInteger(random, count)
    for (let i = 0; i < count; i++) {
      const port = first + ((begin + i) % count) * step
      if (!fits(port)) continue
      this.#set(port, RESERVED)
      return port
    }
    return -1
  }

  #set(port: number, owner: number): void {
    this.#used += Number(owner !== FREE) - Number(this.#owners[port] !== FREE)
    this.#owners[port] = owner
  }
}
