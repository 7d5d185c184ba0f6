import type { Random } from '@crowfly/sansio'
import { TRANSACTION_ID_BYTES } from './message.ts'

// RFC 8489 §5: uniformly and cryptographically random.
/** A new transaction id of 12 bytes. */
export function createTransactionId(random: Random): Uint8Array {
  const id = new Uint8Array(TRANSACTION_ID_BYTES)
  random.fill(id)
  return id
}
