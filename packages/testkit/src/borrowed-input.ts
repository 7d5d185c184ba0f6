import type { Datagram, PathId } from '@crowfly/sansio'

const HEADROOM = 64
const POISON = 0xdd

/** How an input is lent. */
export interface Loan {
  /** The byte that lies around the message in its buffer. */
  surroundings?: number
  /** Leaves the buffer alone afterwards. */
  keepsInput?: boolean
}

/**
 * Lends `message` to `use` as a driver does: in the middle of a larger buffer, and only for the time of the call.
 * Afterwards the buffer is overwritten, so that a machine which kept a view of it goes wrong in the test.
 */
export function lend(
  message: Uint8Array,
  path: PathId,
  use: (input: Datagram) => void,
  loan: Loan = {},
): void {
  const bytes = new Uint8Array(message.length + 2 * HEADROOM).fill(loan.surroundings ?? POISON)
  bytes.set(message, HEADROOM)
  use({ bytes, start: HEADROOM, end: HEADROOM + message.length, path })
  if (!loan.keepsInput) bytes.fill(POISON)
}
