import type { StunMessage, StunMessageWriter } from '@crowfly/stun'
import { TurnAttributeType } from '../turn-attribute-type.ts'

const EMPTY = new Uint8Array(0)

/** Whether DONT-FRAGMENT is there; a value, which it must not have, is ignored. RFC 8656 §18.9. */
export function hasDontFragment(message: StunMessage): boolean {
  return message.has(TurnAttributeType.DONT_FRAGMENT)
}

/** Writes DONT-FRAGMENT. */
export function encodeDontFragment(writer: StunMessageWriter): void {
  writer.writeAttribute(TurnAttributeType.DONT_FRAGMENT, EMPTY)
}
