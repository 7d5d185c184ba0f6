/** What cuts a byte stream into messages. */
export interface Framer {
  /** Why the stream was given up; `undefined` while it is sound. */
  readonly fault: string | undefined
  push(chunk: Uint8Array, start?: number, end?: number): void
  next(out: { bytes: Uint8Array; start: number; end: number }): boolean
}

/**
 * The messages that a framer cuts a stream into that comes in chunks of so many bytes, as copies.
 *
 * A chunk is overwritten once it was drained, as the buffer that it lies in is wherever it does not lie.
 */
export function framesOf(
  framer: Framer,
  stream: Uint8Array,
  chunkBytes: (at: number) => number = () => stream.length,
): Uint8Array[] {
  const frames: Uint8Array[] = []
  const out = { bytes: new Uint8Array(0), start: 0, end: 0 }
  for (let at = 0; at < stream.length; ) {
    const end = Math.min(stream.length, at + chunkBytes(at))
    const buffer = new Uint8Array(end - at + 2).fill(0xff)
    buffer.set(stream.subarray(at, end), 1)
    framer.push(buffer, 1, buffer.length - 1)
    while (framer.next(out)) frames.push(out.bytes.slice(out.start, out.end))
    buffer.fill(0xff)
    at = end
  }
  return frames
}

/** The parts, one behind the other. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
