import type { ClientMessage, ServerMessage } from '@crowfly/signaling/wire'
import type { MemberId } from '../../snapshot.ts'

/** What a server does otherwise than it should. Whatever is left out is done honestly. */
export interface Misconduct {
  /** What is made of something that a client has said: nothing, the same, or anything else. */
  hear?(from: MemberId, message: ClientMessage): readonly ClientMessage[]
  /** What a client is told instead of `message`. */
  say?(to: MemberId, message: ServerMessage): readonly ServerMessage[]
  /** Whether `viewer` is told that `other` is there, and may talk to them. */
  sees?(viewer: MemberId, other: MemberId): boolean
}

/** A message of the server's to a client, of one type. */
export type Told<Type extends ServerMessage['type']> = Extract<ServerMessage, { type: Type }>
