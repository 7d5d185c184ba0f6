export { parseChosenCode } from './code/chosen-code.ts'
export { parseRoomCode } from './code/parse-room-code.ts'
export {
  type ChosenCode,
  codePassword,
  formatRoomCode,
  formatSpokenCode,
  formatWordsCode,
  generateStandingCode,
  generateWordsCode,
  type OpenRoom,
  type RoomCode,
  type StandingCode,
  type WordsCode,
} from './code/room-code.ts'
export type { RoomCodeProblem } from './code/room-code-problem.ts'
export { formatRoomLink, parseRoomLink } from './code/room-link.ts'
export { completeWord, recogniseWord, suggestWords, words } from './code/words.ts'
export { decodeMemberMessage, encodeMemberMessage, type MemberMessage } from './message/member-message.ts'
export { Pairing } from './pairing.ts'
export { PairingError } from './pairing-error.ts'
export { envelopeKind } from './seal/envelope.ts'
export type { MessageType } from './seal/message-type.ts'
export { maxBodyBytes } from './seal/plaintext.ts'
export type { ChannelFailure, Reception, SealedChannel, SealedMessage } from './seal/sealed-channel.ts'
export { answerUnknown, decodeUnknown, encodeUnknown, unknownKind } from './seal/unknown-pairing.ts'
export type { TicketFault } from './ticket/checked-ticket.ts'
export { CodeEntry, type ReplyOutcome, type TicketOutcome } from './ticket/code-entry.ts'
export type { Door } from './ticket/door.ts'
export type { GuessWarning } from './ticket/guess-budget.ts'
export { openKind } from './ticket/open-message.ts'
export { type IdentityFault, PairRegistry } from './ticket/pair-registry.ts'
export { type RefusalReason, refusalKind } from './ticket/refusal.ts'
export { replyKind } from './ticket/reply.ts'
export { type MalformedMessage, type Ticket, ticketKind } from './ticket/ticket.ts'
export { type OpenOutcome, TicketBook } from './ticket/ticket-book.ts'
export type { Emoji } from './verify/emoji-table.ts'
export { type Fingerprint, type FingerprintProblem, parseFingerprint } from './verify/fingerprint.ts'
