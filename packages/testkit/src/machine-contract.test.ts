import type { Datagram, Machine } from '@crowfly/sansio'
import { describe, expect, it } from 'vitest'
import { describeMachine } from './describe-machine.ts'
import {
  checkBorrowing,
  checkClosed,
  checkEarlyTimeouts,
  checkLiveness,
  checkReplay,
  type SubjectFactory,
} from './machine-contract.ts'
import { type ContractRule, ContractViolation, type MachineSubject } from './machine-trace.ts'
import type { SeededRandom } from './seeded-random.ts'

/** A sound machine: it sends back what it got a while later, and counts. Each bad one differs in a line. */
class DelayedEcho implements Machine<number> {
  protected queue: { bytes: Uint8Array; path: number; at: number }[] = []
  protected due: { bytes: Uint8Array; path: number }[] = []
  protected events: number[] = []
  protected isClosed = false
  protected readonly random: SeededRandom

  constructor(random: SeededRandom) {
    this.random = random
  }

  handleDatagram(input: Datagram, now: number): void {
    if (this.isClosed || this.queue.length > 20) return
    this.queue.push({ bytes: this.copy(input), path: input.path, at: now + 50 + this.random.integer(100) })
    this.queue.sort((a, b) => a.at - b.at)
  }

  handleTimeout(now: number): void {
    for (let next = this.queue[0]; next !== undefined && next.at <= now; next = this.queue[0]) {
      this.queue.shift()
      this.due.push(next)
      this.events.push(next.bytes.length)
    }
  }

  pollTransmit(out: Datagram): boolean {
    const next = this.due.shift()
    if (next === undefined) return false
    Object.assign(out, { bytes: next.bytes, start: 0, end: next.bytes.length, path: next.path })
    return true
  }

  pollEvent(): number | undefined {
    return this.events.shift()
  }

  pollTimeout(): number {
    return this.queue[0]?.at ?? Infinity
  }

  close(): void {
    this.isClosed = true
    this.queue = []
  }

  /** Forgets a path that is gone. */
  drop(path: number): void {
    this.queue = this.queue.filter((entry) => entry.path !== path)
  }

  protected copy(input: Datagram): Uint8Array {
    return input.bytes.slice(input.start, input.end)
  }
}

type EchoClass = new (random: SeededRandom) => DelayedEcho

function factoryOf(Echo: EchoClass): SubjectFactory<number> {
  return (random) => {
    const machine = new Echo(random)
    return { machine, paths: [3, 4], message: (random) => random.bytes(9), close: () => machine.close() }
  }
}

/** The same over connections. */
function connectedFactoryOf(Echo: EchoClass, dropsPaths: boolean): SubjectFactory<number> {
  return (random) => {
    const machine = new Echo(random)
    const close = (path: number) => {
      if (dropsPaths) machine.drop(path)
    }
    return { machine, paths: [3, 4, 5], connections: { open: () => {}, close } }
  }
}

/** The first rule that a factory's machine breaks, over several seeds. */
function ruleBroken<Event>(factory: SubjectFactory<Event>): ContractRule | undefined {
  for (let seed = 1; seed <= 20; seed++) {
    for (const check of [checkLiveness, checkEarlyTimeouts, checkBorrowing, checkReplay, checkClosed]) {
      try {
        check(factory, seed)
      } catch (error) {
        if (error instanceof ContractViolation) return error.rule
        throw error
      }
    }
  }
  return undefined
}

describeMachine('a sound machine', factoryOf(DelayedEcho), 10)
describeMachine('a sound machine over connections', connectedFactoryOf(DelayedEcho, true), 10)

const badMachines: readonly [string, ContractRule, EchoClass][] = [
  [
    'throws on some content',
    'neverThrows',
    class extends DelayedEcho {
      override handleDatagram(input: Datagram, now: number): void {
        if (input.end - input.start === 1) throw new RangeError('too short')
        super.handleDatagram(input, now)
      }
    },
  ],
  [
    'always has something more to send',
    'drainEnds',
    class extends DelayedEcho {
      override pollEvent(): number {
        return 1
      }
    },
  ],
  [
    'leaves its deadline in the past',
    'deadlineIsAhead',
    class extends DelayedEcho {
      override handleTimeout(): void {}
    },
  ],
  [
    'has a deadline that is no number',
    'deadlineIsAhead',
    class extends DelayedEcho {
      override pollTimeout(): number {
        return Number.NaN
      }
    },
  ],
  [
    'fires whenever it is asked',
    'earlyTimeoutIsNoOp',
    class extends DelayedEcho {
      override handleTimeout(): void {
        super.handleTimeout(Infinity)
      }
    },
  ],
  [
    'counts calls of handleTimeout, and so changes later',
    'earlyTimeoutIsNoOp',
    class extends DelayedEcho {
      #calls = 0
      override handleTimeout(now: number): void {
        this.#calls++
        const before = this.due.length
        super.handleTimeout(now)
        if (this.due.length > before) this.events.push(this.#calls)
      }
    },
  ],
  [
    'sends on a path of its own invention',
    'sendsOnItsPaths',
    class extends DelayedEcho {
      override pollTransmit(out: Datagram): boolean {
        const isMore = super.pollTransmit(out)
        out.path = 0
        return isMore
      }
    },
  ],
  [
    'sends a run that is not in its buffer',
    'sendsOnItsPaths',
    class extends DelayedEcho {
      override pollTransmit(out: Datagram): boolean {
        const isMore = super.pollTransmit(out)
        out.end++
        return isMore
      }
    },
  ],
  [
    'keeps a view of its input',
    'borrowsOnly',
    class extends DelayedEcho {
      protected override copy(input: Datagram): Uint8Array {
        return input.bytes.subarray(input.start, input.end)
      }
    },
  ],
  [
    'reads past the end of its input',
    'borrowsOnly',
    class extends DelayedEcho {
      protected override copy(input: Datagram): Uint8Array {
        return input.bytes.slice(input.start, input.end + 1)
      }
    },
  ],
  [
    'brings randomness of its own',
    'replays',
    class extends DelayedEcho {
      protected override copy(input: Datagram): Uint8Array {
        return Uint8Array.of(...super.copy(input), Math.random() * 256)
      }
    },
  ],
  [
    'keeps a deadline when closed',
    'closedHasNoDeadline',
    class extends DelayedEcho {
      override close(): void {}
    },
  ],
]

describe('the machine contract', () => {
  it('finds nothing wrong with a sound machine', () => {
    expect(ruleBroken(factoryOf(DelayedEcho))).toBeUndefined()
    expect(ruleBroken(connectedFactoryOf(DelayedEcho, true))).toBeUndefined()
  })

  it.each(badMachines)('notices a machine that %s', (_, rule, Echo) => {
    // Randomness of its own shows in any comparison of two runs.
    const rules = rule === 'replays' ? ['replays', 'earlyTimeoutIsNoOp', 'borrowsOnly'] : [rule]
    expect(rules).toContain(ruleBroken(factoryOf(Echo)))
  })

  it('notices a machine that sends on a connection after it closed', () => {
    expect(ruleBroken(connectedFactoryOf(DelayedEcho, false))).toBe('sendsOnItsPaths')
  })

  it('lets commands, expected connections and the driver for events take part', () => {
    const seen = { commands: 0, opened: 0, failed: 0, events: 0, closed: 0 }
    const factory: SubjectFactory<number> = (random): MachineSubject<number> => {
      const machine = new DelayedEcho(random)
      let isAwaited = true
      let open = -1
      return {
        machine,
        paths: [3],
        commands: [() => void seen.commands++],
        connections: {
          isAwaited: () => isAwaited,
          open: (path) => {
            expect(isAwaited).toBe(true)
            isAwaited = false
            open = path
            seen.opened++
          },
          close: (path) => {
            if (open < 0) seen.failed++
            else seen.closed++
            machine.drop(path)
            isAwaited = true
            open = -1
          },
        },
        event: (_, driver) => {
          seen.events++
          driver.close(3)
        },
      }
    }
    expect(ruleBroken(factory)).toBeUndefined()
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0)
  })
})
