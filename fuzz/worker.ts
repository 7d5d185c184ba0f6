import { parentPort, workerData } from 'node:worker_threads'
import { Campaign } from './campaign.ts'
import { readCorpus } from './corpus.ts'
import { loadTarget } from './target-files.ts'
import { CURRENT_HEADER_BYTES, type FuzzReport, type FuzzTask } from './task.ts'

const INPUTS_PER_REPORT = 20_000

function report(message: FuzzReport): void {
  parentPort?.postMessage(message)
}

/** Runs a whole task in this thread. Before each input, it is written where the main thread finds it on a hang. */
async function run(task: FuzzTask): Promise<void> {
  const target = await loadTarget(task.targetsFolder, task.name, 'js')
  const corpus = await readCorpus(task.corpusFolder)
  const header = new Int32Array(task.current, 0, 2)
  const current = new Uint8Array(task.current, CURRENT_HEADER_BYTES)
  const campaign = new Campaign(
    target,
    task.seed,
    corpus.map((entry) => entry.bytes),
    (input) => {
      header[0] = input.length
      current.set(input)
      Atomics.add(header, 1, 1)
    },
  )
  while (campaign.runs < task.runs) {
    const finding = campaign.run(Math.min(INPUTS_PER_REPORT, task.runs - campaign.runs))
    report({ type: 'progress', runs: campaign.runs, outcomes: campaign.outcomes })
    if (finding !== undefined) return report({ type: 'finding', ...finding })
  }
  report({ type: 'done' })
}

await run(workerData)
