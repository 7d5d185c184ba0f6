import type { SeededRandom } from '@crowfly/testkit'

const INTERESTING_BYTES = [0, 1, 2, 4, 0x20, 0x7f, 0x80, 0xc0, 0xfe, 0xff]
const INTERESTING_LENGTHS = [
  0, 1, 2, 3, 4, 5, 7, 8, 16, 20, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xfffc, 0xffff,
]

type Mutation = (at: number, pool: readonly Uint8Array[]) => void

/** Makes inputs out of others, in one buffer that it uses again and again. */
export class Mutator {
  readonly #random: SeededRandom
  readonly #maxBytes: number
  readonly #dictionary: readonly Uint8Array[]
  readonly #bytes: Uint8Array
  #length = 0

  /** Each is as likely as the others; `at` is an offset in the input, or 0 when it is empty. */
  readonly #mutations: readonly Mutation[] = [
    (at) => this.#write(at, (this.#bytes[at] ?? 0) ^ (1 << this.#random.integer(8))),
    (at) => this.#write(at, this.#random.u32()),
    (at) => this.#write(at, INTERESTING_BYTES[this.#random.integer(INTERESTING_BYTES.length)] ?? 0),
    (at) => this.#write(at, (this.#bytes[at] ?? 0) + this.#random.integer(17) - 8),
    (at) => this.#attackLength(at, 2),
    (at) => this.#attackLength(at, this.#random.chance(0.5) ? 2 : 4),
    (at) => this.#truncate(at),
    (at) => this.#remove(at, 1 + this.#random.integer(16)),
    (at) => this.#insertRandom(at, 1 + this.#random.integer(16)),
    () => this.#insertRandom(this.#length, 1 + this.#random.integer(4)),
    (at) => this.#repeat(at, 1 + this.#random.integer(32)),
    (at, pool) => this.#splice(at, this.#pick(pool)),
    (at, pool) => this.#splice(at, this.#pick(this.#dictionary.length > 0 ? this.#dictionary : pool)),
  ]

  constructor(random: SeededRandom, maxBytes: number, dictionary: readonly Uint8Array[] = []) {
    this.#random = random
    this.#maxBytes = maxBytes
    this.#dictionary = dictionary
    this.#bytes = new Uint8Array(maxBytes)
  }

  /** A mutation of one of `pool`, which is not empty; borrowed until the next call. */
  mutate(pool: readonly Uint8Array[]): Uint8Array {
    const parent = this.#pick(pool)
    this.#length = Math.min(parent.length, this.#maxBytes)
    this.#bytes.set(parent.length > this.#length ? parent.subarray(0, this.#length) : parent)
    // Mostly few mutations, so that most of the input stays sound; sometimes a lot.
    let count = 1
    while (count < 32 && this.#random.chance(0.55)) count++
    for (; count > 0; count--) this.#mutateOnce(pool)
    return this.#bytes.subarray(0, this.#length)
  }

  #mutateOnce(pool: readonly Uint8Array[]): void {
    this.#mutations[this.#random.integer(this.#mutations.length)]?.(this.#random.integer(this.#length), pool)
  }

  /** Puts a number where a two- or four-byte length may be: an extreme, a neighbour, or what is really left. */
  #attackLength(at: number, width: 2 | 4): void {
    const random = this.#random
    // Lengths mostly lie at even offsets.
    const start = random.chance(0.75) ? at & ~1 : at
    const rest = this.#length - start - width
    const old = ((this.#bytes[start] ?? 0) << 8) | (this.#bytes[start + 1] ?? 0)
    const candidates = [
      rest,
      rest + random.integer(9) - 4,
      old + random.integer(9) - 4,
      INTERESTING_LENGTHS[random.integer(INTERESTING_LENGTHS.length)] ?? 0,
    ]
    const value = candidates[random.integer(candidates.length)] ?? 0
    for (let i = 0; i < width; i++) this.#write(start + i, value >>> (8 * (width - 1 - i)))
  }

  #write(at: number, value: number): void {
    if (at < this.#length) this.#bytes[at] = value
  }

  #truncate(length: number): void {
    this.#length = length
  }

  #remove(at: number, count: number): void {
    this.#bytes.copyWithin(at, at + count, this.#length)
    this.#length = Math.max(at, this.#length - count)
  }

  #insertRandom(at: number, count: number): void {
    const from = this.#open(at, count)
    for (let i = at; i < from; i++) this.#bytes[i] = this.#random.u32()
  }

  #insert(at: number, bytes: Uint8Array): void {
    const end = this.#open(at, bytes.length)
    for (let i = at; i < end; i++) this.#bytes[i] = bytes[i - at] ?? 0
  }

  /** A part of the input a second time, elsewhere. */
  #repeat(at: number, count: number): void {
    this.#insert(this.#random.integer(this.#length + 1), this.#bytes.slice(at, at + count))
  }

  /** A part of `other` in place of, or before, what is at `at`. */
  #splice(at: number, other: Uint8Array): void {
    const random = this.#random
    const start = random.chance(0.5) ? 0 : random.integer(other.length)
    const part = other.subarray(
      start,
      random.chance(0.5) ? other.length : start + 1 + random.integer(other.length),
    )
    if (random.chance(0.5)) this.#insert(at, part)
    else for (let i = 0; i < part.length; i++) this.#write(at + i, part[i] ?? 0)
  }

  /** Makes room for `count` bytes at `at`, as far as there is any, and returns where the room ends. */
  #open(at: number, count: number): number {
    const room = Math.min(count, this.#maxBytes - this.#length)
    this.#bytes.copyWithin(at + room, at, this.#length)
    this.#length += room
    return at + room
  }

  #pick(pool: readonly Uint8Array[]): Uint8Array {
    return pool[this.#random.integer(pool.length)] ?? this.#bytes
  }
}
