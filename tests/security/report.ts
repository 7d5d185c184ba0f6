import type { Result } from './suite.ts'
import type { Target } from './target.ts'

const MARKS = { holds: 'holds  ', fails: 'FAILS  ', skipped: 'skipped' } as const

export function formatHeading(target: Target): string {
  return `\n── ${target.name} (${target.kind}), ${target.host} port ${target.port}`
}

/** One attack in two lines: the verdict, and what was seen. */
export function formatResult(result: Result): string {
  const { honest, memoryMib, processorSeconds } = result
  const aside = [`${result.seconds.toFixed(1)} s`]
  if (honest !== undefined) {
    const { sent, lost, longestSilenceMs, p99Ms } = honest
    aside.push(`honest client lost ${lost} of ${sent}, p99 ${p99Ms} ms, silent for ${longestSilenceMs} ms`)
  }
  if (memoryMib !== undefined) aside.push(`${memoryMib} MiB`)
  if (processorSeconds !== undefined && !Number.isNaN(processorSeconds)) {
    aside.push(`${processorSeconds.toFixed(2)} s of the server’s processor`)
  }
  return `${MARKS[result.verdict]} ${result.attack}  (${aside.join('; ')})\n        ${result.seen}`
}

export function formatSum(results: readonly Result[]): string {
  const count = (verdict: Result['verdict']) => results.filter((result) => result.verdict === verdict).length
  return `${count('holds')} hold, ${count('fails')} fail, ${count('skipped')} skipped`
}
