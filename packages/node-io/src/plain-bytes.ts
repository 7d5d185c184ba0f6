/**
 * The same memory without Node's methods. A `Buffer` given to a pure layer would be a trap: its `slice` is a view,
 * where `Uint8Array`'s is a copy.
 */
export function plainBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
}
