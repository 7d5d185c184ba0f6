export { maxFrameBytes } from './frame.ts'
export type { IceClient, IceServer, IceServersFor } from './ice-server.ts'
export { defaultSignalingLimits, type SignalingLimits } from './limits.ts'
export type { MemberEvent, PresentMember, RefusalCode } from './member-event.ts'
export type { MemberId } from './member-id.ts'
export { MemberSession, type RoomRequest } from './member-session.ts'
export { MemberSessionError } from './member-session-error.ts'
export { isNameplate } from './nameplate.ts'
export {
  decodePairMessage,
  encodePairMessage,
  type PairCandidate,
  type PairMessage,
} from './pair-message.ts'
export { PollClient, type PollClientEvent, sendPath } from './poll-client.ts'
export type { PollCounters, PollRefusal } from './poll-counters.ts'
export { maxPollBodyBytes } from './poll-message.ts'
export { type PollLimits, PollServer } from './poll-server.ts'
export type { PollServerEvent } from './poll-server-event.ts'
export { SchemaError } from './schema-error.ts'
export type { SignalingCounters } from './signaling-counters.ts'
export {
  type ClientConnection,
  SignalingServer,
  type SignalingServerOptions,
} from './signaling-server.ts'
export type { SignalingServerEvent } from './signaling-server-event.ts'

/** Path of both endpoints: WebSockets are opened there, and the requests of PROTOCOL.md §1.2 are posted there. */
export const signalingPath = '/signal'

/** WebSocket subprotocol (RFC 6455 §1.9): the same for all versions, which `hello` tells apart. */
export const signalingSubprotocol = 'crowfly.1'
