import type { Random } from '@crowfly/sansio'
import { TRANSACTION_ID_BYTES } from '@crowfly/stun'

const AT_ONCE = 64

/** Random transaction ids for indications, drawn many at a time. */
export class TransactionIds {
  readonly #random: Random
  readonly #drawn = new Uint8Array(AT_ONCE * TRANSACTION_ID_BYTES)
  readonly #ids: readonly Uint8Array[]
  #next = AT_ONCE

  constructor(random: Random) {
    this.#random = random
    this.#ids = Array.from({ length: AT_ONCE }, (_, i) =>
      this.#drawn.subarray(i * TRANSACTION_ID_BYTES, (i + 1) * TRANSACTION_ID_BYTES),
    )
  }

  /** 12 bytes, good until the next call. */
  next(): Uint8Array {
    if (this.#next >= AT_ONCE) {
      this.#random.fill(this.#drawn)
      this.#next = 0
    }
    return this.#ids[this.#next++] ?? this.#drawn.subarray(0, TRANSACTION_ID_BYTES)
  }
}
