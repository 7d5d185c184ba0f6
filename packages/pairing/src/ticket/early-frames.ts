/** Envelopes that are held until the proof has come, and octets of them. */
const maxFrames = 32
const maxBytes = 256 * 1024

/** What has come before the `reply` that allows to open it. What is too much is dropped: it comes again. */
export class EarlyFrames {
  #frames: Uint8Array[] = []
  #bytes = 0

  add(frame: Uint8Array): void {
    if (this.#frames.length >= maxFrames || this.#bytes + frame.length > maxBytes) return
    this.#frames.push(frame.slice())
    this.#bytes += frame.length
  }

  /** All of them, in the order in which they came. */
  take(): readonly Uint8Array[] {
    const frames = this.#frames
    this.#frames = []
    this.#bytes = 0
    return frames
  }
}
