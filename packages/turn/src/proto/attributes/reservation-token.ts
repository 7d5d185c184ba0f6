import type { StunMessage, StunMessageWriter } from '@crowfly/stun'
import { TurnError } from '../../turn-error.ts'
import { TurnAttributeType } from '../turn-attribute-type.ts'

/** Bytes of a reservation token. */
export const RESERVATION_TOKEN_BYTES = 8

/** RESERVATION-TOKEN, 8 bytes, as a copy; undefined when absent or malformed. RFC 8656 §18.10. */
export function decodeReservationToken(message: StunMessage): Uint8Array | undefined {
  const at = message.find(TurnAttributeType.RESERVATION_TOKEN)
  if (at < 0 || message.lengthAt(at) !== RESERVATION_TOKEN_BYTES) return undefined
  return message.valueAt(at).slice()
}

/** Writes RESERVATION-TOKEN. */
export function encodeReservationToken(writer: StunMessageWriter, token: Uint8Array): void {
  if (token.length !== RESERVATION_TOKEN_BYTES) {
    throw new TurnError('TURN_ATTRIBUTE_VALUE', `a reservation token has 8 bytes, not ${token.length}`)
  }
  writer.writeAttribute(TurnAttributeType.RESERVATION_TOKEN, token)
}
