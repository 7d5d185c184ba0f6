import { afterEach, describe, expect, it, vi } from 'vitest'
import { forEachSeed, forEachSeedAsync, SeedFailure } from './seeds.ts'

// Whoever replays a seed sets these for all tests of the run, these tests included.
function withoutEnvironment(): void {
  vi.stubEnv('CROWFLY_SEED', undefined)
  vi.stubEnv('CROWFLY_SEEDS', undefined)
}

describe('forEachSeed', () => {
  afterEach(() => {
    vi.unstubAllEnvs()
  })

  it('runs the seeds from 1 on', () => {
    withoutEnvironment()
    const seeds: number[] = []
    forEachSeed(3, (seed) => seeds.push(seed))
    expect(seeds).toEqual([1, 2, 3])
  })

  it('stops at the first failure and names its seed and how to repeat it', () => {
    withoutEnvironment()
    const cause = new Error('broken')
    const run = () =>
      forEachSeed(9, (seed) => {
        if (seed === 4) throw cause
      })
    expect(run).toThrow(SeedFailure)
    expect(run).toThrow('seed 4 failed (repeat with CROWFLY_SEED=4): broken')
  })

  it('runs only the seed that the environment names', () => {
    withoutEnvironment()
    vi.stubEnv('CROWFLY_SEED', '77')
    const seeds: number[] = []
    forEachSeed(3, (seed) => seeds.push(seed))
    expect(seeds).toEqual([77])
  })

  it('runs as many seeds as the environment says', () => {
    withoutEnvironment()
    vi.stubEnv('CROWFLY_SEEDS', '5')
    let runs = 0
    forEachSeed(3, () => runs++)
    expect(runs).toBe(5)
  })

  it('refuses a seed that is no number', () => {
    vi.stubEnv('CROWFLY_SEED', 'x')
    expect(() => forEachSeed(1, () => {})).toThrow('CROWFLY_SEED must be an integer')
  })

  it('refuses what awaits something, which it would not wait for', () => {
    withoutEnvironment()
    expect(() => forEachSeed(1, async () => {})).toThrow('forEachSeedAsync')
  })

  it('has a twin that awaits each run before the next', async () => {
    withoutEnvironment()
    const order: string[] = []
    await forEachSeedAsync(2, async (seed) => {
      order.push(`start ${seed}`)
      await Promise.resolve()
      order.push(`end ${seed}`)
    })
    expect(order).toEqual(['start 1', 'end 1', 'start 2', 'end 2'])
    await expect(forEachSeedAsync(1, () => Promise.reject(new Error('broken')))).rejects.toThrow(
      'seed 1 failed',
    )
  })
})
