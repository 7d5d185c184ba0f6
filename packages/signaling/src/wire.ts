/** The codec by itself, for tests, fuzzers, benchmarks and other tools. Applications use `index.ts`. */
export {
  type ClientFrame,
  type ClientMessage,
  clientFrame,
  clientMessage,
  maxEnvelopeBytes,
  maxTicketBytes,
  protocolVersion,
  type ServerFrame,
  type ServerMessage,
  serverFrame,
  serverMessage,
} from './frame.ts'
export { pairMessage } from './pair-message.ts'
export { type PollAnswer, type PollRequest, pollAnswer, pollRequest } from './poll-message.ts'
export { decode, encode, type Field, type Malformed, type Union } from './schema.ts'
