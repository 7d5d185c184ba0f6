/** What several samples of one figure say. */
export interface Summary {
  median: number
  least: number
  most: number
  samples: readonly number[]
}

/** Of at least one sample. */
export function summarize(samples: readonly number[]): Summary {
  const sorted = [...samples].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  const lower = sorted[middle - 1] ?? Number.NaN
  return {
    median: sorted.length % 2 === 1 ? upper : (lower + upper) / 2,
    least: sorted[0] ?? Number.NaN,
    most: sorted.at(-1) ?? Number.NaN,
    samples,
  }
}

/** The ratios of samples that were taken in the same rounds. */
export function ratios(samples: readonly number[], reference: readonly number[]): Summary {
  return summarize(samples.map((sample, round) => sample / (reference[round] ?? Number.NaN)))
}

/** `1,234 (1,100 to 1,300)` */
export function formatSummary({ median, least, most }: Summary, digits = 0): string {
  const format = (value: number) =>
    value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
  return `${format(median)} (${format(least)} to ${format(most)})`
}
