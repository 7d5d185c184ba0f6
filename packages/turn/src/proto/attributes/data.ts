import type { StunMessage, StunMessageWriter } from '@crowfly/stun'
import { TurnAttributeType } from '../turn-attribute-type.ts'

/** Where in `message.bytes` the value of DATA lies, without a copy; undefined when absent. RFC 8656 §18.4. */
export function decodeData(message: StunMessage): { start: number; end: number } | undefined {
  const at = message.find(TurnAttributeType.DATA)
  if (at < 0) return undefined
  return { start: at + 4, end: at + 4 + message.lengthAt(at) }
}

/** Writes DATA, copied; see `encodeIndicationInPlace` for a payload that is already where it belongs. */
export function encodeData(writer: StunMessageWriter, data: Uint8Array): void {
  writer.writeAttribute(TurnAttributeType.DATA, data)
}
