/** A simulation failed; the message names the seed that repeats it. */
export class SeedFailure extends Error {
  readonly code = 'SEED_FAILURE'
  readonly seed: number

  constructor(seed: number, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super(`seed ${seed} failed (repeat with CROWFLY_SEED=${seed}): ${reason}`, { cause })
    this.name = 'SeedFailure'
    this.seed = seed
    // The stack that helps is that of what went wrong.
    if (cause instanceof Error && cause.stack !== undefined) this.stack = `${this.message}\n${cause.stack}`
  }
}

/**
 * Runs `run` with the seeds 1 to `count`, and throws a `SeedFailure` at the first that fails.
 *
 * The environment variable CROWFLY_SEED runs that one seed instead; CROWFLY_SEEDS replaces the count, for a soak.
 */
export function forEachSeed(count: number, run: (seed: number) => void): void {
  for (const seed of seedsToRun(count)) {
    try {
      const result: unknown = run(seed)
      if (result instanceof Promise) throw new TypeError('what awaits something needs forEachSeedAsync')
    } catch (error) {
      throw new SeedFailure(seed, error)
    }
  }
}

/** The same for simulations that await something; one seed after the other. */
export async function forEachSeedAsync(count: number, run: (seed: number) => Promise<void>): Promise<void> {
  for (const seed of seedsToRun(count)) {
    try {
      await run(seed)
    } catch (error) {
      throw new SeedFailure(seed, error)
    }
  }
}

function* seedsToRun(count: number): Iterable<number> {
  const only = integerFromEnvironment('CROWFLY_SEED')
  if (only !== undefined) {
    yield only
    return
  }
  const last = integerFromEnvironment('CROWFLY_SEEDS') ?? count
  for (let seed = 1; seed <= last; seed++) yield seed
}

function integerFromEnvironment(name: string): number | undefined {
  const text = process.env[name]
  if (text === undefined || text === '') return undefined
  const value = Number(text)
  if (!Number.isInteger(value)) throw new TypeError(`${name} must be an integer, not ${text}`)
  return value
}
