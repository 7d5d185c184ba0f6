import type { Millis } from '@crowfly/sansio'
import type { ClientMessage } from './frame.ts'
import type { Rooms } from './rooms.ts'
import type { ServerConnection, ServerOutput, ServerSession } from './server-session.ts'

/** What a client may say while the application is asked: what it sends to those whom a look has shown. */
const maxWaiting = 64
/** Octets of it: what a client has waiting for the server, and the message beyond. */
const maxWaitingBytes = 640 * 1024

type Entry = Extract<ClientMessage, { type: 'create' | 'join' | 'look' }>

/** Somebody who wants to come in, while the application thinks about it. */
export interface Petition {
  readonly id: number
  readonly session: ServerSession
  readonly from: ServerConnection
  readonly entry: Entry
  /** What was said after it. */
  readonly later: ClientMessage[]
  /** Octets of the envelopes in it. */
  laterBytes: number
}

/** Where the application is asked before anybody creates, joins or looks; what they say meanwhile waits in order. */
export class Doorway {
  readonly #output: ServerOutput
  readonly #rooms: Rooms
  readonly #isGuarded: boolean
  readonly #petitions = new Map<number, Petition>()
  #ids = 0

  constructor(output: ServerOutput, rooms: Rooms, isGuarded: boolean) {
    this.#output = output
    this.#rooms = rooms
    this.#isGuarded = isGuarded
  }

  /** False if a client in its right mind would not say this now. */
  handle(session: ServerSession, from: ServerConnection, message: ClientMessage, now: Millis): boolean {
    if (session.petition !== undefined) return wait(session.petition, message)
    if (message.type === 'authorize') {
      if (this.#isGuarded) session.authorization = message.authorization
      return true
    }
    if (!this.#isGuarded || !isEntry(message) || session.member !== undefined || this.#isReturn(message)) {
      return this.#rooms.handle(session, from, message, now)
    }
    const petition: Petition = { id: ++this.#ids, session, from, entry: message, later: [], laterBytes: 0 }
    session.petition = petition
    this.#petitions.set(petition.id, petition)
    this.#output.events.push({
      type: 'authorize',
      id: petition.id,
      action: message.type,
      nameplate: message.type === 'create' ? undefined : message.nameplate,
      authorization: session.authorization,
    })
    return true
  }

  /**
   * The application has answered. Gives the session that has said what no client would, to be ended; undefined otherwise,
   * also when nobody waits for this answer any more.
   */
  answer(id: number, isAllowed: boolean, now: Millis): ServerSession | undefined {
    const petition = this.#petitions.get(id)
    if (petition === undefined) return undefined
    const { session, from, entry, later } = petition
    this.forget(session)
    if (isAllowed && entry.type !== 'look') session.authorization = ''
    const isSound = isAllowed ? this.#rooms.handle(session, from, entry, now) : this.#rooms.turnAway(session)
    return isSound && later.every((message) => this.handle(session, from, message, now)) ? undefined : session
  }

  /** The session is gone. */
  forget(session: ServerSession): void {
    if (session.petition !== undefined) this.#petitions.delete(session.petition.id)
    session.petition = undefined
  }

  /** Forgets everybody who waits. */
  clear(): void {
    this.#petitions.clear()
  }

  /** Who returns was let in before. */
  #isReturn(message: Entry): boolean {
    return message.type === 'join' && this.#rooms.isReturn(message)
  }
}

function isEntry(message: ClientMessage): message is Entry {
  return message.type === 'create' || message.type === 'join' || message.type === 'look'
}

function wait(petition: Petition, message: ClientMessage): boolean {
  const { later } = petition
  if (message.type === 'send') {
    petition.laterBytes += message.envelope.length
    // An envelope is borrowed from the connection's buffer.
    later.push({ ...message, envelope: message.envelope.slice() })
  } else later.push(message)
  return later.length <= maxWaiting && petition.laterBytes <= maxWaitingBytes
}
