import { AttributeType, isComprehensionOptional } from '../attribute-type.ts'
import type { StunMessage } from '../message.ts'
import type { StunMessageWriter } from '../message-writer.ts'

/**
 * UNKNOWN-ATTRIBUTES: the types that a server did not understand; undefined when absent or malformed.
 *
 * ```
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |      Attribute 1 Type         |       Attribute 2 Type        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 * RFC 8489 §14.13.
 */
export function decodeUnknownAttributes(message: StunMessage): number[] | undefined {
  const at = message.find(AttributeType.UNKNOWN_ATTRIBUTES)
  if (at < 0) return undefined
  const value = message.valueAt(at)
  if ((value.length & 1) !== 0) return undefined
  const types: number[] = []
  for (let i = 0; i < value.length; i += 2) types.push(((value[i] ?? 0) << 8) | (value[i + 1] ?? 0))
  return types
}

/** Writes UNKNOWN-ATTRIBUTES, at most 32,767 types. */
export function encodeUnknownAttributes(writer: StunMessageWriter, types: readonly number[]): void {
  const body = writer.beginAttribute(AttributeType.UNKNOWN_ATTRIBUTES)
  for (const type of types) body.u16(type)
  writer.endAttribute()
}

/** Whether the message has a comprehension-required attribute that `isKnown` does not know (RFC 8489 §6.3). */
export function hasUnknownAttributes(message: StunMessage, isKnown: (type: number) => boolean): boolean {
  for (let at = message.firstAttribute; at !== -1; at = message.nextAttribute(at)) {
    const type = message.typeAt(at)
    if (!isComprehensionOptional(type) && !isKnown(type)) return true
  }
  return false
}

/** The comprehension-required types that `isKnown` does not know, each once, at most `max`: what a 420 lists. */
export function listUnknownAttributes(
  message: StunMessage,
  isKnown: (type: number) => boolean,
  max: number,
): number[] {
  const types: number[] = []
  for (let at = message.firstAttribute; at !== -1; at = message.nextAttribute(at)) {
    const type = message.typeAt(at)
    if (isComprehensionOptional(type) || isKnown(type) || types.includes(type)) continue
    if (types.length === max) break
    types.push(type)
  }
  return types
}
