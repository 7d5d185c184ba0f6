// `npm run test:security`: see `usage` in options.ts.
import { writeFileSync } from 'node:fs'
import { type Options, readOptions, usage } from './options.ts'
import { isInOwnNetwork, prepareOwnNetwork, runInOwnNetwork } from './own-network.ts'
import { formatHeading, formatResult, formatSum } from './report.ts'
import { startTarget } from './start-target.ts'
import { attackAll, type Result } from './suite.ts'
import type { Target } from './target.ts'

async function attackOne(target: Target, options: Options): Promise<readonly Result[]> {
  console.log(formatHeading(target))
  try {
    const results = await attackAll(target, {
      isShort: options.isShort,
      only: options.only,
      onResult: (result) => console.log(formatResult(result)),
    })
    console.log(formatSum(results))
    return results
  } finally {
    await target.stop()
  }
}

/** Attacks what is asked for; returns the exit code. */
async function run(options: Options): Promise<number> {
  const found: Record<string, readonly Result[]> = {}
  let isBroken = false
  const starts =
    options.server === undefined
      ? options.targets.map((name) => () => startTarget(name))
      : [async () => options.server]
  for (const start of starts) {
    const target = await start()
    if (target === undefined) continue
    const results = await attackOne(target, options)
    found[target.name] = results
    if (target.isJudged && results.some(({ verdict }) => verdict === 'fails')) isBroken = true
  }
  if (options.json !== undefined) writeFileSync(options.json, JSON.stringify(found, null, 2))
  return isBroken && !options.isReportOnly ? 1 : 0
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2))
  if (options === 'help') {
    console.log(usage)
    return 0
  }
  if (isInOwnNetwork()) prepareOwnNetwork()
  else if (options.server === undefined) {
    const code = runInOwnNetwork()
    if (code !== undefined) return code
    console.log(
      'No network of its own can be made here: some attacks are skipped, victims are on loopback only.',
    )
  }
  return run(options)
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
