import type { StunMessage, StunMessageWriter } from '@crowfly/stun'
import { TurnAttributeType } from '../turn-attribute-type.ts'

const RESERVE_NEXT = 0x80

/**
 * EVEN-PORT, and whether the port after it is to be kept (the R bit); undefined when absent or malformed.
 *
 * ```
 *  0
 *  0 1 2 3 4 5 6 7
 * +-+-+-+-+-+-+-+-+
 * |R|    RFFU     |
 * +-+-+-+-+-+-+-+-+
 * ```
 * RFC 8656 §18.7.
 */
export function decodeEvenPort(message: StunMessage): { reserveNext: boolean } | undefined {
  const at = message.find(TurnAttributeType.EVEN_PORT)
  if (at < 0 || message.lengthAt(at) !== 1) return undefined
  return { reserveNext: ((message.bytes[at + 4] ?? 0) & RESERVE_NEXT) !== 0 }
}

/** Writes EVEN-PORT. */
export function encodeEvenPort(writer: StunMessageWriter, evenPort: { reserveNext: boolean }): void {
  writer.beginAttribute(TurnAttributeType.EVEN_PORT).u8(evenPort.reserveNext ? RESERVE_NEXT : 0)
  writer.endAttribute()
}
