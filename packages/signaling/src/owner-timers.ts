import { type Millis, TimerTable } from '@crowfly/sansio'

/** One deadline for each of many owners, who each hold a slot from `add` to `remove`. */
export class OwnerTimers<Owner> {
  readonly #timers: TimerTable
  readonly #owners: (Owner | undefined)[] = []
  readonly #free: number[] = []

  /** `maxOwners` at a time. */
  constructor(maxOwners: number) {
    this.#timers = new TimerTable(maxOwners)
  }

  /** A slot for `owner`, without a deadline. */
  add(owner: Owner): number {
    const slot = this.#free.pop() ?? this.#owners.length
    this.#owners[slot] = owner
    return slot
  }

  remove(slot: number): void {
    this.#timers.cancel(slot)
    this.#owners[slot] = undefined
    this.#free.push(slot)
  }

  schedule(slot: number, at: Millis): void {
    this.#timers.schedule(slot, at)
  }

  cancel(slot: number): void {
    this.#timers.cancel(slot)
  }

  isScheduled(slot: number): boolean {
    return this.#timers.deadline(slot) !== Infinity
  }

  next(): Millis {
    return this.#timers.next()
  }

  /** An owner whose deadline has come, and is thereby taken away. Call until undefined. */
  expire(now: Millis): Owner | undefined {
    const slot = this.#timers.expire(now)
    return slot < 0 ? undefined : this.#owners[slot]
  }

  /** Forgets every owner and deadline. */
  clear(): void {
    this.#timers.clear()
    this.#owners.length = 0
    this.#free.length = 0
  }
}
