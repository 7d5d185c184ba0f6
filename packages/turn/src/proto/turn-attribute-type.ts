import { isKnownAttribute } from '@crowfly/stun'

/** The attribute types that RFC 8656 §18 defines, from IANA's "STUN Attributes" registry. */
export const TurnAttributeType = {
  CHANNEL_NUMBER: 0x000c,
  LIFETIME: 0x000d,
  XOR_PEER_ADDRESS: 0x0012,
  DATA: 0x0013,
  XOR_RELAYED_ADDRESS: 0x0016,
  REQUESTED_ADDRESS_FAMILY: 0x0017,
  EVEN_PORT: 0x0018,
  REQUESTED_TRANSPORT: 0x0019,
  DONT_FRAGMENT: 0x001a,
  RESERVATION_TOKEN: 0x0022,
  ADDITIONAL_ADDRESS_FAMILY: 0x8000,
  ADDRESS_ERROR_CODE: 0x8001,
  ICMP: 0x8004,
} as const

const KNOWN: ReadonlySet<number> = new Set(Object.values(TurnAttributeType))

/** Whether RFC 8656 or RFC 8489 defines this type. */
export function isKnownTurnAttribute(type: number): boolean {
  return KNOWN.has(type) || isKnownAttribute(type)
}
