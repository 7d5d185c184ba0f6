import type { Random } from '@crowfly/sansio'
import type { SeededRandom } from '@crowfly/testkit'

/** Draws that somebody keeps a hold on: a nonce can become another one after it was committed to. */
export class LateNonce implements Random {
  readonly #random: SeededRandom
  readonly #drawn: Uint8Array[] = []

  constructor(random: SeededRandom) {
    this.#random = random
  }

  fill(octets: Uint8Array): void {
    this.#random.fill(octets)
    this.#drawn.push(octets)
  }

  /** Changes every nonce drawn so far, as one does who looks for the emoji that they need. */
  regret(): void {
    // Of each ticket: id, sid, nonce and scalar.
    for (const [at, octets] of this.#drawn.entries()) if (at % 4 === 2) octets.fill(7)
  }
}
