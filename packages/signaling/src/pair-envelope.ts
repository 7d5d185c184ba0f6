import { maxEnvelopeBytes } from './frame.ts'
import { constant, rest, struct, type Union, u32, union, type ValueOf } from './schema.ts'

const link = { opening: u32, answering: u32, ack: u32 }

const content = union({
  message: [0, { ...link, seq: u32, body: rest(maxEnvelopeBytes - 18) }],
  ack: [1, link],
  reset: [2, { opening: u32 }],
})

const versioned = struct({ version: constant(0), content })

/** PROTOCOL.md §6: an envelope that is not sealed (version octet 0). */
export const pairEnvelope: Union<ValueOf<typeof versioned>> = {
  ...versioned,
  has: (version) => version === 0,
}

/** What an envelope says, without its version. */
export type PairContent = ValueOf<typeof content>
