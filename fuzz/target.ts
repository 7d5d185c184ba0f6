/** What is fuzzed: `fuzz/targets/<name>.ts` exports one as `target`. */
export interface FuzzTarget {
  /**
   * Takes one input, borrowed for the call, writable. A throw is a finding: throw an `Error` when an invariant does
   * not hold.
   *
   * Returns the outcome in a few words that do not depend on the content ("badLength", "request"): the first input
   * with a new outcome joins those that are mutated. Up to some hundred different ones make sense.
   */
  run(input: Uint8Array): string
  /** Mends checksums and lengths in place, so that more inputs get past them; done to half of the inputs. */
  repair?(input: Uint8Array): void
  /** Inputs to start from besides those in `fuzz/corpus/<name>/`. */
  seeds?: readonly Uint8Array[]
  /** Runs of bytes worth putting somewhere. */
  dictionary?: readonly Uint8Array[]
  /** Longest input, in bytes. Default 512. */
  maxBytes?: number
}

/** What a target throws when what must hold does not. */
export class InvariantViolation extends Error {
  readonly code = 'INVARIANT_VIOLATION'
  override readonly name = 'InvariantViolation'
}

/** Throws an `InvariantViolation` unless `condition` holds. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantViolation(message)
}
