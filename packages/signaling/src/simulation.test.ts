import { forEachSeed } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { Storm } from './testing/storm.ts'

describe('a room in bad weather', { timeout: 3_600_000 }, () => {
  it('doubles nothing, loses nothing but what a server forgot, and gives nobody up within the grace', () => {
    let delivered = 0
    forEachSeed(150, (seed) => {
      const storm = new Storm(seed)
      storm.run({ maxOutageMs: 10_000, calmMs: 20_000, outages: 4, burst: 8 })
      storm.checkExcuses()
      storm.check()
      expect(storm.audit.expired).toEqual([])
      delivered += storm.audit.delivered
    })
    expect(delivered).toBeGreaterThan(0)
  })

  it('says what may be lost, and lets all find together again, when outages outlast the grace', () => {
    forEachSeed(150, (seed) => {
      const storm = new Storm(seed)
      storm.run({ maxOutageMs: 60_000, calmMs: 3_000, outages: 6, burst: 8 })
      storm.checkExcuses()
      storm.check()
    })
  })

  it('keeps the order and doubles nothing when mailboxes overflow and clients are sent off for their haste', () => {
    const seen = { undeliverable: 0, tooFast: 0 }
    forEachSeed(50, (seed) => {
      const storm = new Storm(seed, { maxOutboxMessages: 32, messagesPerSecond: 10, messageBurst: 100 })
      storm.run({ maxOutageMs: 20_000, calmMs: 3_000, outages: 4, burst: 600 })
      storm.world.advance(120_000)
      storm.check()
      seen.undeliverable += storm.world.server.counters.undeliverable
      seen.tooFast += storm.world.server.counters.goodbyes.tooFast
    })
    expect(seen.undeliverable).toBeGreaterThan(0)
    expect(seen.tooFast).toBeGreaterThan(0)
  })
})
