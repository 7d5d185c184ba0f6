import { parseAddress } from '@crowfly/sansio'
import { localAddresses } from './local-addresses.ts'

/** Asking the system is dear, and addresses seldom change. */
const maxAgeMs = 3_000

/** All IP addresses of this machine: its interfaces', as they were a moment ago, and its external ones. */
export class OwnAddresses {
  readonly #external: readonly Uint8Array[]
  #addresses: readonly Uint8Array[] = []
  #readAt = Number.NEGATIVE_INFINITY

  constructor(external: readonly Uint8Array[]) {
    this.#external = external
  }

  /** Asked for each packet: the same array for a while. */
  get now(): readonly Uint8Array[] {
    if (performance.now() - this.#readAt > maxAgeMs) {
      const local = localAddresses().flatMap(({ address }) => parseAddress(address) ?? [])
      this.#addresses = [...local, ...this.#external]
      this.#readAt = performance.now()
    }
    return this.#addresses
  }
}
