import { readFileSync } from 'node:fs'

const PAGE_BYTES = 4096
const TICKS_PER_SECOND = 100

/** Resident bytes of a process, from /proc; undefined when it is not there or this is no Linux. */
export function residentBytes(pid: number): number | undefined {
  try {
    const [, pages] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')
    return Number(pages) * PAGE_BYTES
  } catch {
    return undefined
  }
}

/** Seconds of processor time that a process has had, from /proc; undefined where there is none. */
export function processorSeconds(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Behind the name, which may hold anything: state is the first field, user and system time the 12th and 13th.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
  } catch {
    return undefined
  }
}

/**
 * Milliseconds that a process's main thread was ready and had to wait for a processor, from /proc; 0 where that is not
 * told.
 */
export function queuedMs(pid: number): number {
  try {
    const [, nanoseconds] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')
    return Number(nanoseconds) / 1e6
  } catch {
    return 0
  }
}

/** Looks at a process's resident memory five times a second. */
export class MemoryWatch {
  readonly #pid: number
  readonly #timer: NodeJS.Timeout
  #peak = 0

  constructor(pid: number) {
    this.#pid = pid
    this.#timer = setInterval(() => this.#look(), 200)
    this.#look()
  }

  /** Now, in MiB; undefined once the process is gone. */
  get nowMib(): number | undefined {
    const bytes = this.#look()
    return bytes === undefined ? undefined : toMib(bytes)
  }

  get peakMib(): number {
    return toMib(this.#peak)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #look(): number | undefined {
    const bytes = residentBytes(this.#pid)
    if (bytes !== undefined && bytes > this.#peak) this.#peak = bytes
    return bytes
  }
}

function toMib(bytes: number): number {
  return Math.round(bytes / 2 ** 20)
}
