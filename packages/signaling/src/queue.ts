/** First in, first out. It has no bound of its own: whoever fills it knows that it is emptied after every `handle*`. */
export class Queue<T> {
  readonly #items: T[] = []
  #head = 0

  push(item: T): void {
    this.#items.push(item)
  }

  /** The oldest item, taken out; undefined when there is none. */
  shift(): T | undefined {
    if (this.#head < this.#items.length) return this.#items[this.#head++]
    // Asked again and again while nothing is in it: only a used list is worth emptying.
    if (this.#head > 0) {
      this.#items.length = 0
      this.#head = 0
    }
    return undefined
  }
}
