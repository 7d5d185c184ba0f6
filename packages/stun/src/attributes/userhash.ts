import { encodeUtf8 } from '@crowfly/bytes'
import type { Crypto } from '@crowfly/sansio'
import { AttributeType } from '../attribute-type.ts'
import type { StunMessage } from '../message.ts'
import type { StunMessageWriter } from '../message-writer.ts'
import { prepareOpaqueString } from '../opaque-string.ts'
import { StunError } from '../stun-error.ts'

const VALUE_BYTES = 32

/** The 32 bytes of USERHASH, a borrowed view; undefined when absent or malformed. RFC 8489 §14.4. */
export function decodeUserhash(message: StunMessage): Uint8Array | undefined {
  const at = message.find(AttributeType.USERHASH)
  return at >= 0 && message.lengthAt(at) === VALUE_BYTES ? message.valueAt(at) : undefined
}

/** Writes USERHASH, 32 bytes. */
export function encodeUserhash(writer: StunMessageWriter, hash: Uint8Array): void {
  if (hash.length !== VALUE_BYTES) {
    throw new StunError('STUN_ATTRIBUTE_VALUE', `USERHASH has 32 bytes, not ${hash.length}`)
  }
  writer.writeAttribute(AttributeType.USERHASH, hash)
}

// RFC 8489 §14.4: SHA-256(OpaqueString(username) ":" OpaqueString(realm))
/** What stands for a user name in USERHASH; undefined when one of the two is no OpaqueString. */
export function deriveUserhash(username: string, realm: string, crypto: Crypto): Uint8Array | undefined {
  const user = prepareOpaqueString(username)
  const place = prepareOpaqueString(realm)
  if (user === undefined || place === undefined) return undefined
  return crypto.sha256(encodeUtf8(`${user}:${place}`))
}
