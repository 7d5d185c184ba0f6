import type { Emoji, RoomCode } from '@crowfly/pairing'
import type { LocalMedia } from './local-media.ts'
import type { Preparation } from './preparation.ts'
import type { SignalingTransports } from './signaling-transport.ts'

/** 16 random bytes as base64url, chosen by the client for one stay in one room. */
export type MemberId = string

/** What an observable gives: an immutable snapshot, the same object until something changes. */
export interface Observable<Snapshot> {
  getSnapshot(): Snapshot
  /** Calls `listener` after every change. Returns the way to stop it. */
  subscribe(listener: () => void): () => void
}

interface CommonJoinOptions {
  /** The server's origin, for example `https://call.example`. Default: the page's own. */
  server?: string | URL
  /** What the others see. At most 64 characters; may be empty. */
  name: string
  /** Camera, microphone and screen. The call only reads it: its owner starts and closes it. */
  media: LocalMedia
  /** Milliseconds that a call rings before it ends with `noAnswer`. Default 45 000. */
  ringTimeoutMs?: number
  /**
   * What carries signaling, the best first: the next one is taken where one does not get through, and the better ones
   * are tried again beside it. Default: `webSocketTransport`, then `longPollTransport`.
   */
  transports?: SignalingTransports
  /**
   * What the application's server lets this person in by (`crowfly serve --authorize`): at most 4 096 octets of text, which
   * the signaling server reads.
   */
  authorization?: string
}

/** To a room with a code: whoever knows it is in, and nobody else can read or alter what is said. */
export interface CodeJoinOptions extends CommonJoinOptions {
  trust?: undefined
  /**
   * `create` asks for a new room code. `join` goes to an existing one; when nobody is there, `refuse` ends the call
   * with `nobodyThere`, `wait` stays under the code until somebody comes.
   */
  room: { kind: 'create' } | { kind: 'join'; code: RoomCode; ifEmpty: 'refuse' | 'wait' }
  /** What `prepare` gave for the same code: the call is in its room two trips to the server earlier. Used up by it. */
  prepared?: Preparation
}

/**
 * To a room without a code, for applications whose server knows by itself who may enter. That server could put itself
 * between two people; only comparing the emoji shows it. Never call such a call "end-to-end encrypted" before that.
 */
export interface ServerTrustedJoinOptions extends CommonJoinOptions {
  trust: 'server'
  /** `name`: four to nine digits as the server gives them out, or a name of the application's with another character. */
  room: { kind: 'create' } | { kind: 'join'; name: string; ifEmpty: 'refuse' | 'wait' }
}

export type JoinOptions = CodeJoinOptions | ServerTrustedJoinOptions

/** Why a call is over. Each one has its own words in the app. */
export type EndReason =
  | 'left' // this side hung up
  | 'declined'
  | 'noAnswer'
  | 'wrongCode' // a member has not accepted the proof; nobody vouches for it: the server may have said so
  | 'roomClosed' // too many wrong codes were tried there; as unvouched for
  | 'notAllowed' // the application behind the server does not let this person in
  | 'unknownCode'
  | 'malformedCode'
  | 'nobodyThere'
  | 'roomFull'
  | 'tooManyTries' // the server limits this address; `retryAfterMs` says how long
  | 'serverFull' // the server takes nobody more; `retryAfterMs` says when to ask again
  | 'serverUnreachable' // never got through, at the start
  | 'incompatibleServer'
  | 'webRtcMissing'

export type CallStatus =
  /** On the way to the server, for the first time. */
  | { phase: 'connecting' }
  /** Under a code, alone. `alone: 'first'` nobody has come yet; `'left'` everybody else has gone. */
  | { phase: 'waiting'; alone: 'first' | 'left' }
  /** A newcomer whose call has not been accepted yet. `ringing` once the other side has said that it rings. */
  | { phase: 'calling'; sinceMs: number; ringing: boolean }
  /**
   * With at least one peer. `sinceMs` is when the first was admitted, on `Date.now()`'s clock; it stays when the last
   * one reloads.
   */
  | { phase: 'inCall'; sinceMs: number }
  | { phase: 'ended'; reason: EndReason; retryAfterMs?: number }

/** The signaling connection, once it has stood. Media does not depend on it. */
export type ServerStatus = 'connecting' | 'online' | 'reconnecting'

/** Someone who rings here and waits for `accept` or `decline`. */
export interface CallerSnapshot {
  readonly id: MemberId
  /** What they call themselves: a claim. May be empty. */
  readonly name: string
  readonly sinceMs: number
}

export type PeerConnectionStatus =
  | 'connecting'
  | 'connected'
  /** Stood once, is being restored by an ICE restart. */
  | 'reconnecting'
  /** Did not come about within 20 s; tries go on. */
  | 'failed'

/** How packets travel, from the selected candidate pair. */
export interface PeerPath {
  readonly kind: 'direct' | 'relay'
  /** Round-trip time of the pair, once measured. */
  readonly rttMs: number | null
  /** Both ends are host candidates with addresses that are not routed on the internet. */
  readonly isLocal: boolean
}

/** What a peer says it sends. */
export interface PeerMedia {
  readonly microphone: 'on' | 'muted' | 'none'
  readonly camera: 'on' | 'off' | 'none'
  readonly screen: 'on' | 'off'
}

/**
 * How sure it is who is at the other end. `pending`: not shown yet. `server`: whomever the server says. `code`: somebody
 * who knows the code, and nobody in between who does not. `verified`: the person says that the emoji are the same on both
 * sides.
 */
export type PeerTrust = 'pending' | 'server' | 'code' | 'verified'

export interface PeerSnapshot {
  readonly id: MemberId
  readonly name: string
  readonly connection: PeerConnectionStatus
  readonly path: PeerPath | null
  readonly media: PeerMedia
  readonly trust: PeerTrust
  /** Seven to compare aloud, the same on both sides unless somebody who knows the code is in between. Empty at first. */
  readonly emoji: readonly Emoji[]
  /** The peer's socket to the server is gone and not yet back; media may still flow. */
  readonly isAway: boolean
  /** Streams that stay the same object as long as the peer stays. Play `audio` once; show `camera` and `screen`. */
  readonly audio: MediaStream
  readonly camera: MediaStream
  readonly screen: MediaStream
}

export interface ChatMessage {
  readonly id: string
  readonly from: MemberId | 'me'
  readonly name: string
  readonly text: string
  /** `Date.now()` of this device. */
  readonly atMs: number
}

/** Something that happened, for a line or a sound; the newest 50 are kept. */
export interface CallNotice {
  readonly id: number
  readonly atMs: number
  readonly kind:
    | 'peerJoined'
    | 'peerLeft'
    | 'memberHidden' // `name` sees somebody whom this side does not: the server may keep them apart
    | 'peerUnproven' // their connection did not show that it is theirs, and was cut
    | 'missedCall'
    | 'callAgain'
    | 'serverLost'
    | 'serverBack'
    | 'serverStopping'
  readonly name: string
}

export interface CallSnapshot {
  readonly status: CallStatus
  readonly server: ServerStatus
  /** By what the server knows the room; null until it has given it. */
  readonly nameplate: string | null
  /** What others come in by; null until the server has given a nameplate, and in rooms that trust the server. */
  readonly code: RoomCode | null
  /** Whether somebody has tried wrong codes here; `closed`: so many that nobody new is let in under this code. */
  readonly guessing: 'none' | 'guessing' | 'closed'
  readonly selfId: MemberId | null
  readonly callers: readonly CallerSnapshot[]
  readonly peers: readonly PeerSnapshot[]
  readonly chat: readonly ChatMessage[]
  readonly notices: readonly CallNotice[]
}

export interface Call extends Observable<CallSnapshot> {
  /** Lets a caller in. Nothing happens when the caller has gone. */
  accept(caller: MemberId): void
  decline(caller: MemberId): void
  /** Sends a text to every peer. At most 4 000 characters. False when there is nobody to send to. */
  sendChat(text: string): boolean
  setName(name: string): void
  /** Says that the emoji of a peer are the same on both sides, or takes that back. */
  setVerified(peer: MemberId, isVerified: boolean): void
  /** Hangs up and tells the others. Final. */
  leave(): void
}
