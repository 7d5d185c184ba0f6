import { decodeUtf8 } from './utf8.ts'

/**
 * A cursor that reads big-endian values out of a borrowed run of bytes.
 *
 * Reading past the end never throws: the value is zero (or an empty run), `failed` turns true and stays so.
 * A decoder reads everything it wants and asks once, at the end, whether it was all there.
 */
export class ByteReader {
  #bytes: Uint8Array
  #at: number
  #end: number
  #failed = false

  /** Reads `bytes[start..end)`; nothing is copied. */
  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
    if (start < 0 || end > bytes.length || start > end) {
      this.#at = 0
      this.#end = 0
      this.#failed = true
    }
  }

  /** True once anything was read past the end, or `fail` was called. */
  get failed(): boolean {
    return this.#failed
  }

  /** Offset of the next byte in the underlying array. */
  get at(): number {
    return this.#at
  }

  /** Bytes left. */
  get remaining(): number {
    return this.#end - this.#at
  }

  /** For a decoder that finds a value it refuses. */
  fail(): void {
    this.#failed = true
    this.#at = this.#end
  }

  /** One byte. */
  u8(): number {
    return this.#take(1) ? (this.#bytes[this.#at - 1] ?? 0) : 0
  }

  /** Two bytes, big-endian. */
  u16(): number {
    if (!this.#take(2)) return 0
    const at = this.#at - 2
    return ((this.#bytes[at] ?? 0) << 8) | (this.#bytes[at + 1] ?? 0)
  }

  /** Four bytes, big-endian, as an unsigned integer. */
  u32(): number {
    if (!this.#take(4)) return 0
    const b = this.#bytes
    const at = this.#at - 4
    return (
      (((b[at] ?? 0) << 24) | ((b[at + 1] ?? 0) << 16) | ((b[at + 2] ?? 0) << 8) | (b[at + 3] ?? 0)) >>> 0
    )
  }

  /** A view of the next `length` bytes, borrowed from the underlying array. Empty when they are not there. */
  view(length: number): Uint8Array {
    return this.#take(length) ? this.#bytes.subarray(this.#at - length, this.#at) : this.#bytes.subarray(0, 0)
  }

  /** The text of the next `length` bytes. Fails if they are not well-formed UTF-8. */
  utf8(length: number): string {
    const text = decodeUtf8(this.view(length))
    if (text === undefined) this.fail()
    return text ?? ''
  }

  /** Passes over the next `length` bytes. */
  skip(length: number): void {
    this.#take(length)
  }

  #take(length: number): boolean {
    if (this.#failed || length < 0 || length > this.#end - this.#at) {
      this.fail()
      return false
    }
    this.#at += length
    return true
  }
}
