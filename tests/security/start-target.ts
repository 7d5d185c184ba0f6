import type { Target } from './target.ts'
import { startCoturn } from './targets/coturn.ts'
import { startCrowflyServe } from './targets/crowfly-serve.ts'
import {
  startCrowflyTurn,
  startFull,
  startMute,
  startOneRoom,
  startShortNonces,
} from './targets/crowfly-turn.ts'

const STARTERS: ReadonlyMap<string, () => Promise<Target>> = new Map([
  ['turn', startCrowflyTurn],
  ['serve', startCrowflyServe],
  ['short-nonces', startShortNonces],
  ['one-room', startOneRoom],
  ['full', startFull],
  ['mute', startMute],
  ['coturn', () => startCoturn(false)],
  ['careless-coturn', () => startCoturn(true)],
])

/** Starts a server by its name; throws a sentence for people. */
export async function startTarget(name: string): Promise<Target> {
  const start = STARTERS.get(name)
  if (start === undefined) throw new Error(`no target is called ${name}: ${[...STARTERS.keys()].join(', ')}`)
  return start()
}
