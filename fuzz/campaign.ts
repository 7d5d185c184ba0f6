import { SeededRandom } from '@crowfly/testkit'
import { Mutator } from './mutator.ts'
import type { FuzzTarget } from './target.ts'

const DEFAULT_MAX_BYTES = 512
const MAX_OUTCOMES = 4096

/** An input that made a target throw. */
export interface Finding {
  /** Which input it was, counted from 1. */
  run: number
  input: Uint8Array
  error: unknown
}

/** Many mutated inputs for one target, determined by the seed and the corpus. */
export class Campaign {
  readonly #target: FuzzTarget
  readonly #random: SeededRandom
  readonly #mutator: Mutator
  /** What is mutated: the corpus, and the first input of each outcome. */
  readonly #pool: Uint8Array[]
  readonly #outcomes = new Map<string, number>()
  readonly #before: (input: Uint8Array) => void
  #runs = 0

  /** `before` sees each input before the target does, borrowed. */
  constructor(
    target: FuzzTarget,
    seed: number,
    corpus: readonly Uint8Array[],
    before: (input: Uint8Array) => void = () => {},
  ) {
    this.#target = target
    this.#random = new SeededRandom(seed)
    this.#mutator = new Mutator(this.#random, target.maxBytes ?? DEFAULT_MAX_BYTES, target.dictionary)
    this.#pool = [...corpus, ...(target.seeds ?? [])]
    if (this.#pool.length === 0) this.#pool.push(new Uint8Array(1))
    this.#before = before
  }

  /** Inputs run so far. */
  get runs(): number {
    return this.#runs
  }

  /** How often each outcome was seen. */
  get outcomes(): ReadonlyMap<string, number> {
    return this.#outcomes
  }

  /** Runs `count` inputs, or fewer if one of them is a finding. */
  run(count: number): Finding | undefined {
    for (let i = 0; i < count; i++) {
      const input = this.#mutator.mutate(this.#pool)
      if (this.#target.repair !== undefined && this.#random.chance(0.5)) this.#target.repair(input)
      this.#before(input)
      this.#runs++
      try {
        this.#note(this.#target.run(input), input)
      } catch (error) {
        return { run: this.#runs, input: input.slice(), error }
      }
    }
    return undefined
  }

  #note(outcome: string, input: Uint8Array): void {
    const count = this.#outcomes.get(outcome) ?? 0
    if (count === 0) {
      if (this.#outcomes.size >= MAX_OUTCOMES) return
      this.#pool.push(input.slice())
    }
    this.#outcomes.set(outcome, count + 1)
  }
}

/** The input with as much left out as still makes the target throw the same message. */
export function minimize(target: FuzzTarget, input: Uint8Array, message: string): Uint8Array {
  let best = input
  for (let size = input.length; size >= 1; size = size >> 1) {
    for (let at = 0; at + size <= best.length; ) {
      const shorter = new Uint8Array(best.length - size)
      shorter.set(best.subarray(0, at))
      shorter.set(best.subarray(at + size), at)
      if (messageThrown(target, shorter) === message) best = shorter
      else at += size
    }
  }
  return best
}

function messageThrown(target: FuzzTarget, input: Uint8Array): string | undefined {
  try {
    target.run(input.slice())
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}

/** What a thrown thing says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
