import { equalConstantTime } from '@crowfly/bytes'
import type { Crypto } from '@crowfly/sansio'
import { AttributeType } from '../attribute-type.ts'
import type { StunMessage } from '../message.ts'
import type { StunMessageWriter } from '../message-writer.ts'
import { withLengthUpTo } from './integrity-text.ts'

const VALUE_BYTES = 20

/**
 * Whether MESSAGE-INTEGRITY is there and is the HMAC-SHA1 of the message under `key`, compared in constant time.
 * The header's length is changed in the caller's buffer while it is computed, and put back. RFC 8489 §14.5.
 */
export function hasMessageIntegrity(message: StunMessage, key: Uint8Array, crypto: Crypto): boolean {
  const at = message.find(AttributeType.MESSAGE_INTEGRITY)
  if (at < 0 || message.lengthAt(at) !== VALUE_BYTES) return false
  const hmac = withLengthUpTo(message, at, (text) => crypto.hmacSha1(key, text))
  return equalConstantTime(hmac, message.valueAt(at))
}

/** Writes MESSAGE-INTEGRITY; only MESSAGE-INTEGRITY-SHA256 and FINGERPRINT can follow it. */
export function encodeMessageIntegrity(writer: StunMessageWriter, key: Uint8Array, crypto: Crypto): void {
  const hmac = crypto.hmacSha1(key, writer.declareAttribute(AttributeType.MESSAGE_INTEGRITY, VALUE_BYTES))
  writer.writeAttribute(AttributeType.MESSAGE_INTEGRITY, hmac)
}
