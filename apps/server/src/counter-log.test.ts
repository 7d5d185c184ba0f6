import { pino } from 'pino'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { CounterLog } from './counter-log.ts'

let lines: unknown[] = []

beforeEach(() => {
  lines = []
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function logAt(level: string) {
  return pino(
    { level, base: null, timestamp: false },
    { write: (line: string) => lines.push(JSON.parse(line)) },
  )
}

function countedOf(line: unknown): unknown {
  return typeof line === 'object' && line !== null && 'counted' in line ? line.counted : undefined
}

test('what has been counted is written, without what has not, and nothing twice', () => {
  const counters = { granted: { allocate: 1, refresh: 0 }, dropped: 0, refused: { 403: 0 } }
  const log = new CounterLog(counters, logAt('debug'), { level: 'debug', everyMs: 1000 })
  vi.advanceTimersByTime(3000)
  expect(lines).toEqual([])
  counters.granted.allocate += 2
  counters.refused[403]++
  vi.advanceTimersByTime(3000)
  counters.dropped += 7
  log.close()
  vi.advanceTimersByTime(3000)
  expect(lines.map(countedOf)).toEqual([{ granted: { allocate: 2 }, refused: { 403: 1 } }, { dropped: 7 }])
})

test('a level that is not written costs no timer', () => {
  const counters = { dropped: 0 }
  const log = new CounterLog(counters, logAt('info'), { level: 'debug', everyMs: 1000 })
  expect(vi.getTimerCount()).toBe(0)
  counters.dropped++
  log.close()
  expect(lines).toEqual([])
})
