import { forEachSeed } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { Storm } from './testing/storm.ts'

/** A room whose members come by WebSockets and polls, and go over from one to the other whenever they like. */
class SwitchingStorm extends Storm {
  moves = 0
  readonly loss = this.random.pick([0, 0.02, 0.2])

  constructor(seed: number) {
    super(seed)
    for (const member of this.members) member.road = () => this.random.pick(['webSocket', 'polls'])
    this.world.requests.conditions = {
      delayMs: this.random.pick([1, 20, 120]),
      jitterMs: this.random.pick([0, 30, 200]),
      loss: this.loss,
      copies: this.random.pick([0, 0.3]),
      copyAfterMs: this.random.pick([50, 5_000, 100_000]),
    }
  }

  override chatterFor(durationMs: number): void {
    for (const member of this.members) {
      if (!this.random.chance(0.4)) continue
      this.moves++
      this.world.clock.after(this.random.number() * durationMs, () => member.move())
    }
    super.chatterFor(durationMs)
  }

  override check(): void {
    this.world.requests.conditions = { ...this.world.requests.conditions, loss: 0 }
    this.world.advance(100_000)
    super.check()
  }
}

describe('a room whose members change their transports', { timeout: 3_600_000 }, () => {
  it('doubles nothing, loses nothing but what a server forgot, and gives nobody up within the grace', () => {
    const seen = { moves: 0, delivered: 0, repeatedSends: 0, repeatedBatches: 0, gone: 0 }
    forEachSeed(1_000, (seed) => {
      const storm = new SwitchingStorm(seed)
      storm.run({ maxOutageMs: 5_000, calmMs: 45_000, outages: 3, burst: 8 })
      storm.checkExcuses()
      storm.check()
      // A request that hangs twice, each time for as long as a client waits, outlasts the grace.
      if (storm.loss === 0) expect(storm.audit.expired).toEqual([])
      seen.moves += storm.moves
      seen.delivered += storm.audit.delivered
      seen.repeatedSends += storm.world.pollCounters.repeatedSends
      seen.repeatedBatches += storm.world.pollCounters.repeatedBatches
      seen.gone += storm.world.pollCounters.refused.gone
    })
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0)
  })

  it('says what may be lost, and lets all find together again, when outages outlast the grace', () => {
    forEachSeed(300, (seed) => {
      const storm = new SwitchingStorm(seed)
      storm.run({ maxOutageMs: 60_000, calmMs: 3_000, outages: 4, burst: 8 })
      storm.checkExcuses()
      storm.check()
    })
  })
})
