/**
 * What the caller of this package did wrong.
 *
 * - `STUN_ATTRIBUTE_ORDER`: an attribute after FINGERPRINT, or one that receivers ignore after an integrity attribute
 * - `STUN_ATTRIBUTE_VALUE`: a value that the attribute can not carry (too long, out of range)
 * - `STUN_TRANSACTION_ID`: a transaction id that is not 12 bytes
 * - `STUN_TRANSACTION`: a transaction made of something else than a request, or started twice
 * - `STUN_FRAMER`: a framer's limit out of range, or a chunk before the last one was drained
 */
export type StunErrorCode =
  | 'STUN_ATTRIBUTE_ORDER'
  | 'STUN_ATTRIBUTE_VALUE'
  | 'STUN_TRANSACTION_ID'
  | 'STUN_TRANSACTION'
  | 'STUN_FRAMER'

/** Misuse of this package; malformed input never throws. */
export class StunError extends Error {
  readonly code: StunErrorCode
  constructor(code: StunErrorCode, message: string) {
    super(message)
    this.name = 'StunError'
    this.code = code
  }
}
