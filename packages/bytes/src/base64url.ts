// RFC 4648 §5
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** By character code: the six bits it stands for, or -1. */
const VALUES = new Int8Array(128).fill(-1)
for (let value = 0; value < 64; value++) VALUES[ALPHABET.charCodeAt(value)] = value

/** Bytes whose text is made in one piece; a multiple of three. */
const PIECE = 3072

/** The base64url text of `bytes[start..end)`, without padding. */
export function encodeBase64url(bytes: Uint8Array, start = 0, end = bytes.length): string {
  let text = piece(bytes, start, Math.min(end, start + PIECE))
  for (let at = start + PIECE; at < end; at += PIECE) text += piece(bytes, at, Math.min(end, at + PIECE))
  return text
}

// Made from codes rather than added up: V8 keeps a text that was added up as a tree of its parts, ten times the size.
function piece(bytes: Uint8Array, start: number, end: number): string {
  const codes = new Array<number>(Math.ceil(((end - start) * 4) / 3))
  let length = 0
  for (let at = start; at < end; at += 3) {
    const group = ((bytes[at] ?? 0) << 16) | (at + 1 < end ? (bytes[at + 1] ?? 0) << 8 : 0)
    const bits = group | (at + 2 < end ? (bytes[at + 2] ?? 0) : 0)
    codes[length++] = ALPHABET.charCodeAt(bits >>> 18)
    codes[length++] = ALPHABET.charCodeAt((bits >>> 12) & 63)
    if (at + 1 < end) codes[length++] = ALPHABET.charCodeAt((bits >>> 6) & 63)
    if (at + 2 < end) codes[length++] = ALPHABET.charCodeAt(bits & 63)
  }
  return String.fromCharCode(...codes)
}

/**
 * The bytes that `text` stands for, or undefined: padding, characters outside the alphabet, an impossible length
 * and set bits past the last byte are refused, so that every run of bytes has exactly one text.
 */
export function decodeBase64url(text: string): Uint8Array | undefined {
  const tail = text.length % 4
  if (tail === 1) return undefined
  const bytes = new Uint8Array((text.length * 3) >>> 2)
  let bits = 0
  let count = 0
  let at = 0
  for (let i = 0; i < text.length; i++) {
    const value = VALUES[text.charCodeAt(i)] ?? -1
    if (value < 0) return undefined
    bits = ((bits << 6) | value) & 0xffff
    count += 6
    if (count >= 8) {
      count -= 8
      bytes[at++] = bits >>> count
    }
  }
  return (bits & ((1 << count) - 1)) === 0 ? bytes : undefined
}
