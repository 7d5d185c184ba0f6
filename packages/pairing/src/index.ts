export { parseChosenCode } from './code/chosen-code.ts'
export { parseRoomCode } from './code/parse-room-code.ts'
export {
  type ChosenCode,
  codePassword,
  formatSpokenCode,
  formatWordsCode,
  generateStandingCode,
  generateWordsCode,
  type RoomCode,
  type StandingCode,
  type WordsCode,
} from './code/room-code.ts'
export type { RoomCodeProblem } from './code/room-code-problem.ts'
export { formatRoomLink, parseRoomLink } from './code/room-link.ts'
export { completeWord, recogniseWord, suggestWords, words } from './code/words.ts'
export { PairingError } from './pairing-error.ts'
export type { MessageType } from './seal/message-type.ts'
export { maxBodyBytes } from './seal/plaintext.ts'
export type { ChannelFailure, Reception, SealedChannel, SealedMessage } from './seal/sealed-channel.ts'
