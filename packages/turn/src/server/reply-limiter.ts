import type { Millis, PathId, PathTable } from '@crowfly/sansio'

const SLOTS = 2 ** 14

/**
 * Counts what each address was sent in the current second. Addresses share 16,384 counters by a keyed hash, so that
 * memory is fixed however many addresses are forged; two that share one share the limit. An IPv6 /64 counts as one.
 */
export class ReplyLimiter {
  readonly #paths: PathTable
  readonly #limit: number
  readonly #seed: number
  readonly #seconds = new Uint32Array(SLOTS)
  readonly #counts = new Uint32Array(SLOTS)
  readonly #address = new Uint8Array(16)

  /** `limit` replies a second; `seed` is 32 random bits. */
  constructor(paths: PathTable, limit: number, seed: number) {
    this.#paths = paths
    this.#limit = limit
    this.#seed = seed
  }

  /** Whether the far end of `path` may be sent one more reply, which is then counted. Over streams always. */
  take(path: PathId, now: Millis): boolean {
    if (this.#paths.transport(path) !== 'udp') return true
    const slot = this.#slotOf(path)
    const second = Math.floor(now / 1000) >>> 0
    if (this.#seconds[slot] !== second) {
      this.#seconds[slot] = second
      this.#counts[slot] = 0
    }
    const count = this.#counts[slot] ?? 0
    if (count >= this.#limit) return false
    this.#counts[slot] = count + 1
    return true
  }

  #slotOf(path: PathId): number {
    const length = Math.min(8, this.#paths.writeRemoteAddress(path, this.#address))
    let hash = this.#seed
    for (let i = 0; i < length; i++) {
      hash = Math.imul(hash ^ (this.#address[i] ?? 0), 0x01000193)
      hash ^= hash >>> 15
    }
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
    return (hash ^ (hash >>> 13)) & (SLOTS - 1)
  }
}
