/** One thing that happens to a machine under fuzzing. */
export interface Step {
  /** What happens; its meaning is the target's. */
  readonly kind: number
  readonly path: number
  readonly bytes: Uint8Array
}

/**
 * The steps that an input stands for: each is an octet (three bits of kind, two of path), a length (u16) and so
 * many octets. What is cut off at the end still counts.
 */
export function* steps(input: Uint8Array): Generator<Step> {
  for (let at = 0; at < input.length; ) {
    const head = input[at] ?? 0
    const length = ((input[at + 1] ?? 0) << 8) | (input[at + 2] ?? 0)
    const end = Math.min(at + 3 + length, input.length)
    yield { kind: head & 7, path: (head >> 3) & 3, bytes: input.slice(Math.min(at + 3, end), end) }
    at = at + 3 + length
  }
}

/** The input that stands for these steps. */
export function script(list: readonly { kind: number; path: number; bytes?: Uint8Array }[]): Uint8Array {
  const octets = list.flatMap(({ kind, path, bytes = new Uint8Array(0) }) => [
    kind | (path << 3),
    bytes.length >> 8,
    bytes.length & 0xff,
    ...bytes,
  ])
  return Uint8Array.from(octets)
}

/** Mends the lengths, so that every step ends where the next one seems to begin: the last one at the end. */
export function repairScript(input: Uint8Array): void {
  for (let at = 0; at < input.length; ) {
    const length = ((input[at + 1] ?? 0) << 8) | (input[at + 2] ?? 0)
    const left = input.length - at - 3
    if (length > left && at + 2 < input.length) {
      input[at + 1] = left >> 8
      input[at + 2] = left
    }
    at += 3 + length
  }
}
