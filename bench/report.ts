import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, release } from 'node:os'
import { join, relative } from 'node:path'

const RESULTS = join(import.meta.dirname, '..', 'results')

/** A Markdown table, in columns that line up. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`
  const rule = `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`
  return [line(head), rule, ...rows.map(line)].join('\n')
}

/** What the figures were measured on. */
export function describeMachine(): string {
  const processors = cpus()
  return `${processors.length} cores of ${processors[0]?.model.trim() ?? 'an unknown kind'}, Linux ${release()}, Node ${process.versions.node}`
}

/** Writes the samples as JSON to bench/results and prints where. */
export function saveResults(name: string, results: unknown): void {
  mkdirSync(RESULTS, { recursive: true })
  const path = join(RESULTS, `${name}.json`)
  const content = { benchmark: name, at: new Date().toISOString(), machine: describeMachine(), results }
  writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`)
  console.log(`\nsamples: ${relative('', path)}`)
}

/** An integer option of the command line, at least 1. */
export function positiveOption(name: string, text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  console.error(`--${name} must be a number above 0, not ${text}`)
  process.exit(2)
}
