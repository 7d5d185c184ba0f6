import { forEachSeed, SeededRandom } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { TurnWorld } from './testing/turn-world.ts'
import type { WorldTotals } from './testing/turn-world-server.ts'

// CROWFLY_SEEDS=3000 npx vitest run --project unit packages/turn/src/server/simulation.test.ts
const SEEDS = 500
const ACTIONS = 200
// For a soak; 500 seeds take nine seconds of a processor.
const SOAK_MS = 3_600_000

function simulate(mode: 'rooms' | 'public'): WorldTotals {
  const totals: WorldTotals = { granted: 0, refused: 0, relayed: 0, dropped: 0, fromElsewhere: 0 }
  forEachSeed(SEEDS, (seed) => {
    const world = new TurnWorld(new SeededRandom(seed), mode)
    world.run(ACTIONS)
    totals.granted += world.totals.granted
    totals.refused += world.totals.refused
    totals.relayed += world.totals.relayed
    totals.dropped += world.totals.dropped
    totals.fromElsewhere += world.totals.fromElsewhere
  })
  return totals
}

// What the world checks at every step: each response and each packet is what the model says, no less and no more, in
// spite of loss, reordering, duplicates, late timers, jumps of time and changes of address; and in the end nothing is
// left of allocations, reservations, ports, sockets, held paths and timers.
describe('the TURN server under simulation', () => {
  it.each(['rooms', 'public'] as const)(
    'does what the model says, in %s mode',
    (mode) => {
      const totals = simulate(mode)
      // So that the model is asked about enough of each kind.
      if (process.env['CROWFLY_SEED'] !== undefined) return
      expect(totals.granted).toBeGreaterThan(SEEDS * 10)
      expect(totals.refused).toBeGreaterThan(SEEDS)
      expect(totals.relayed).toBeGreaterThan(SEEDS)
      expect(totals.dropped).toBeGreaterThan(SEEDS * 5)
      expect(totals.fromElsewhere).toBeGreaterThan(SEEDS / 2)
    },
    SOAK_MS,
  )
})
