import type { Random } from '@crowfly/sansio'

/**
 * A generator of random-looking numbers that a 32-bit seed determines: xoshiro128** seeded by splitmix32.
 * For tests and simulations; never for secrets.
 */
export class SeededRandom implements Random {
  #a: number
  #b: number
  #c: number
  #d: number

  constructor(seed: number) {
    let state = seed | 0
    const splitmix = (): number => {
      state = (state + 0x9e3779b9) | 0
      let word = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
      word = Math.imul(word ^ (word >>> 15), 0x735a2d97)
      return word ^ (word >>> 15)
    }
    this.#a = splitmix()
    this.#b = splitmix()
    this.#c = splitmix()
    this.#d = splitmix()
  }

  /** 32 random bits, as an unsigned integer. */
  u32(): number {
    const five = Math.imul(this.#b, 5)
    const result = Math.imul((five << 7) | (five >>> 25), 9) >>> 0
    const shifted = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= shifted
    this.#d = (this.#d << 11) | (this.#d >>> 21)
    return result
  }

  /** A number in [0, 1). */
  number(): number {
    return this.u32() / 2 ** 32
  }

  /** An integer in [0, below); `below` is at most 2³². */
  integer(below: number): number {
    return Math.floor(this.number() * below)
  }

  /** True this often: never for 0, always for 1. */
  chance(probability: number): boolean {
    return this.number() < probability
  }

  /** One element of a list that has some. */
  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError('pick needs a list that is not empty')
    return list[this.integer(list.length)] as T
  }

  /** `length` random bytes. */
  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    this.fill(bytes)
    return bytes
  }

  fill(target: Uint8Array): void {
    let word = 0
    for (let i = 0; i < target.length; i++) {
      word = (i & 3) === 0 ? this.u32() : word >>> 8
      target[i] = word
    }
  }

  /** A generator of its own, so that what one part draws does not change what another gets. */
  fork(): SeededRandom {
    return new SeededRandom(this.u32())
  }
}
