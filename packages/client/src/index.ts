export {
  type Emoji,
  formatRoomCode,
  formatRoomLink,
  parseChosenCode,
  parseRoomCode,
  parseRoomLink,
  type RoomCode,
  type RoomCodeProblem,
} from '@crowfly/pairing'
export { createLocalMedia } from './browser-media.ts'
export { join } from './join.ts'
export { JoinError } from './join-error.ts'
export type {
  DeviceChoice,
  LocalMedia,
  LocalMediaSnapshot,
  MediaProblem,
  SourceStatus,
} from './local-media.ts'
export { longPollTransport } from './long-poll-transport.ts'
export { type Preparation, type PrepareOptions, prepare } from './preparation.ts'
export type {
  SignalingTransport,
  SignalingTransports,
  TransportConnection,
  TransportListener,
} from './signaling-transport.ts'
export type {
  Call,
  CallerSnapshot,
  CallNotice,
  CallSnapshot,
  CallStatus,
  ChatMessage,
  CodeJoinOptions,
  EndReason,
  JoinOptions,
  MemberId,
  Observable,
  PeerConnectionStatus,
  PeerMedia,
  PeerPath,
  PeerSnapshot,
  PeerTrust,
  ServerStatus,
  ServerTrustedJoinOptions,
} from './snapshot.ts'
export { webSocketTransport } from './web-socket-transport.ts'
