import type { Target } from './target.ts'
import { startCoturn } from './targets/coturn.ts'
import { startCrowflyServe } from './targets/crowfly-serve.ts'
import { startCrowflyTurn } from './targets/crowfly-turn.ts'

const STARTERS: ReadonlyMap<string, () => Promise<Target>> = new Map([
  ['turn', () => startCrowflyTurn('public')],
  ['one-room', () => startCrowflyTurn('rooms')],
  ['serve', startCrowflyServe],
  ['coturn', () => startCoturn(false)],
  ['careless-coturn', () => startCoturn(true)],
])

/** Starts a server by its name; throws a sentence for people. */
export async function startTarget(name: string): Promise<Target> {
  const start = STARTERS.get(name)
  if (start === undefined) throw new Error(`no target is called ${name}: ${[...STARTERS.keys()].join(', ')}`)
  return start()
}
