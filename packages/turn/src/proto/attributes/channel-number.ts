import type { StunMessage, StunMessageWriter } from '@crowfly/stun'
import { TurnAttributeType } from '../turn-attribute-type.ts'

/**
 * CHANNEL-NUMBER; undefined when absent or malformed. Whether it lies in the range of channels is the caller's to ask:
 * `isChannelNumber`.
 *
 * ```
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |        Channel Number         |         RFFU = 0              |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 * RFC 8656 §18.1.
 */
export function decodeChannelNumber(message: StunMessage): number | undefined {
  const at = message.find(TurnAttributeType.CHANNEL_NUMBER)
  if (at < 0 || message.lengthAt(at) !== 4) return undefined
  return ((message.bytes[at + 4] ?? 0) << 8) | (message.bytes[at + 5] ?? 0)
}

/** Writes CHANNEL-NUMBER. */
export function encodeChannelNumber(writer: StunMessageWriter, channel: number): void {
  const body = writer.beginAttribute(TurnAttributeType.CHANNEL_NUMBER)
  body.u16(channel)
  body.u16(0)
  writer.endAttribute()
}
