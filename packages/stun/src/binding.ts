import type { TransportAddress } from '@crowfly/sansio'
import { encodeFingerprint } from './attributes/fingerprint.ts'
import { decodeMappedAddress } from './attributes/mapped-address.ts'
import { encodeSoftware } from './attributes/software.ts'
import { decodeXorMappedAddress } from './attributes/xor-mapped-address.ts'
import type { StunMessage } from './message.ts'
import { Method } from './message-type.ts'
import { StunMessageWriter } from './message-writer.ts'

/** What a plain Binding request may carry. */
export interface BindingRequestOptions {
  /** SOFTWARE; left out by default. */
  software?: string
  /** Whether FINGERPRINT is added. Default false. */
  hasFingerprint?: boolean
}

/** A Binding request without credentials, in a buffer of its own: what a `ClientTransaction` sends to a STUN server. */
export function encodeBindingRequest(
  transactionId: Uint8Array,
  options: BindingRequestOptions = {},
): Uint8Array {
  const writer = new StunMessageWriter(new Uint8Array(544))
  writer.writeHeader(Method.BINDING, 'request', transactionId)
  if (options.software !== undefined) encodeSoftware(writer, options.software)
  if (options.hasFingerprint === true) encodeFingerprint(writer)
  return writer.message.slice()
}

// RFC 8489 §6.3.3; RFC 5389 §12.1: an RFC 3489 server sends MAPPED-ADDRESS only.
/** The address that a Binding response tells the client it has, as a copy; undefined when it tells none. */
export function decodeReflexiveAddress(response: StunMessage): TransportAddress | undefined {
  return decodeXorMappedAddress(response) ?? decodeMappedAddress(response)
}
