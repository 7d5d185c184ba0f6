import { randomInt } from 'node:crypto'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { type Finding, messageOf, minimize } from './campaign.ts'
import { saveInput } from './corpus.ts'
import { loadTarget, targetNames } from './target-files.ts'
import { CURRENT_HEADER_BYTES, type FuzzReport, type FuzzTask } from './task.ts'

const HANG_MS = 10_000
const LONGEST_INPUT = 1 << 20

const targetsFolder = join(import.meta.dirname, 'targets')
const corpora = join(import.meta.dirname, '..', 'corpus')

type Ending = { type: 'done' } | ({ type: 'finding' } & Finding) | { type: 'hang'; input: Uint8Array }

interface Progress {
  runs: number
  outcomes: ReadonlyMap<string, number>
}

/** Runs a task in a worker, so that an input on which the target never returns is a finding too. */
function watch(task: FuzzTask, progress: Progress): Promise<Ending> {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: task })
  return new Promise<Ending>((resolve, reject) => {
    const header = new Int32Array(task.current, 0, 2)
    let last = 0
    const watchdog = setInterval(() => {
      const inputs = Atomics.load(header, 1)
      // Before the first input, the target is still being loaded.
      if (inputs === last && inputs !== 0) resolve({ type: 'hang', input: currentInput(task.current) })
      last = inputs
    }, HANG_MS)
    worker.on('message', (report: FuzzReport) => {
      if (report.type === 'progress') Object.assign(progress, report)
      else resolve(report)
    })
    worker.on('error', reject)
    worker.on('exit', () => clearInterval(watchdog))
  }).finally(() => worker.terminate())
}

function currentInput(current: SharedArrayBuffer): Uint8Array {
  const length = new Int32Array(current, 0, 1)[0] ?? 0
  return new Uint8Array(current, CURRENT_HEADER_BYTES, length).slice()
}

const count = (value: number) => Math.round(value).toLocaleString('en')

async function fuzz(name: string, runs: number, seed: number): Promise<boolean> {
  const corpusFolder = join(corpora, name)
  const current = new SharedArrayBuffer(CURRENT_HEADER_BYTES + LONGEST_INPUT)
  const progress: Progress = { runs: 0, outcomes: new Map() }
  const startedAt = performance.now()
  const rate = () => `${count(progress.runs / ((performance.now() - startedAt) / 1000))}/s`
  const ticker = setInterval(() => {
    console.error(`${name}: ${count(progress.runs)} inputs, ${rate()}, ${progress.outcomes.size} outcomes`)
  }, 5000)
  const ending = await watch({ name, seed, runs, targetsFolder, corpusFolder, current }, progress)
  clearInterval(ticker)

  for (const [outcome, times] of [...progress.outcomes].sort(([, a], [, b]) => b - a).slice(0, 20)) {
    console.log(`${count(times).padStart(14)}  ${outcome}`)
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  const verdict = ending.type === 'done' ? 'no findings' : 'A FINDING'
  console.log(
    `${name}: ${count(progress.runs)} inputs in ${seconds} s (${rate()}), seed ${seed}, ` +
      `${progress.outcomes.size} outcomes, ${verdict}`,
  )
  if (ending.type === 'finding') {
    const target = await loadTarget(targetsFolder, name, 'js')
    const input = minimize(target, ending.input, messageOf(ending.error))
    const path = await saveInput(corpusFolder, 'finding', input)
    console.log(`input ${count(ending.run)} of seed ${seed}, saved as ${relative('', path)}:`, ending.error)
  } else if (ending.type === 'hang') {
    const path = await saveInput(corpusFolder, 'hang', ending.input)
    console.log(`no return within ${HANG_MS / 1000} s, saved as ${relative('', path)}`)
  }
  return ending.type === 'done'
}

function integerOption(name: string, text: string): number {
  const value = Number(text.replaceAll('_', ''))
  if (Number.isInteger(value) && value >= 0) return value
  console.error(`--${name} must be a whole number, not ${text}`)
  process.exit(2)
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '1000000' }, seed: { type: 'string' } },
})
const known = await targetNames(targetsFolder)
const [name] = positionals
if (name === undefined || positionals.length > 1 || !known.includes(name)) {
  console.error(`usage: npm run fuzz -- <target> [--runs 10000000] [--seed N]\ntargets: ${known.join(', ')}`)
  process.exit(2)
}
const runs = integerOption('runs', values.runs)
const seed = values.seed === undefined ? randomInt(2 ** 31) : integerOption('seed', values.seed)
process.exitCode = (await fuzz(name, runs, seed)) ? 0 : 1
