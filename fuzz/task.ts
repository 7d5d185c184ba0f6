import type { Finding } from './campaign.ts'

/** Bytes before the input in `FuzzTask.current`. */
export const CURRENT_HEADER_BYTES = 8

/** What the main thread asks of the worker. */
export interface FuzzTask {
  name: string
  seed: number
  runs: number
  targetsFolder: string
  corpusFolder: string
  /**
   * Where the worker keeps the input that it is at: its length and a count of inputs, which wraps, as two 32-bit
   * integers in the machine's order, then the input.
   */
  current: SharedArrayBuffer
}

/** What the worker says. */
export type FuzzReport =
  | { type: 'progress'; runs: number; outcomes: ReadonlyMap<string, number> }
  | ({ type: 'finding' } & Finding)
  | { type: 'done' }
