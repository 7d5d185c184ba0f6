/** First octet of a sealed plaintext. */
const codes = {
  /** Nothing but an acknowledgement. */
  ack: 0,
  /** The session descriptions and what goes with them. */
  offer: 1,
  answer: 2,
  candidates: 3,
  /** A newcomer at a held door says who they are. */
  knock: 4,
  wait: 5,
  admitted: 6,
  ringing: 7,
  declined: 8,
  /** The members with whom the sender is paired. */
  roster: 9,
  /** Everything else between members: names, mute state, the application's own. */
  message: 10,
} as const

/** What a sealed message is. */
export type MessageType = keyof typeof codes

const types = Object.keys(codes) as MessageType[]

export function messageCode(type: MessageType): number {
  return codes[type]
}

/** Undefined when there is none with this code. */
export function messageTypeOf(code: number): MessageType | undefined {
  return types.find((type) => codes[type] === code)
}
