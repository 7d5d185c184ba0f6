/** The four classes of RFC 8489 §5, by their names there. */
export type MessageClass = 'request' | 'indication' | 'successResponse' | 'errorResponse'

/** STUN methods, from IANA's "STUN Methods" registry (RFC 8489 §18.2): those that this layer processes itself. */
export const Method = { BINDING: 0x001 } as const

/** The largest method that fits the header's twelve bits. */
export const MAX_METHOD = 0xfff

const CLASSES: readonly MessageClass[] = ['request', 'indication', 'successResponse', 'errorResponse']

/**
 * The 14-bit message type of a method and a class.
 *
 * ```
 *                 0                 1
 *                 2  3  4 5 6 7 8 9 0 1 2 3 4 5
 *                +--+--+-+-+-+-+-+-+-+-+-+-+-+-+
 *                |M |M |M|M|M|C|M|M|M|C|M|M|M|M|
 *                |11|10|9|8|7|1|6|5|4|0|3|2|1|0|
 *                +--+--+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 * RFC 8489 §5, Appendix A.
 */
export function encodeMessageType(method: number, messageClass: MessageClass): number {
  const bits = CLASSES.indexOf(messageClass)
  return (
    ((method & 0xf80) << 2) |
    ((method & 0x070) << 1) |
    (method & 0x00f) |
    ((bits & 0b10) << 7) |
    ((bits & 0b01) << 4)
  )
}

/** The method in a message type. */
export function methodOf(type: number): number {
  return ((type & 0x3e00) >>> 2) | ((type & 0x00e0) >>> 1) | (type & 0x000f)
}

/** The class in a message type. */
export function classOf(type: number): MessageClass {
  return CLASSES[((type & 0x0100) >>> 7) | ((type & 0x0010) >>> 4)] ?? 'request'
}
