import { describe, expect, it } from 'vitest'
import { SeededRandom } from './seeded-random.ts'

describe('SeededRandom', () => {
  it('gives the same numbers for the same seed and others for another', () => {
    const first = Array.from(
      { length: 8 },
      (
        (random) => () =>
          random.u32()
      )(new SeededRandom(7)),
    )
    const second = Array.from(
      { length: 8 },
      (
        (random) => () =>
          random.u32()
      )(new SeededRandom(7)),
    )
    const other = Array.from(
      { length: 8 },
      (
        (random) => () =>
          random.u32()
      )(new SeededRandom(8)),
    )
    expect(first).toEqual(second)
    expect(first).not.toEqual(other)
  })

  it('spreads numbers evenly, for neighbouring seeds too', () => {
    const counts = new Array<number>(16).fill(0)
    for (let seed = 0; seed < 1000; seed++) {
      const random = new SeededRandom(seed)
      for (let i = 0; i < 16; i++) {
        const bucket = random.integer(16)
        counts[bucket] = (counts[bucket] ?? 0) + 1
      }
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150)
  })

  it('fills every byte of a run', () => {
    const seen = new Set<number>()
    for (let seed = 0; seed < 200; seed++) for (const byte of new SeededRandom(seed).bytes(21)) seen.add(byte)
    expect(seen.size).toBe(256)
    const random = new SeededRandom(1)
    const last = Array.from({ length: 50 }, () => random.bytes(7)[6])
    expect(new Set(last).size).toBeGreaterThan(30)
  })

  it('keeps to its bounds', () => {
    const random = new SeededRandom(3)
    for (let i = 0; i < 1000; i++) {
      expect(random.integer(3)).toBeLessThan(3)
      expect(random.chance(0)).toBe(false)
      expect(random.chance(1)).toBe(true)
      expect(['a', 'b']).toContain(random.pick(['a', 'b']))
    }
    expect(() => random.pick([])).toThrow(RangeError)
  })

  it('forks generators whose draws do not disturb one another', () => {
    const draw = (extra: number) => {
      const random = new SeededRandom(5)
      const fork = random.fork()
      for (let i = 0; i < extra; i++) fork.u32()
      return random.u32()
    }
    expect(draw(0)).toBe(draw(100))
  })
})
