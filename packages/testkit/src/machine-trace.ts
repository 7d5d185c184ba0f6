import type { Datagram, Machine, Millis, PathId } from '@crowfly/sansio'
import { type Loan, lend } from './borrowed-input.ts'
import { SeededRandom } from './seeded-random.ts'

/** The rules of the Machine contract, by the names that a `ContractViolation` bears. */
export type ContractRule =
  | 'neverThrows'
  | 'drainEnds'
  | 'deadlineIsAhead'
  | 'earlyTimeoutIsNoOp'
  | 'sendsOnItsPaths'
  | 'borrowsOnly'
  | 'replays'
  | 'closedHasNoDeadline'

/** A machine broke a rule of its contract. */
export class ContractViolation extends Error {
  readonly code = 'CONTRACT_VIOLATION'
  readonly rule: ContractRule

  constructor(rule: ContractRule, message: string, cause?: unknown) {
    super(`${rule}: ${message}`, { cause })
    this.name = 'ContractViolation'
    this.rule = rule
  }
}

/** What the subject's `event` hook may do, as a driver would. */
export interface TraceDriver {
  /** Closes a connection: what a driver does when the machine asks for it. */
  close(path: PathId): void
}

/** A machine, fresh, and what the suite has to know to exercise it. */
export interface MachineSubject<Event> {
  machine: Machine<Event>
  /** Every path that the machine may hear from and send on. */
  paths: readonly PathId[]
  /** For a ConnectionMachine: its `handleOpen` and `handleClose`. Datagrams then come only from open paths. */
  connections?: {
    open(path: PathId, now: Millis): void
    close(path: PathId, now: Millis): void
    /** Whether the machine expects a connection to open or fail now; always, when left out. */
    isAwaited?(): boolean
  }
  /** Well-formed input for this machine; the suite also sends it damaged. */
  message?(random: SeededRandom): Uint8Array
  /** Calls that the machine's owner may make, one at a time, in any order. */
  commands?: readonly ((random: SeededRandom, now: Millis) => void)[]
  /** What a driver does with the machine's events. */
  event?(event: Event, driver: TraceDriver, now: Millis): void
  /** Ends the machine for good, if there is such a call. */
  close?(now: Millis): void
}

/** What is done differently in one run of a trace; the machine must not show any of it. */
export interface TraceVariant extends Loan {
  /** Calls `handleTimeout` before the deadline, often. */
  hasEarlyTimeouts?: boolean
}

const MAX_POLLS_PER_DRAIN = 20_000
const STEP_KINDS = [
  'datagram',
  'datagram',
  'datagram',
  'deadline',
  'pause',
  'command',
  'open',
  'close',
] as const

/** One run of a machine through inputs that a seed determines; `log` is everything that came out. */
export class MachineTrace<Event> {
  readonly log: string[] = []
  readonly #subject: MachineSubject<Event>
  readonly #random: SeededRandom
  readonly #extras: SeededRandom
  readonly #variant: TraceVariant
  readonly #open = new Set<PathId>()
  readonly #sent: Uint8Array[] = []
  readonly #out: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: 0 }
  #now: Millis = 1000.25

  constructor(subject: MachineSubject<Event>, seed: number, variant: TraceVariant = {}) {
    this.#subject = subject
    this.#random = new SeededRandom(seed)
    this.#extras = new SeededRandom(~seed)
    this.#variant = variant
  }

  /** Does `steps` random things. Throws a `ContractViolation` at the first rule that is broken. */
  run(steps: number): void {
    this.#settle('at the start')
    for (let step = 0; step < steps; step++) {
      const kind = this.#random.pick(STEP_KINDS)
      // Every step draws alike, so that what the machine does decides as little as possible of what follows.
      const random = this.#random.fork()
      this.#guard(kind, () => this.#step(kind, random))
      this.#settle(kind)
      if (this.#variant.hasEarlyTimeouts && this.#extras.chance(0.5)) this.#timeoutEarly()
    }
  }

  /** Closes the machine, and lets garbage and time come over it. */
  runClosed(steps: number): void {
    const close = this.#subject.close
    if (close === undefined) return
    this.#guard('close', () => close.call(this.#subject, this.#now))
    this.#settle('close')
    for (let step = 0; step < steps; step++) {
      if (this.#subject.machine.pollTimeout() !== Infinity) {
        throw new ContractViolation(
          'closedHasNoDeadline',
          `its deadline is ${this.#subject.machine.pollTimeout()}`,
        )
      }
      const random = this.#random.fork()
      const kind = random.chance(0.5) ? 'datagram' : 'pause'
      this.#guard(kind, () => this.#step(kind, random))
      this.#settle(kind)
    }
  }

  #step(kind: (typeof STEP_KINDS)[number], random: SeededRandom): void {
    const { connections, commands = [], paths } = this.#subject
    const deadline = this.#subject.machine.pollTimeout()
    if (kind === 'datagram') this.#sendDatagram(random)
    else if (kind === 'deadline')
      this.#now = deadline === Infinity ? this.#now : Math.max(this.#now, deadline)
    else if (kind === 'pause') this.#now += random.pick([0.5, 20, 300, 4000, 60_000]) * random.number()
    else if (kind === 'command' && commands.length > 0) random.pick(commands)(random, this.#now)
    else if (kind === 'open' && connections?.isAwaited?.() !== false)
      this.#openOrFail(random.pick(paths), random)
    else if (kind === 'close' && this.#open.size > 0 && random.chance(0.3)) {
      this.#close(random.pick([...this.#open]))
    }
  }

  #openOrFail(path: PathId, random: SeededRandom): void {
    const { connections } = this.#subject
    if (connections === undefined || this.#open.has(path)) return
    const isFailing = connections.isAwaited !== undefined && random.chance(0.2)
    if (isFailing) connections.close(path, this.#now)
    else {
      this.#open.add(path)
      connections.open(path, this.#now)
    }
  }

  #close(path: PathId): void {
    if (!this.#open.delete(path)) return
    this.#subject.connections?.close(path, this.#now)
  }

  #sendDatagram(random: SeededRandom): void {
    const paths = this.#subject.connections === undefined ? this.#subject.paths : [...this.#open]
    if (paths.length === 0) return
    const message = this.#inventMessage(random)
    lend(
      message,
      random.pick(paths),
      (input) => {
        this.#subject.machine.handleDatagram(input, this.#now)
        this.#drain('datagram')
      },
      this.#variant,
    )
  }

  /** Sound, damaged, sent back as it came, or garbage from the start. */
  #inventMessage(random: SeededRandom): Uint8Array {
    const roll = random.number()
    if (roll < 0.2) return random.bytes(random.pick([0, 1, 2, 4, 20, 28, 100, 1500]))
    const echo = roll < 0.4 && this.#sent.length > 0 ? random.pick(this.#sent) : undefined
    const message = echo ?? this.#subject.message?.(random) ?? random.bytes(random.integer(64))
    return random.chance(0.5) ? message : damage(message, random)
  }

  /** Fires what is due, drains, and checks that time can go on. */
  #settle(after: string): void {
    this.#guard('timeout', () => {
      if (this.#subject.machine.pollTimeout() <= this.#now) this.#subject.machine.handleTimeout(this.#now)
    })
    this.#drain(after)
    const deadline = this.#subject.machine.pollTimeout()
    if (!(deadline > this.#now)) {
      throw new ContractViolation(
        'deadlineIsAhead',
        `after ${after} at ${this.#now} the deadline is ${deadline}`,
      )
    }
    this.log.push(`${this.#now} ${after}, next ${deadline}`)
  }

  #drain(after: string): void {
    const { machine } = this.#subject
    for (let polls = 0; polls < MAX_POLLS_PER_DRAIN; polls++) {
      if (this.#guard('pollTransmit', () => machine.pollTransmit(this.#out))) {
        this.#noteTransmit()
        continue
      }
      const event = this.#guard('pollEvent', () => machine.pollEvent())
      if (event === undefined) return
      this.log.push(`${this.#now} event ${describeValue(event)}`)
      const driver = { close: (path: PathId) => this.#close(path) }
      this.#guard('event', () => this.#subject.event?.(event, driver, this.#now))
    }
    throw new ContractViolation(
      'drainEnds',
      `after ${after} it had more than ${MAX_POLLS_PER_DRAIN} things to say`,
    )
  }

  #noteTransmit(): void {
    const { bytes, start, end, path } = this.#out
    if (!(start >= 0 && start <= end && end <= bytes.length)) {
      throw new ContractViolation('sendsOnItsPaths', `sent ${start}..${end} of ${bytes.length} bytes`)
    }
    if (!this.#subject.paths.includes(path)) {
      throw new ContractViolation('sendsOnItsPaths', `sent on path ${path}, which it was never given`)
    }
    if (this.#subject.connections !== undefined && !this.#open.has(path)) {
      throw new ContractViolation('sendsOnItsPaths', `sent on path ${path}, which is not open`)
    }
    const copy = bytes.slice(start, end)
    this.#sent.push(copy)
    if (this.#sent.length > 8) this.#sent.shift()
    this.log.push(`${this.#now} sent on ${path}: ${hex(copy)}`)
  }

  #timeoutEarly(): void {
    const { machine } = this.#subject
    const deadline = machine.pollTimeout()
    this.#guard('timeout', () => machine.handleTimeout(this.#now))
    const isSilent = !machine.pollTransmit(this.#out) && machine.pollEvent() === undefined
    if (!isSilent || machine.pollTimeout() !== deadline) {
      const change = isSilent ? `moved the deadline to ${machine.pollTimeout()}` : 'made the machine speak'
      throw new ContractViolation('earlyTimeoutIsNoOp', `at ${this.#now}, due ${deadline}, it ${change}`)
    }
  }

  #guard<T>(what: string, action: () => T): T {
    try {
      return action()
    } catch (error) {
      if (error instanceof ContractViolation) throw error
      const reason = error instanceof Error ? error.message : String(error)
      throw new ContractViolation('neverThrows', `${what} threw: ${reason}`, error)
    }
  }
}

function damage(message: Uint8Array, random: SeededRandom): Uint8Array {
  const length = random.pick([
    message.length,
    message.length,
    random.integer(message.length + 1),
    message.length + 4,
  ])
  const damaged = random.bytes(length)
  damaged.set(message.subarray(0, length))
  for (let flips = random.integer(4); flips > 0 && length > 0; flips--)
    damaged[random.integer(length)] = random.u32()
  return damaged
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** A text that is the same for equal values, bytes and collections included. */
function describeValue(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (part instanceof Uint8Array) return hex(part)
    if (part instanceof Map || part instanceof Set) return [...part]
    if (typeof part === 'bigint' || part === Infinity) return String(part)
    return part
  })
}
