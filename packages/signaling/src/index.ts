export type { IceServer } from './ice-server.ts'
export { defaultSignalingLimits, type SignalingLimits } from './limits.ts'
export type { MemberId } from './member-id.ts'
export { type MemberEvent, MemberSession, type RefusalCode, type RoomRequest } from './member-session.ts'
export { formatNameplate, generateNameplate, parseNameplate } from './nameplate.ts'
export type { PairCandidate, PairMessage } from './pair-message.ts'
export {
  type ClientConnection,
  SignalingServer,
  type SignalingServerEvent,
  type SignalingServerOptions,
} from './signaling-server.ts'

/** Path of the WebSocket endpoint. */
export const signalingPath = '/signal'

/** WebSocket subprotocol (RFC 6455 §1.9) of protocol version 1. */
export const signalingSubprotocol = 'crowfly.1'
