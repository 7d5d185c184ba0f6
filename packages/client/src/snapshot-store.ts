import type { Observable } from './snapshot.ts'

/** Holds one immutable snapshot and tells its listeners after each change. */
export class SnapshotStore<Snapshot> implements Observable<Snapshot> {
  readonly #listeners = new Set<() => void>()
  #snapshot: Snapshot

  constructor(initial: Snapshot) {
    this.#snapshot = initial
  }

  /** Bound, so that it can be handed on as a bare function. */
  readonly getSnapshot = (): Snapshot => this.#snapshot

  /** Bound, so that it can be handed on as a bare function. */
  readonly subscribe = (listener: () => void): (() => void) => {
    // Wrapped, so that one function subscribed twice is told twice and stopped one at a time.
    const entry = () => listener()
    this.#listeners.add(entry)
    return () => {
      this.#listeners.delete(entry)
    }
  }

  /** Replaces the named parts. Tells nobody when none of them differs. */
  update(changes: Partial<Snapshot>): void {
    const next = { ...this.#snapshot, ...changes }
    let key: keyof Snapshot
    for (key in changes) {
      if (!Object.is(next[key], this.#snapshot[key])) {
        this.#snapshot = next
        for (const listener of [...this.#listeners]) listener()
        return
      }
    }
  }
}
