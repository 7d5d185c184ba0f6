import {
  decodeAlternateDomain,
  decodeAlternateServer,
  decodeErrorCode,
  decodeMappedAddress,
  decodeNonce,
  decodePasswordAlgorithm,
  decodePasswordAlgorithms,
  decodeRealm,
  decodeSoftware,
  decodeUnknownAttributes,
  decodeUserhash,
  decodeUsername,
  decodeXorMappedAddress,
  encodeAlternateDomain,
  encodeAlternateServer,
  encodeErrorCode,
  encodeMappedAddress,
  encodeNonce,
  encodePasswordAlgorithm,
  encodePasswordAlgorithms,
  encodeRealm,
  encodeSoftware,
  encodeUnknownAttributes,
  encodeUserhash,
  encodeUsername,
  encodeXorMappedAddress,
  StunError,
  type StunMessage,
  type StunMessageWriter,
} from '@crowfly/stun'
import { invariant } from './target.ts'

/** What an attribute carries, as text, and how it is written again; undefined when absent or malformed. */
export type Reading = { readonly meaning: string; write(writer: StunMessageWriter): void } | undefined

function reading<Value>(
  decode: (message: StunMessage) => Value | undefined,
  encode: (writer: StunMessageWriter, value: Value) => void,
): (message: StunMessage) => Reading {
  return (message) => {
    const value = decode(message)
    if (value === undefined) return undefined
    return { meaning: JSON.stringify(value), write: (writer) => encode(writer, value) }
  }
}

/** Every attribute with a value of its own, by name. */
export const readings: ReadonlyMap<string, (message: StunMessage) => Reading> = new Map([
  ['mapped address', reading(decodeMappedAddress, encodeMappedAddress)],
  ['xor mapped address', reading(decodeXorMappedAddress, encodeXorMappedAddress)],
  ['alternate server', reading((message) => decodeAlternateServer(message, 4), encodeAlternateServer)],
  ['alternate server 6', reading((message) => decodeAlternateServer(message, 6), encodeAlternateServer)],
  ['username', reading(decodeUsername, encodeUsername)],
  ['userhash', reading(decodeUserhash, encodeUserhash)],
  ['realm', reading(decodeRealm, encodeRealm)],
  ['nonce', reading(decodeNonce, encodeNonce)],
  ['software', reading(decodeSoftware, encodeSoftware)],
  ['alternate domain', reading(decodeAlternateDomain, encodeAlternateDomain)],
  [
    'error code',
    reading(decodeErrorCode, (writer, error) => encodeErrorCode(writer, error.code, error.reason)),
  ],
  ['unknown attributes', reading(decodeUnknownAttributes, encodeUnknownAttributes)],
  ['password algorithm', reading(decodePasswordAlgorithm, encodePasswordAlgorithm)],
  ['password algorithms', reading(decodePasswordAlgorithms, encodePasswordAlgorithms)],
])

/** Writes a value again; false when it is text longer than may be sent, though not than may be received. */
export function writeAgain(writer: StunMessageWriter, value: NonNullable<Reading>): boolean {
  try {
    value.write(writer)
    return true
  } catch (error) {
    invariant(
      error instanceof StunError && error.code === 'STUN_ATTRIBUTE_VALUE',
      `encoding what was decoded threw: ${error}`,
    )
    return false
  }
}
