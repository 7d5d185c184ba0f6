import { expect, test } from 'vitest'
import { MediaWatch } from './media-watch.ts'

function received(...packets: number[]): Map<string, object> {
  const entries = packets.map(
    (packetsReceived, i) => [`in${i}`, { type: 'inbound-rtp', packetsReceived }] as const,
  )
  return new Map<string, object>([...entries, ['out', { type: 'outbound-rtp', packetsSent: 9 }]])
}

/** The times at which the watch speaks up, asked every 2 s. */
function alarms(watch: MediaWatch, reports: readonly Map<string, object>[], isPeerSending = true): number[] {
  return reports.flatMap((report, i) =>
    watch.handleStats(report, isPeerSending, i * 2_000) ? [i * 2_000] : [],
  )
}

test('media that stops for eight seconds while the peer sends is noticed, and again later and later', () => {
  const reports = [
    received(10, 3),
    received(60, 9),
    ...Array.from({ length: 40 }, (_, i) => received(61 + (i >> 3), 9)),
  ]
  expect(alarms(new MediaWatch(), reports)).toEqual([10_000, 26_000, 58_000])
})

test('a connection that takes the place of one that brought media has to bring some too', () => {
  const reports = [received(500), ...Array.from({ length: 6 }, () => received(0)), received(20), received(20)]
  expect(alarms(new MediaWatch(), reports)).toEqual([8_000])
})

test('media that goes on is left alone, whichever stream carries it', () => {
  const reports = Array.from({ length: 20 }, (_, i) => received(100, i * 12))
  expect(alarms(new MediaWatch(), reports)).toEqual([])
})

test('a peer that says it sends nothing may be silent', () => {
  const reports = Array.from({ length: 20 }, () => received(61))
  expect(alarms(new MediaWatch(), reports, false)).toEqual([])
})

test('a connection over which nothing ever came is another matter', () => {
  const reports = Array.from({ length: 20 }, () => received(0))
  expect(alarms(new MediaWatch(), reports)).toEqual([])
})

test('the time in which the connection did not stand does not count', () => {
  const watch = new MediaWatch()
  watch.handleStats(received(50), true, 0)
  watch.pause(7_000)
  expect(watch.handleStats(received(50), true, 9_000)).toBe(false)
  expect(watch.handleStats(received(50), true, 15_000)).toBe(true)
})
