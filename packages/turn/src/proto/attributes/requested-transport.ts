import type { StunMessage, StunMessageWriter } from '@crowfly/stun'
import { TurnAttributeType } from '../turn-attribute-type.ts'

/** Protocol numbers of IANA's "Protocol Numbers" registry that REQUESTED-TRANSPORT can name (RFC 8656, RFC 6062). */
export const TransportProtocol = { TCP: 6, UDP: 17 } as const

/**
 * REQUESTED-TRANSPORT, an IP protocol number; undefined when absent or malformed.
 *
 * ```
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |    Protocol   |                    RFFU                       |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 * RFC 8656 §18.8.
 */
export function decodeRequestedTransport(message: StunMessage): number | undefined {
  const at = message.find(TurnAttributeType.REQUESTED_TRANSPORT)
  if (at < 0 || message.lengthAt(at) !== 4) return undefined
  return message.bytes[at + 4]
}

/** Writes REQUESTED-TRANSPORT. */
export function encodeRequestedTransport(writer: StunMessageWriter, protocol: number): void {
  const body = writer.beginAttribute(TurnAttributeType.REQUESTED_TRANSPORT)
  body.u8(protocol)
  body.zeros(3)
  writer.endAttribute()
}
