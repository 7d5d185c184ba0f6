import { parentPort, workerData } from 'node:worker_threads'
import { Campaign } from './campaign.ts'
import { readCorpus } from './corpus.ts'
import { loadTarget } from './target-files.ts'
import type { FuzzReport, FuzzTask } from './task.ts'

const INPUTS_PER_REPORT = 20_000

function report(message: FuzzReport): void {
  parentPort?.postMessage(message)
}

/** Runs a whole task in this thread. Before each input, it is written where the main thread finds it on a hang. */
async function run(task: FuzzTask): Promise<void> {
  const target = await loadTarget(task.targetsFolder, task.name, 'js')
  const corpus = await readCorpus(task.corpusFolder)
  const length = new Int32Array(task.current, 0, 1)
  const current = new Uint8Array(task.current, 4)
  const campaign = new Campaign(
    target,
    task.seed,
    corpus.map((entry) => entry.bytes),
    (input) => {
      length[0] = input.length
      current.set(input)
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
