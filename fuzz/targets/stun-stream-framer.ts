import { StunStreamFramer } from '@crowfly/stun'
import { checkEveryCut } from '../every-cut.ts'
import { repairHeader } from '../stun-repair.ts'
import { type FuzzTarget, invariant } from '../target.ts'

const MAX_MESSAGE_BYTES = 96

function checkFrame({ length }: Uint8Array): string {
  invariant(length >= 20 && length <= MAX_MESSAGE_BYTES && length % 4 === 0, 'no length of a message')
  return `${length}`
}

/** The stream framer: the same messages and the same fault however the stream is cut into chunks. */
export const target: FuzzTarget = {
  run(input) {
    const createFramer = () => new StunStreamFramer({ maxMessageBytes: MAX_MESSAGE_BYTES })
    const { names, fault } = checkEveryCut(input, createFramer, checkFrame)
    return `${names.length} ${fault}`
  },
  repair(input) {
    for (let at = 4; at + 20 <= input.length; ) at = repairHeader(input, at)
  },
  dictionary: [Uint8Array.of(0x00, 0x01, 0x00, 0x00, 0x21, 0x12, 0xa4, 0x42)],
  maxBytes: 128,
}
