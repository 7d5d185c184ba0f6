// PROTOCOL.md §6.1: a code is a nameplate, which the server gets, and a secret, which it does not.
import { Malformed, utf8 } from './wire.js'

/** Makes a link, or a typed `4821-canoe-velvet-maple`, into `{ origin, nameplate, secret }`; origin is null if typed. */
export function readCode(typed) {
  if (/^https?:/i.test(typed)) {
    const link = new URL(typed)
    return {
      origin: link.origin,
      nameplate: normalise(decodeURIComponent(link.pathname.slice(1))),
      secret: secretOfLink(link.hash.slice(1)),
    }
  }
  const [nameplate, ...words] = normalise(typed).split('-')
  if (!/^[0-9]{4,9}$/.test(nameplate) || words.length !== 3)
    throw new Malformed('A code is a number and three words, as 4821-canoe-velvet-maple is')
  return { origin: null, nameplate, secret: utf8(words.join('-')) }
}

function normalise(text) {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFKC')
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
}

function secretOfLink(fragment) {
  // Chosen. RFC 8265 §4.2.2: other spaces become ASCII's, then NFC.
  if (fragment.startsWith('='))
    return utf8(
      decodeURIComponent(fragment.slice(1))
        .replace(/\p{Zs}/gu, ' ')
        .normalize('NFC'),
    )
  if (/^[0-9a-f]{32}$/i.test(fragment))
    return Uint8Array.from(fragment.match(/../g), (octet) => Number.parseInt(octet, 16))
  if (fragment === '') throw new Malformed('The link has lost its secret: the words behind #')
  return utf8(normalise(fragment))
}
