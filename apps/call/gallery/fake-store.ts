import type { Observable } from '@crowfly/client'

/** A snapshot that stories and buttons replace. */
export class FakeStore<Snapshot> implements Observable<Snapshot> {
  #snapshot: Snapshot
  readonly #listeners = new Set<() => void>()

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot
  }

  getSnapshot(): Snapshot {
    return this.#snapshot
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  change(changed: Partial<Snapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...changed }
    for (const listener of [...this.#listeners]) listener()
  }
}
