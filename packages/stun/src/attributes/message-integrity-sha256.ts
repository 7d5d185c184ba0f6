import { equalConstantTime } from '@crowfly/bytes'
import type { Crypto } from '@crowfly/sansio'
import { AttributeType } from '../attribute-type.ts'
import type { StunMessage } from '../message.ts'
import type { StunMessageWriter } from '../message-writer.ts'
import { StunError } from '../stun-error.ts'
import { withLengthUpTo } from './integrity-text.ts'

const FULL_BYTES = 32
const SHORTEST_BYTES = 16

/**
 * Whether MESSAGE-INTEGRITY-SHA256 is there and is the HMAC-SHA256 of the message under `key`, compared in constant
 * time. Truncated values are refused unless the usage allows them: `minimumBytes` is 16 to 32, the shortest it takes.
 * The header's length is changed in the caller's buffer while it is computed, and put back. RFC 8489 §14.6.
 */
export function hasMessageIntegritySha256(
  message: StunMessage,
  key: Uint8Array,
  crypto: Crypto,
  minimumBytes: number = FULL_BYTES,
): boolean {
  const at = message.find(AttributeType.MESSAGE_INTEGRITY_SHA256)
  if (at < 0) return false
  const length = message.lengthAt(at)
  if (!isAllowedLength(length) || length < minimumBytes) return false
  const hmac = withLengthUpTo(message, at, (text) => crypto.hmacSha256(key, text))
  return equalConstantTime(hmac.subarray(0, length), message.valueAt(at))
}

/** Writes MESSAGE-INTEGRITY-SHA256, cut to `valueBytes` if the usage allows it; only FINGERPRINT can follow it. */
export function encodeMessageIntegritySha256(
  writer: StunMessageWriter,
  key: Uint8Array,
  crypto: Crypto,
  valueBytes: number = FULL_BYTES,
): void {
  if (!isAllowedLength(valueBytes)) {
    throw new StunError(
      'STUN_ATTRIBUTE_VALUE',
      `MESSAGE-INTEGRITY-SHA256 has 16 to 32 bytes in steps of 4, not ${valueBytes}`,
    )
  }
  const hmac = crypto.hmacSha256(
    key,
    writer.declareAttribute(AttributeType.MESSAGE_INTEGRITY_SHA256, valueBytes),
  )
  writer.writeAttribute(AttributeType.MESSAGE_INTEGRITY_SHA256, hmac.subarray(0, valueBytes))
}

function isAllowedLength(length: number): boolean {
  return length >= SHORTEST_BYTES && length <= FULL_BYTES && length % 4 === 0
}
