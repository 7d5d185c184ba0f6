import { encodeUtf8 } from '@crowfly/bytes'
import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { concat, concatLengthValue } from '../cpace/length-value.ts'
import { type Envelope, encodeEnvelopeHeader } from './envelope.ts'

const domain = encodeUtf8('crowfly-env-1')

/** Between whom envelopes go: bound to each of them. */
export interface EnvelopeRoute {
  readonly nameplate: Uint8Array
  readonly pid: Uint8Array
  readonly from: Uint8Array
  readonly to: Uint8Array
}

/**
 * ChaCha20-Poly1305 (RFC 8439 §2.8) with the number of the envelope for a nonce. The caller sees to it that no number
 * is sealed twice under a key.
 */
export function sealEnvelope(
  key: Uint8Array,
  route: EnvelopeRoute,
  seq: number,
  plaintext: Uint8Array,
): Uint8Array {
  const header = encodeEnvelopeHeader(route.pid, seq)
  const sealed = chacha20poly1305(key, nonce(seq), associatedData(route, header)).encrypt(plaintext)
  return concat(header, sealed)
}

/** The plaintext; undefined when the tag is wrong. Only for a key that the other side has proved to have. */
export function openEnvelope(
  key: Uint8Array,
  route: EnvelopeRoute,
  envelope: Envelope,
): Uint8Array | undefined {
  const cipher = chacha20poly1305(key, nonce(envelope.seq), associatedData(route, envelope.header))
  try {
    return cipher.decrypt(envelope.sealed)
  } catch {
    return undefined
  }
}

function associatedData(route: EnvelopeRoute, header: Uint8Array): Uint8Array {
  return concatLengthValue(domain, route.nameplate, route.from, route.to, header)
}

/** Four zero octets, then the number in 64 bits. */
function nonce(seq: number): Uint8Array {
  const octets = new Uint8Array(12)
  new DataView(octets.buffer).setUint32(8, seq)
  return octets
}
