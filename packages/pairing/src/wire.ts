/** The encodings by themselves, for tools that look at the wire: fuzzing, other implementations. */

export { decodeEnvelope, maxEnvelopeBytes } from './seal/envelope.ts'
export { PairingKeys } from './seal/pairing-keys.ts'
export { decodePlaintext, encodePlaintext } from './seal/plaintext.ts'
export { SealedChannel } from './seal/sealed-channel.ts'
export {
  decodeMemberAssociated,
  decodeNewcomerAssociated,
  encodeMemberAssociated,
  encodeNewcomerAssociated,
} from './ticket/associated-data.ts'
export { decodeOpen, encodeOpen } from './ticket/open-message.ts'
export { decodeRefusal, encodeRefusal } from './ticket/refusal.ts'
export { decodeReply, encodeReply } from './ticket/reply.ts'
export { decodeTicket, encodeTicket } from './ticket/ticket.ts'
