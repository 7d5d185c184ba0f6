import type { Millis } from './machine.ts'

const UNSCHEDULED = -1
const FIRST_SIZE = 16

/** The caller's misuse of a `TimerTable`. */
export class TimerTableError extends Error {
  readonly code: 'TIMER_SLOT' | 'TIMER_DEADLINE'
  constructor(code: TimerTableError['code'], message: string) {
    super(message)
    this.name = 'TimerTableError'
    this.code = code
  }
}

/**
 * The deadlines of many things, each named by a small integer that its owner chooses (a slot has one deadline).
 *
 * A binary heap in typed arrays: `schedule`, `cancel` and `expire` take logarithmic time and allocate only when
 * the table grows, by doubling, up to `maxSlots`.
 */
export class TimerTable {
  readonly maxSlots: number
  /** Slots ordered as a heap by (deadline, slot). */
  #heap = new Int32Array(FIRST_SIZE)
  #size = 0
  /** By slot: its place in the heap, or -1. */
  #places = new Int32Array(FIRST_SIZE).fill(UNSCHEDULED)
  /** By slot. */
  #deadlines = new Float64Array(FIRST_SIZE)

  /** Slots are 0 to `maxSlots` - 1. */
  constructor(maxSlots: number) {
    this.maxSlots = maxSlots
  }

  /** Slots that have a deadline. */
  get size(): number {
    return this.#size
  }

  /** Gives `slot` the deadline `at`, in place of any it had. `Infinity` cancels. */
  schedule(slot: number, at: Millis): void {
    if (!Number.isInteger(slot) || slot < 0 || slot >= this.maxSlots) {
      throw new TimerTableError(
        'TIMER_SLOT',
        `slot must be an integer from 0 to ${this.maxSlots - 1}, not ${slot}`,
      )
    }
    if (Number.isNaN(at)) throw new TimerTableError('TIMER_DEADLINE', 'the deadline is not a number')
    if (at === Infinity) {
      this.cancel(slot)
      return
    }
    if (slot >= this.#places.length) this.#grow(slot + 1)
    let place = this.#places[slot] ?? UNSCHEDULED
    if (place === UNSCHEDULED) place = this.#size++
    this.#deadlines[slot] = at
    this.#place(slot, place)
    this.#settle(place)
  }

  /** Takes the deadline of `slot` away; nothing happens if it has none. */
  cancel(slot: number): void {
    const place = this.#places[slot] ?? UNSCHEDULED
    if (place === UNSCHEDULED) return
    this.#places[slot] = UNSCHEDULED
    this.#size--
    if (place === this.#size) return
    this.#place(this.#heap[this.#size] ?? 0, place)
    this.#settle(place)
  }

  /** The deadline of `slot`; `Infinity` when it has none. */
  deadline(slot: number): Millis {
    return (this.#places[slot] ?? UNSCHEDULED) === UNSCHEDULED
      ? Infinity
      : (this.#deadlines[slot] ?? Infinity)
  }

  /** The earliest deadline; `Infinity` when there is none. */
  next(): Millis {
    return this.#size === 0 ? Infinity : this.deadline(this.#heap[0] ?? 0)
  }

  /**
   * A slot that is due at `now`, earliest first (equal deadlines: lowest slot first), whose deadline is thereby
   * taken away; -1 when none is. Call until -1: a slot that its owner schedules for `now` or before is due again.
   */
  expire(now: Millis): number {
    if (this.next() > now) return -1
    const slot = this.#heap[0] ?? -1
    this.cancel(slot)
    return slot
  }

  /** Takes every deadline away. */
  clear(): void {
    this.#places.fill(UNSCHEDULED)
    this.#size = 0
  }

  #grow(slots: number): void {
    const size = Math.min(this.maxSlots, Math.max(slots, this.#places.length * 2))
    const places = new Int32Array(size).fill(UNSCHEDULED)
    const heap = new Int32Array(size)
    const deadlines = new Float64Array(size)
    places.set(this.#places)
    heap.set(this.#heap)
    deadlines.set(this.#deadlines)
    this.#places = places
    this.#heap = heap
    this.#deadlines = deadlines
  }

  #place(slot: number, place: number): void {
    this.#heap[place] = slot
    this.#places[slot] = place
  }

  #isBefore(a: number, b: number): boolean {
    const first = this.#deadlines[a] ?? 0
    const second = this.#deadlines[b] ?? 0
    return first < second || (first === second && a < b)
  }

  /** Moves the slot at `place` up or down to where it belongs. */
  #settle(place: number): void {
    const slot = this.#heap[place] ?? 0
    let at = place
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = this.#heap[parent] ?? 0
      if (!this.#isBefore(slot, above)) break
      this.#place(above, at)
      at = parent
    }
    for (let child = at * 2 + 1; child < this.#size; child = at * 2 + 1) {
      const right = child + 1
      if (right < this.#size && this.#isBefore(this.#heap[right] ?? 0, this.#heap[child] ?? 0)) child = right
      const below = this.#heap[child] ?? 0
      if (!this.#isBefore(below, slot)) break
      this.#place(below, at)
      at = child
    }
    this.#place(slot, at)
  }
}
