import { describe, expect, it } from 'vitest'
import { formatClock, formatDuration } from './duration.ts'

describe('a running clock', () => {
  it.each([
    [0, '00:00'],
    [192_900, '03:12'],
    [3_599_999, '59:59'],
    [3_792_000, '1:03:12'],
    [-5000, '00:00'],
  ])('shows %i ms as %s', (ms, text) => {
    expect(formatClock(ms)).toBe(text)
  })
})

describe('a duration in words', () => {
  it.each([
    [0, '0 seconds'],
    [1000, '1 second'],
    [59_000, '59 seconds'],
    [60_000, '1 minute'],
    [192_000, '3 minutes 12 seconds'],
    [3_600_000, '1 hour'],
    [7_260_000, '2 hours 1 minute'],
  ])('says of %i ms: %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })
})
