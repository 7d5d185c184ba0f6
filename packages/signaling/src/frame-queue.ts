import type { Datagram, PathId } from '@crowfly/sansio'
import { Queue } from './queue.ts'

/** Frames on their way out, in order. */
export class FrameQueue {
  readonly #frames = new Queue<{ path: PathId; bytes: Uint8Array }>()

  push(path: PathId, bytes: Uint8Array): void {
    this.#frames.push({ path, bytes })
  }

  /** Fills `out`; false when there is nothing. */
  poll(out: Datagram): boolean {
    const frame = this.#frames.shift()
    if (frame === undefined) return false
    out.bytes = frame.bytes
    out.start = 0
    out.end = frame.bytes.length
    out.path = frame.path
    return true
  }
}
