import type { Log } from './log.ts'

/** When a `CounterLog` writes, and how loud. */
export interface CounterLogOptions {
  level: 'debug' | 'info'
  everyMs: number
}

/** Writes what has been counted since it last did, from time to time and at the end; nothing when nothing was. */
export class CounterLog {
  readonly #counters: object
  readonly #log: Log
  readonly #level: CounterLogOptions['level']
  readonly #timer: NodeJS.Timeout | undefined
  #last: object

  /** `counters` holds numbers, and objects of them; it is read, never changed. */
  constructor(counters: object, log: Log, { level, everyMs }: CounterLogOptions) {
    this.#counters = counters
    this.#log = log
    this.#level = level
    this.#last = structuredClone(counters)
    if (log.isLevelEnabled(level)) this.#timer = setInterval(() => this.#tell(), everyMs).unref()
  }

  close(): void {
    if (this.#timer !== undefined) this.#tell()
    clearInterval(this.#timer)
  }

  #tell(): void {
    const counted = growth(this.#counters, this.#last)
    this.#last = structuredClone(this.#counters)
    if (counted !== 0) this.#log[this.#level]({ counted }, 'STUN and TURN since the last line like this')
  }
}

/** What has been added, without what has not changed; 0 when nothing has. */
function growth(now: unknown, before: unknown): unknown {
  if (typeof now === 'number') return typeof before === 'number' ? now - before : now
  const grown: Record<string, unknown> = {}
  for (const [name, value] of entriesOf(now)) {
    const more = growth(value, new Map(entriesOf(before)).get(name))
    if (more !== 0) grown[name] = more
  }
  return Object.keys(grown).length > 0 ? grown : 0
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}
