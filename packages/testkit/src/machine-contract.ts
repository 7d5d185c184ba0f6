import {
  type ContractRule,
  ContractViolation,
  type MachineSubject,
  MachineTrace,
  type TraceVariant,
} from './machine-trace.ts'
import { SeededRandom } from './seeded-random.ts'

/** Makes a fresh subject. All randomness that the machine gets must come from `random`. */
export type SubjectFactory<Event> = (random: SeededRandom) => MachineSubject<Event>

const STEPS = 150
const STEPS_AFTER_CLOSE = 20

/** Whatever comes, it never throws, a drain ends, the next deadline lies ahead, and it sends only on its paths. */
export function checkLiveness<Event>(factory: SubjectFactory<Event>, seed: number): void {
  record(factory, seed, {})
}

/** `handleTimeout` before the deadline changes nothing, then or later. */
export function checkEarlyTimeouts<Event>(factory: SubjectFactory<Event>, seed: number): void {
  compare('earlyTimeoutIsNoOp', record(factory, seed, {}), record(factory, seed, { hasEarlyTimeouts: true }))
}

/** What lies around an input, and what becomes of the buffer after the drain, makes no difference. */
export function checkBorrowing<Event>(factory: SubjectFactory<Event>, seed: number): void {
  const poisoned = record(factory, seed, { surroundings: 0 })
  compare('borrowsOnly', poisoned, record(factory, seed, { surroundings: 0xff, keepsInput: true }))
}

/** The same seed and inputs give the same bytes, events and deadlines. */
export function checkReplay<Event>(factory: SubjectFactory<Event>, seed: number): void {
  compare('replays', record(factory, seed, {}), record(factory, seed, {}))
}

/** Once closed, and whatever comes then, there is no deadline. */
export function checkClosed<Event>(factory: SubjectFactory<Event>, seed: number): void {
  const trace = new MachineTrace(factory(new SeededRandom(seed)), seed)
  trace.run(seed % STEPS)
  trace.runClosed(STEPS_AFTER_CLOSE)
}

function record<Event>(
  factory: SubjectFactory<Event>,
  seed: number,
  variant: TraceVariant,
): readonly string[] {
  const trace = new MachineTrace(factory(new SeededRandom(seed)), seed, variant)
  trace.run(STEPS)
  return trace.log
}

function compare(rule: ContractRule, first: readonly string[], second: readonly string[]): void {
  const length = Math.max(first.length, second.length)
  for (let line = 0; line < length; line++) {
    if (first[line] !== second[line]) {
      throw new ContractViolation(rule, `two runs differ:\n  ${first[line]}\n  ${second[line]}`)
    }
  }
}
