import { ByteReader, decodeBase64url, decodeUtf8, encodeBase64url, encodeUtf8 } from '@crowfly/bytes'
import { type FuzzTarget, invariant } from '../target.ts'

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

/** What decodes encodes back to the same, and what is not text is not decoded. */
export const target: FuzzTarget = {
  run(input) {
    const text = decodeUtf8(input)
    if (text === undefined) return 'no text'
    invariant(isEqual(encodeUtf8(text), input), 'UTF-8 does not encode back to the same bytes')
    const reader = new ByteReader(input)
    invariant(reader.utf8(input.length) === text && !reader.failed, 'a reader reads another text')
    const bytes = decodeBase64url(text)
    if (bytes === undefined) return 'text'
    invariant(encodeBase64url(bytes) === text, 'base64url has two texts for the same bytes')
    return 'base64url'
  },
  maxBytes: 64,
  seeds: [encodeUtf8('Zm9vYmFy'), encodeUtf8('日本語 𣎴 é')],
}
