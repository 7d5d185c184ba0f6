/**
 * What the caller of this package did wrong.
 *
 * - `TURN_ATTRIBUTE_VALUE`: a value that the attribute can not carry
 * - `TURN_CHANNEL`: a channel number outside 0x4000 to 0x7FFF, or too long a payload
 * - `TURN_FRAMER`: a framer's limit out of range, or a chunk before the last one was drained
 * - `TURN_CREDENTIAL`: a username or password that can not be sent
 * - `TURN_CLIENT`: a client started twice, or a limit out of range
 * - `TURN_SERVER`: a setting of a server that makes no sense
 */
export type TurnMisuse =
  | 'TURN_ATTRIBUTE_VALUE'
  | 'TURN_CHANNEL'
  | 'TURN_FRAMER'
  | 'TURN_CREDENTIAL'
  | 'TURN_CLIENT'
  | 'TURN_SERVER'

/** Misuse of this package; malformed input never throws. */
export class TurnError extends Error {
  readonly code: TurnMisuse
  constructor(code: TurnMisuse, message: string) {
    super(message)
    this.name = 'TurnError'
    this.code = code
  }
}
