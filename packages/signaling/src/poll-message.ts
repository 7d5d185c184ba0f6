import { maxFrameBytes } from './frame.ts'
import { bool, fixed, list, sized, u32, union, type ValueOf } from './schema.ts'

/** Octets of a connection id, which the client chooses. */
export const pollConnectionBytes = 16

/** Octets of the longest body in either direction. */
export const maxPollBodyBytes = 262_144

/** Frames that fit into one body; its length is bounded by `maxPollBodyBytes` besides. */
export const maxFramesPerBody = 255

const connection = fixed(pollConnectionBytes)
const frames = list(sized(maxFrameBytes), maxFramesPerBody)

/** PROTOCOL.md §1.2: the body of a request. Frames are borrowed from the input. */
export const pollRequest = union({
  send: [0x01, { connection, number: u32, isLast: bool, frames }],
  poll: [0x02, { connection, received: u32 }],
})

/** PROTOCOL.md §1.2: the body of an answer. Frames are borrowed from the input. */
export const pollAnswer = union({
  taken: [0x01, { number: u32 }],
  batch: [0x02, { number: u32, isLast: bool, frames }],
})

export type PollRequest = ValueOf<typeof pollRequest>
export type PollAnswer = ValueOf<typeof pollAnswer>
