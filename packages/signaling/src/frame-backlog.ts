import { maxFramesPerBody, maxPollBodyBytes } from './poll-message.ts'

/** Octets of a body besides its frames, and of each frame besides itself: see `poll-message.ts`. */
const bodyOverhead = 32
const frameOverhead = 4

/** Frames that wait for the next body. It has no bound of its own: whoever fills it looks at `bytes`. */
export class FrameBacklog {
  #frames: Uint8Array[] = []
  #bytes = 0

  /** Octets that wait. */
  get bytes(): number {
    return this.#bytes
  }

  get isEmpty(): boolean {
    return this.#frames.length === 0
  }

  /** Keeps `frame` as it is: nobody may write to it again. */
  push(frame: Uint8Array): void {
    this.#frames.push(frame)
    this.#bytes += frame.length
  }

  /** Takes as many of the oldest as one body carries. */
  take(): readonly Uint8Array[] {
    let count = 0
    let size = bodyOverhead
    for (const frame of this.#frames) {
      size += frame.length + frameOverhead
      if (count === maxFramesPerBody || size > maxPollBodyBytes) break
      this.#bytes -= frame.length
      count++
    }
    return this.#frames.splice(0, count)
  }

  clear(): void {
    this.#frames = []
    this.#bytes = 0
  }
}
