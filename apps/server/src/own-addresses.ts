import { parseAddress } from '@crowfly/sansio'
import { localAddresses } from './local-addresses.ts'

/** Asking the system is dear, and addresses seldom change. */
const maxAgeMs = 3_000

/** All IP addresses of this machine's interfaces, as they were a moment ago. */
export class OwnAddresses {
  #addresses: readonly Uint8Array[] = []
  #readAt = Number.NEGATIVE_INFINITY

  get now(): readonly Uint8Array[] {
    if (performance.now() - this.#readAt > maxAgeMs) {
      this.#addresses = localAddresses().flatMap(({ address }) => parseAddress(address) ?? [])
      this.#readAt = performance.now()
    }
    return this.#addresses
  }
}
