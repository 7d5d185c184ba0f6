/** A run of bytes that `next` of a framer fills: one whole message. A `Datagram` fits. */
export interface Frame {
  bytes: Uint8Array
  start: number
  end: number
}

/**
 * Why a byte stream can not be STUN; the connection is to be closed.
 *
 * - `notStun`: one of a message's first two bits is set, or the magic cookie is not where it has to be
 * - `badLength`: a length that is not a multiple of 4
 * - `tooLong`: a message longer than the framer takes
 */
export type FramingFault = 'notStun' | 'badLength' | 'tooLong'

/** What a `FrameCutter` is made of. */
export interface FrameCutterOptions {
  /**
   * How many bytes of the frame that begins at `at` are wanted next, given that `available` are there: all of them once
   * its length is known. Or why it is no frame.
   */
  measure: (bytes: Uint8Array, at: number, available: number) => number | FramingFault
  /** Room in front of a frame that was put together. */
  headroomBytes: number
}

const NO_BYTES = new Uint8Array(0)

/**
 * Cuts a byte stream into frames that tell their own length. It knows of no limit but what `measure` wants.
 *
 * `push` a chunk, then call `next` until it returns false; if `fault` is set then, close the connection. A frame that
 * lies in one chunk is handed out where it is; only one cut by the edge of a chunk is copied. Between frames a cutter
 * holds no memory, within one at most the frame and its headroom.
 */
export class FrameCutter {
  readonly #measure: FrameCutterOptions['measure']
  readonly #headroomBytes: number
  /** What was pushed and not looked at yet. */
  #chunk: Uint8Array = NO_BYTES
  #at = 0
  #end = 0
  /** The beginning of a frame whose rest has not come: behind the headroom, `#partialLength` bytes. */
  #partial: Uint8Array = NO_BYTES
  #partialLength = 0
  #fault: FramingFault | undefined

  constructor(options: FrameCutterOptions) {
    this.#measure = options.measure
    this.#headroomBytes = options.headroomBytes
  }

  /** Why the stream was given up; `undefined` while it is sound. */
  get fault(): FramingFault | undefined {
    return this.#fault
  }

  /** Whether all was looked at that was pushed: only then may `push` be called. */
  get isDrained(): boolean {
    return this.#at >= this.#end
  }

  /** Takes `chunk[start..end)` of any size, borrowed until `next` has returned false. After a fault it is ignored. */
  push(chunk: Uint8Array, start: number, end: number): void {
    if (this.#fault !== undefined) return
    this.#chunk = chunk
    this.#at = start
    this.#end = end
  }

  /** Fills `out` with the next whole frame, valid until the following `push` or `next`; false when there is none yet. */
  next(out: Frame): boolean {
    if (this.#fault !== undefined) return false
    if (this.#partialLength > 0) return this.#nextFromPartial(out)
    const available = this.#end - this.#at
    const length = this.#measure(this.#chunk, this.#at, available)
    if (typeof length === 'string') return this.#giveUp(length)
    if (available < length) {
      if (available > 0) this.#growPartial(length)
      return this.#releaseChunk()
    }
    out.bytes = this.#chunk
    out.start = this.#at
    out.end = this.#at + length
    this.#at += length
    return true
  }

  #nextFromPartial(out: Frame): boolean {
    for (;;) {
      const length = this.#measure(this.#partial, this.#headroomBytes, this.#partialLength)
      if (typeof length === 'string') return this.#giveUp(length)
      if (length === this.#partialLength) break
      if (this.isDrained) return this.#releaseChunk()
      this.#growPartial(length)
    }
    out.bytes = this.#partial
    out.start = this.#headroomBytes
    out.end = this.#headroomBytes + this.#partialLength
    this.#partial = NO_BYTES
    this.#partialLength = 0
    return true
  }

  /** Makes room for `length` bytes of the frame, and moves what the chunk has of them there. */
  #growPartial(length: number): void {
    if (this.#partial.length < this.#headroomBytes + length) {
      const head = this.#partial
      this.#partial = new Uint8Array(this.#headroomBytes + length)
      this.#partial.set(head)
    }
    const count = Math.min(length - this.#partialLength, this.#end - this.#at)
    const target = this.#headroomBytes + this.#partialLength
    // A loop is cheaper than making a view, up to about this length.
    if (count < 32) {
      for (let i = 0; i < count; i++) this.#partial[target + i] = this.#chunk[this.#at + i] ?? 0
    } else {
      this.#partial.set(this.#chunk.subarray(this.#at, this.#at + count), target)
    }
    this.#partialLength += count
    this.#at += count
  }

  #releaseChunk(): false {
    this.#chunk = NO_BYTES
    this.#at = 0
    this.#end = 0
    return false
  }

  #giveUp(fault: FramingFault): false {
    this.#fault = fault
    this.#partial = NO_BYTES
    this.#partialLength = 0
    return this.#releaseChunk()
  }
}
