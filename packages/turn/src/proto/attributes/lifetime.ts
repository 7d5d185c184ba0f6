import type { StunMessage, StunMessageWriter } from '@crowfly/stun'
import { TurnError } from '../../turn-error.ts'
import { TurnAttributeType } from '../turn-attribute-type.ts'

/** LIFETIME in seconds, 0 to 2³² - 1; undefined when absent or malformed. RFC 8656 §18.2. */
export function decodeLifetime(message: StunMessage): number | undefined {
  const at = message.find(TurnAttributeType.LIFETIME)
  if (at < 0 || message.lengthAt(at) !== 4) return undefined
  const bytes = message.bytes
  const high = ((bytes[at + 4] ?? 0) << 8) | (bytes[at + 5] ?? 0)
  return high * 0x10000 + (((bytes[at + 6] ?? 0) << 8) | (bytes[at + 7] ?? 0))
}

/** Writes LIFETIME. */
export function encodeLifetime(writer: StunMessageWriter, lifetimeSeconds: number): void {
  if (!Number.isInteger(lifetimeSeconds) || lifetimeSeconds < 0 || lifetimeSeconds > 0xffffffff) {
    throw new TurnError('TURN_ATTRIBUTE_VALUE', `a lifetime is whole seconds, not ${lifetimeSeconds}`)
  }
  writer.beginAttribute(TurnAttributeType.LIFETIME).u32(lifetimeSeconds)
  writer.endAttribute()
}
