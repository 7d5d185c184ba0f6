import { describe, it } from 'vitest'
import {
  checkBorrowing,
  checkClosed,
  checkEarlyTimeouts,
  checkLiveness,
  checkReplay,
  type SubjectFactory,
} from './machine-contract.ts'
import { SeededRandom } from './seeded-random.ts'
import { forEachSeed } from './seeds.ts'

/** Declares the tests that every machine must pass, each run with `seeds` seeds. */
export function describeMachine<Event>(name: string, factory: SubjectFactory<Event>, seeds = 60): void {
  describe(`${name}, as a machine`, () => {
    it('never throws, drains to an end and has its next deadline ahead, whatever comes', () => {
      forEachSeed(seeds, (seed) => checkLiveness(factory, seed))
    })
    it('does nothing on an early timeout', () => {
      forEachSeed(seeds, (seed) => checkEarlyTimeouts(factory, seed))
    })
    it('neither keeps the input that it borrows nor reads past its ends', () => {
      forEachSeed(seeds, (seed) => checkBorrowing(factory, seed))
    })
    it('gives the same bytes for the same seed and inputs', () => {
      forEachSeed(seeds, (seed) => checkReplay(factory, seed))
    })
    if (factory(new SeededRandom(0)).close !== undefined) {
      it('has no deadline once it is closed', () => {
        forEachSeed(seeds, (seed) => checkClosed(factory, seed))
      })
    }
  })
}
