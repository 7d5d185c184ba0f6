import type { StunMessage, StunMessageWriter } from '@crowfly/stun'

/**
 * An address family as TURN's attributes have it, in the first of four bytes. `unsupported` is neither IPv4 nor IPv6:
 * a server answers it with 440 (Address Family not Supported).
 *
 * ```
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |    Family     |                  Reserved                     |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 * RFC 8656 §18.6.
 */
export type AddressFamily = 4 | 6

const CODE_IPV4 = 0x01
const CODE_IPV6 = 0x02

/** The family that a code stands for. */
export function decodeFamilyCode(code: number): AddressFamily | 'unsupported' {
  if (code === CODE_IPV4) return 4
  return code === CODE_IPV6 ? 6 : 'unsupported'
}

/** The code of a family. */
export function encodeFamilyCode(family: AddressFamily): number {
  return family === 4 ? CODE_IPV4 : CODE_IPV6
}

/** The family in the first attribute of this type; undefined when absent or not four bytes. */
export function decodeFamilyAttribute(
  message: StunMessage,
  type: number,
): AddressFamily | 'unsupported' | undefined {
  const at = message.find(type)
  if (at < 0 || message.lengthAt(at) !== 4) return undefined
  return decodeFamilyCode(message.bytes[at + 4] ?? 0)
}

/** Writes an attribute of this type with a family. */
export function encodeFamilyAttribute(writer: StunMessageWriter, type: number, family: AddressFamily): void {
  const body = writer.beginAttribute(type)
  body.u8(encodeFamilyCode(family))
  body.zeros(3)
  writer.endAttribute()
}
