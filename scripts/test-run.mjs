import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildAll, ensureBuilt } from './build-output.mjs'
import { root, run, runPackage } from './command.mjs'
import { ensureInstalled } from './installation.mjs'
import { ensureSystemPackages } from './system-packages.mjs'

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Count
 * @typedef {{ about: string, needsBuild?: boolean, run: () => Count }} Phase
 */

const results = join(root, 'test-results')
const nothing = { passed: 0, failed: 0, skipped: 0 }

/** @param {boolean} isRight @returns {Count} a phase without tests counts only when it fails */
const check = (isRight) => ({ ...nothing, failed: isRight ? 0 : 1 })

/** @param {string} script @param {readonly string[]} args */
const runScript = (script, ...args) => run(process.execPath, [join('scripts', script), ...args])

/** @param {string} project of vitest.config.ts @returns {Count} */
function vitest(project) {
  const report = join(results, `${project}.json`)
  rmSync(report, { force: true })
  const args = [
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]
  const isRight = runPackage('vitest', 'vitest', args)
  if (!existsSync(report)) return check(isRight)
  const counts = JSON.parse(readFileSync(report, 'utf8'))
  const failed = counts.numFailedTests
  return {
    passed: counts.numPassedTests,
    // A file that does not even load has no failing test.
    failed: failed === 0 && !isRight ? 1 : failed,
    skipped: counts.numPendingTests + counts.numTodoTests,
  }
}

/** @type {Record<string, Phase>} */
const phases = {
  types: {
    about: 'TypeScript over sources and tests',
    run: () =>
      check(
        runPackage('typescript', 'tsc', ['-b']) &&
          runPackage('typescript', 'tsc', ['-p', 'tsconfig.check.json']) &&
          runPackage('typescript', 'tsc', ['-p', join('apps', 'call')]) &&
          runPackage('typescript', 'tsc', ['-p', 'scripts']),
      ),
  },
  lint: {
    about: 'Biome, links of the documents, nothing of one machine in tracked files',
    run: () => {
      const isTidy = runScript('tracked-files.mjs')
      return check(runPackage('@biomejs/biome', 'biome', ['check', '--error-on-warnings', '.']) && isTidy)
    },
  },
  layers: {
    about: 'imports go down only, the lower layers are pure',
    run: () => check(runScript('layers.mjs')),
  },
  unit: { about: 'unit tests, RFC vectors, contracts, simulations, fuzz corpora', run: () => vitest('unit') },
  build: { about: 'the packages and the call app', run: () => check(buildAll()) },
  e2e: { about: 'calls between real browsers', needsBuild: true, run: () => vitest('e2e') },
  interop: { about: 'against other implementations', needsBuild: true, run: () => vitest('interop') },
  netlab: {
    about: 'calls behind NATs, in network namespaces',
    needsBuild: true,
    run: () => vitest('netlab'),
  },
  security: {
    about: 'attacks on the relay, in their short form',
    needsBuild: true,
    run: () => vitest('security'),
  },
}

/** @param {number} since @returns {string} seconds */
const elapsed = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`

/** @param {Count} count */
const inWords = (count) => `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`

/**
 * @param {string} name @param {boolean} isBuilt whether the build phase has run or does not concern it
 * @returns {{ line: string, count: Count }}
 */
function runPhase(name, isBuilt) {
  const phase = phases[name]
  if (!phase) return { line: name, count: check(false) }
  console.log(`\n── ${name}: ${phase.about}`)
  const start = performance.now()
  const count = phase.needsBuild && !isBuilt && !ensureBuilt() ? check(false) : phase.run()
  const isCounted = count.passed + count.skipped > 0
  const outcome = isCounted ? inWords(count) : count.failed ? 'failed' : 'right'
  const line = `${name.padEnd(8)} ${elapsed(start).padStart(8)}  ${outcome}`
  console.log(line)
  return { line, count }
}

/**
 * Runs the phases named, all of them when none is, and prints the sum alone on the last line.
 * @param {readonly string[]} names
 * @returns {boolean} whether nothing failed and, with CI=true, nothing was skipped
 */
export function runTests(names) {
  const unknown = names.filter((name) => !(name in phases))
  if (unknown.length > 0) {
    console.error(`No such phase: ${unknown.join(', ')}. The phases are ${Object.keys(phases).join(', ')}.`)
    return false
  }
  const wanted =
    names.length > 0 ? Object.keys(phases).filter((name) => names.includes(name)) : Object.keys(phases)
  const start = performance.now()
  console.log(`Testing: ${wanted.join(', ')}.`)
  if (!ensureInstalled('npm test')) return false
  ensureSystemPackages(wanted)
  mkdirSync(results, { recursive: true })
  const done = wanted.map((name) => runPhase(name, wanted.includes('build')))
  const sum = done.reduce(
    (total, { count }) => ({
      passed: total.passed + count.passed,
      failed: total.failed + count.failed,
      skipped: total.skipped + count.skipped,
    }),
    nothing,
  )
  const isSkipWrong = process.env['CI'] === 'true' && sum.skipped > 0
  console.log(`\n── summary, ${elapsed(start)}`)
  for (const { line } of done) console.log(line)
  if (isSkipWrong) console.log('Tests were skipped, which CI does not allow: what they miss is said above.')
  console.log(inWords(sum))
  return sum.failed === 0 && !isSkipWrong
}
