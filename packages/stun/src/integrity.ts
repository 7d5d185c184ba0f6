import type { Crypto } from '@crowfly/sansio'
import { AttributeType } from './attribute-type.ts'
import { hasMessageIntegrity } from './attributes/message-integrity.ts'
import { hasMessageIntegritySha256 } from './attributes/message-integrity-sha256.ts'
import type { StunMessage } from './message.ts'

/** Which integrity attribute is meant: MESSAGE-INTEGRITY or MESSAGE-INTEGRITY-SHA256. */
export type IntegrityAlgorithm = 'sha1' | 'sha256'

/** Which attribute protects the message: the SHA-256 one if it is there; undefined when there is none. */
export function integrityAlgorithmOf(message: StunMessage): IntegrityAlgorithm | undefined {
  if (message.has(AttributeType.MESSAGE_INTEGRITY_SHA256)) return 'sha256'
  return message.has(AttributeType.MESSAGE_INTEGRITY) ? 'sha1' : undefined
}

// RFC 8489 §9.1.3, §9.2.4: if the SHA-256 attribute is present it alone decides.
/** Whether the attribute that protects the message fits `key`. SHA-256 values must not be truncated. */
export function hasIntegrity(message: StunMessage, key: Uint8Array, crypto: Crypto): boolean {
  return message.has(AttributeType.MESSAGE_INTEGRITY_SHA256)
    ? hasMessageIntegritySha256(message, key, crypto)
    : hasMessageIntegrity(message, key, crypto)
}
