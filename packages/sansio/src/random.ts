/** Where a machine's randomness comes from: a CSPRNG in the product, a seeded generator in tests. */
export interface Random {
  /** Fills `target` with random bytes. */
  fill(target: Uint8Array): void
}

/** A random integer in `[0, below)`, without modulo bias. `below` is at most 2³². */
export function randomInteger(random: Random, below: number): number {
  const four = new Uint8Array(4)
  const limit = 2 ** 32 - (2 ** 32 % below)
  for (;;) {
    random.fill(four)
    const [a = 0, b = 0, c = 0, d = 0] = four
    const value = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
    if (value < limit) return value % below
  }
}
