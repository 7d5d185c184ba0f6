/** The attribute types that RFC 8489 defines, from IANA's "STUN Attributes" registry (§18.3). */
export const AttributeType = {
  MAPPED_ADDRESS: 0x0001,
  USERNAME: 0x0006,
  MESSAGE_INTEGRITY: 0x0008,
  ERROR_CODE: 0x0009,
  UNKNOWN_ATTRIBUTES: 0x000a,
  REALM: 0x0014,
  NONCE: 0x0015,
  MESSAGE_INTEGRITY_SHA256: 0x001c,
  PASSWORD_ALGORITHM: 0x001d,
  USERHASH: 0x001e,
  XOR_MAPPED_ADDRESS: 0x0020,
  PASSWORD_ALGORITHMS: 0x8002,
  ALTERNATE_DOMAIN: 0x8003,
  SOFTWARE: 0x8022,
  ALTERNATE_SERVER: 0x8023,
  FINGERPRINT: 0x8028,
} as const

const KNOWN: ReadonlySet<number> = new Set(Object.values(AttributeType))

// RFC 5389 §12.1: what a server of RFC 3489 may put into a Binding response, and a client has to overlook:
// RESPONSE-ADDRESS, SOURCE-ADDRESS, CHANGED-ADDRESS, REFLECTED-FROM.
const CLASSIC_IN_RESPONSES: ReadonlySet<number> = new Set([0x0002, 0x0004, 0x0005, 0x000b])

/** Whether an agent that does not know this type may ignore it (RFC 8489 §14). */
export function isComprehensionOptional(type: number): boolean {
  return type >= 0x8000
}

/** Whether RFC 8489 itself defines this type. */
export function isKnownAttribute(type: number): boolean {
  return KNOWN.has(type)
}

/** Like `isKnownAttribute`, for responses: knows those of an RFC 3489 server too. */
export function isKnownInResponse(type: number): boolean {
  return KNOWN.has(type) || CLASSIC_IN_RESPONSES.has(type)
}
