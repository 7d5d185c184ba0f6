import { encodeUtf8Into } from './utf8.ts'

/**
 * A cursor that writes big-endian values into the caller's buffer.
 *
 * Writing past the end never throws: nothing is written, `failed` turns true and stays so.
 */
export class ByteWriter {
  #bytes: Uint8Array
  #start: number
  #at: number
  #end: number
  #failed = false

  /** Writes into `bytes[start..end)`. */
  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes
    this.#start = start
    this.#at = start
    this.#end = Math.min(end, bytes.length)
  }

  /** True once something did not fit. */
  get failed(): boolean {
    return this.#failed
  }

  /** Offset of the next byte in the underlying array. */
  get at(): number {
    return this.#at
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#at - this.#start
  }

  /** The lowest 8 bits of `value`. */
  u8(value: number): void {
    const at = this.#room(1)
    if (at >= 0) this.#bytes[at] = value
  }

  /** The lowest 16 bits of `value`, big-endian. */
  u16(value: number): void {
    const at = this.#room(2)
    if (at < 0) return
    this.#bytes[at] = value >>> 8
    this.#bytes[at + 1] = value
  }

  /** The lowest 32 bits of `value`, big-endian. */
  u32(value: number): void {
    const at = this.#room(4)
    if (at < 0) return
    this.#bytes[at] = value >>> 24
    this.#bytes[at + 1] = value >>> 16
    this.#bytes[at + 2] = value >>> 8
    this.#bytes[at + 3] = value
  }

  /** Copies `source[start..end)`. */
  write(source: Uint8Array, start = 0, end = source.length): void {
    const at = this.#room(end - start)
    if (at < 0) return
    // A loop is cheaper than making a view, up to about this length.
    if (end - start < 32) for (let i = start; i < end; i++) this.#bytes[at + i - start] = source[i] ?? 0
    else this.#bytes.set(source.subarray(start, end), at)
  }

  /** Writes `text` as UTF-8, without a length. A lone surrogate becomes U+FFFD. */
  utf8(text: string): void {
    if (this.#failed) return
    const length = encodeUtf8Into(text, this.#bytes.subarray(this.#at, this.#end))
    if (length < 0) this.#failed = true
    else this.#at += length
  }

  /** Writes `count` zero bytes. */
  zeros(count: number): void {
    const at = this.#room(count)
    if (at >= 0) this.#bytes.fill(0, at, at + count)
  }

  /** Overwrites two bytes written earlier, at an offset of the underlying array: a length known only now. */
  patchU16(at: number, value: number): void {
    if (at < this.#start || at + 2 > this.#at) return
    this.#bytes[at] = value >>> 8
    this.#bytes[at + 1] = value
  }

  /** What was written, as a view of the caller's buffer. */
  written(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#at)
  }

  #room(length: number): number {
    if (this.#failed || length < 0 || length > this.#end - this.#at) {
      this.#failed = true
      return -1
    }
    const at = this.#at
    this.#at += length
    return at
  }
}
