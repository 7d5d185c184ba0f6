import type { StunMessage, StunMessageWriter } from '@crowfly/stun'
import { TurnError } from '../../turn-error.ts'
import { TurnAttributeType } from '../turn-attribute-type.ts'

const VALUE_BYTES = 8
const MAX_TYPE = 0x7f
const MAX_CODE = 0x1ff

/** An ICMP error that came back for a packet of the client's. */
export interface IcmpError {
  /** 0 to 127, of ICMPv4 or ICMPv6 as the peer's family says. */
  readonly icmpType: number
  /** 0 to 511. */
  readonly icmpCode: number
  /** The next hop's MTU for "packet too big" (ICMPv6 2) and "fragmentation needed" (ICMPv4 3, code 4); else 0. */
  readonly errorData: number
}

/**
 * ICMP; undefined when absent or malformed.
 *
 * ```
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Reserved                     |  ICMP Type  |  ICMP Code      |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                          Error Data                           |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 * RFC 8656 §18.13: seven bits of type and nine of code, as the figure has them.
 */
export function decodeIcmp(message: StunMessage): IcmpError | undefined {
  const at = message.find(TurnAttributeType.ICMP)
  if (at < 0 || message.lengthAt(at) !== VALUE_BYTES) return undefined
  const view = message.valueAt(at)
  const [, , high = 0, low = 0, a = 0, b = 0, c = 0, d = 0] = view
  const typeAndCode = (high << 8) | low
  return {
    icmpType: typeAndCode >>> 9,
    icmpCode: typeAndCode & MAX_CODE,
    errorData: ((a << 24) | (b << 16) | (c << 8) | d) >>> 0,
  }
}

/** Writes ICMP. */
export function encodeIcmp(writer: StunMessageWriter, error: IcmpError): void {
  const { icmpType, icmpCode, errorData } = error
  if (icmpType < 0 || icmpType > MAX_TYPE || icmpCode < 0 || icmpCode > MAX_CODE) {
    throw new TurnError('TURN_ATTRIBUTE_VALUE', 'an ICMP type has seven bits and a code nine')
  }
  const body = writer.beginAttribute(TurnAttributeType.ICMP)
  body.u16(0)
  body.u16((icmpType << 9) | icmpCode)
  body.u32(errorData)
  writer.endAttribute()
}
