import { ChannelDataMessage, isChannelData, TurnStreamFramer } from '@crowfly/turn'
import { checkEveryCut } from '../every-cut.ts'
import { repairHeader } from '../stun-repair.ts'
import { type FuzzTarget, invariant } from '../target.ts'

const MAX_MESSAGE_BYTES = 96
const MAX_CHANNEL_DATA_BYTES = 50

const channelData = new ChannelDataMessage()

/** Checks what was handed out as a message of its kind; a letter for the kind, and its length. */
function checkFrame(frame: Uint8Array, isFirst: boolean): string {
  const { length } = frame
  invariant(length % 4 === 0, 'no length of a message')
  if (isChannelData(frame, 0, length)) {
    invariant(!isFirst, 'ChannelData opens the stream')
    invariant(channelData.decode(frame) === undefined, 'ChannelData that is none')
    const dataBytes = channelData.dataEnd - channelData.dataStart
    invariant(dataBytes <= MAX_CHANNEL_DATA_BYTES, 'more data than the framer takes')
    invariant(length - channelData.dataEnd < 4, 'more padding than there can be')
    return `c${length}`
  }
  invariant(length >= 20 && length <= MAX_MESSAGE_BYTES, 'no length of a STUN message')
  return `s${length}`
}

/** The stream framer: the same messages and the same fault however the stream is cut into chunks. */
export const target: FuzzTarget = {
  run(input) {
    const createFramer = () =>
      new TurnStreamFramer({
        maxMessageBytes: MAX_MESSAGE_BYTES,
        maxChannelDataBytes: MAX_CHANNEL_DATA_BYTES,
      })
    const { names, fault } = checkEveryCut(input, createFramer, checkFrame)
    const count = (kind: string) => Math.min(names.filter((name) => name.startsWith(kind)).length, 4)
    return `${count('s')} STUN, ${count('c')} ChannelData, ${fault}`
  },
  repair(input) {
    let isFirst = true
    for (let at = 4; at + 4 <= input.length; isFirst = false) {
      if (!isFirst && isChannelData(input, at, input.length)) {
        const length = (input[at + 3] ?? 0) % (MAX_CHANNEL_DATA_BYTES + 1)
        input.set([0, length], at + 2)
        at += 4 + ((length + 3) & ~3)
        continue
      }
      if (at + 20 > input.length) return
      at = repairHeader(input, at)
    }
  },
  dictionary: [
    Uint8Array.of(0x00, 0x01, 0x00, 0x00, 0x21, 0x12, 0xa4, 0x42),
    Uint8Array.of(0x40, 0x01, 0x00, 0x03, 1, 2, 3, 0),
    Uint8Array.of(0x40, 0x01, 0x00, 0x00),
  ],
  maxBytes: 160,
}
