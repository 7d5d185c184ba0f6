/** Runs asynchronous operations one after the other. What one throws goes to `onError`, and the next still runs. */
export class OperationChain {
  readonly #onError: (error: unknown) => void
  #tail: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  add(operation: () => Promise<void> | void): void {
    this.#tail = this.#tail.then(async () => {
      if (this.#isClosed) return
      try {
        await operation()
      } catch (error) {
        if (!this.#isClosed) this.#onError(error)
      }
    })
  }

  /** Operations that have not begun are dropped; the one under way ends unheard. */
  close(): void {
    this.#isClosed = true
  }
}
