// PROTOCOL.md §5: in a room, as a newcomer to those who are in it already.
import { Session } from './session.js'
import {
  bool,
  list,
  memberId,
  octets,
  random,
  read,
  rest,
  struct,
  text,
  u8,
  u32,
  union,
  upTo,
  words,
} from './wire.js'

const refusals = 'unknownNameplate nobodyThere roomFull tooManyTries serverFull memberIdInUse notAllowed'
const sentences = {
  unknownNameplate: 'There is no room of this number.',
  nobodyThere: 'Nobody is in this room.',
  roomFull: 'The room is full.',
  tooManyTries: 'There were too many tries. Wait, then try again.',
  serverFull: 'The server is full.',
  memberIdInUse: 'The server takes this page for somebody else.',
  notAllowed: 'The server lets in only those whom an application sends.',
}

const fromClient = union({
  17: [
    'join',
    { nameplate: text(192), memberId, ordinal: u32, token: upTo(32), ifEmpty: words('refuse', 'wait') },
  ],
  18: ['leave', {}],
  19: ['send', { to: memberId, envelope: rest }],
  20: ['askIceServers', {}],
  22: ['askTicket', { memberId }],
  23: ['confirm', { memberId }],
})

const iceServer = struct({ urls: list(8, text(1024)), username: text(255), credential: text(255) })
const ice = { iceServers: list(8, iceServer), iceLifetimeMs: u32 }
const member = struct({ memberId, ordinal: u32, isAway: bool, ticket: upTo(255) })
const fromServer = union({
  32: [
    'joined',
    { nameplate: text(192), ordinal: u32, token: octets(32), members: list(255, member), ...ice },
  ],
  33: ['refused', { code: words(...refusals.split(' ')), retryAfterMs: u32 }],
  34: ['memberJoined', { memberId, ordinal: u32 }],
  35: ['memberLeft', { memberId, reason: words('left', 'expired') }],
  36: ['memberAway', { memberId }],
  37: ['memberBack', { memberId }],
  38: ['envelope', { memberId, envelope: rest }],
  39: ['undeliverable', { memberId, reason: words('notHere', 'mailboxFull') }],
  40: ['iceServers', ice],
  42: ['ticket', { memberId, ticket: upTo(255) }],
  43: ['ticketsWanted', { count: u8 }],
  44: ['confirmed', { token: octets(32) }],
})

export class Room {
  ownId = random(16)
  iceServers = []
  #nameplate
  #on
  #session
  #ordinal = 0
  #token = new Uint8Array()
  /** By member id as text: `{ memberId, ordinal, isAway }`. */
  #members = new Map()
  #iceTimer = 0

  /**
   * `on` has `ticket(key, memberId, ticket)` of each member that is to be called, `envelope(key, memberId, octets)`,
   * `returned(key, memberId)`, `back(key)`, `undeliverable(key)`, `left(key, reason)`, `isOnline(bool)` and `ended(sentence)`.
   */
  constructor(origin, nameplate, on) {
    this.#nameplate = nameplate
    this.#on = on
    this.#session = new Session(origin, {
      message: (octets) => this.#take(read(fromServer, octets)),
      forgotten: () => this.#join(),
      isOnline: on.isOnline,
      ended: on.ended,
    })
    this.#join()
  }

  /** Says one of the messages of §5.1. */
  say(message) {
    this.#session.say(fromClient.write(message))
  }

  knows(key) {
    return this.#members.has(key)
  }

  isPresent(key) {
    return this.#members.get(key)?.isAway === false
  }

  leave() {
    clearTimeout(this.#iceTimer)
    this.say({ type: 'leave' })
    this.#session.close()
  }

  /** A newcomer's; with ordinal and token a return (§5.5), which opens the room if need be. */
  #join() {
    const ifEmpty = this.#ordinal === 0 ? 'refuse' : 'wait'
    const own = {
      nameplate: this.#nameplate,
      memberId: this.ownId,
      ordinal: this.#ordinal,
      token: this.#token,
    }
    this.say({ type: 'join', ...own, ifEmpty })
  }

  #take(message) {
    const { type, memberId } = message
    const key = String(memberId)
    const known = this.#members.get(key)
    if (type === 'joined') this.#joined(message)
    else if (type === 'refused') this.#refused(message)
    else if (type === 'memberJoined') this.#come({ ...message, isAway: false })
    else if (type === 'memberLeft') {
      this.#members.delete(key)
      this.#on.left(key, message.reason)
    } else if (type === 'memberAway' && known) known.isAway = true
    else if (type === 'memberBack' && known) {
      known.isAway = false
      this.#on.back(key)
    } else if (type === 'envelope') this.#on.envelope(key, memberId, message.envelope)
    else if (type === 'undeliverable') this.#on.undeliverable(key)
    else if (type === 'iceServers') this.#takeIce(message)
    else if (type === 'ticket' && message.ticket.length > 0) this.#on.ticket(key, memberId, message.ticket)
    else if (type === 'confirmed') this.#token = message.token
    // ticketsWanted: for those who come later. This client leaves none: it calls, and is not called.
  }

  /** A return is tried again for as long as that may help: the call goes on without the server. */
  #refused({ code, retryAfterMs }) {
    if (this.#ordinal > 0 && retryAfterMs > 0) {
      setTimeout(() => this.#join(), retryAfterMs)
      return
    }
    this.#session.close()
    this.#on.ended(sentences[code])
  }

  #joined(message) {
    if (message.ordinal !== this.#ordinal) {
      for (const key of this.#members.keys()) this.#on.left(key, 'expired')
      this.#members.clear()
    }
    this.#ordinal = message.ordinal
    this.#token = message.token
    this.#takeIce(message)
    // Whom the server does not name is away for now (§5.5). A call with them goes on.
    for (const one of this.#members.values()) one.isAway = true
    for (const one of message.members) this.#come(one)
  }

  #come({ memberId, ordinal, isAway, ticket = new Uint8Array() }) {
    const key = String(memberId)
    const known = this.#members.get(key)
    this.#members.set(key, { memberId, ordinal, isAway })
    if (known?.ordinal === ordinal) return this.#on.returned(key, memberId)
    if (known) this.#on.left(key, 'left')
    // Of two members the one with the higher ordinal is the newcomer, who opens a ticket.
    if (ordinal > this.#ordinal) return
    if (ticket.length > 0) this.#on.ticket(key, memberId, ticket)
    else this.say({ type: 'askTicket', memberId })
  }

  #takeIce({ iceServers, iceLifetimeMs }) {
    this.iceServers = iceServers.map(({ urls, ...login }) =>
      login.username === '' ? { urls } : { urls, ...login },
    )
    clearTimeout(this.#iceTimer)
    if (iceLifetimeMs === 0) return
    const afterMs = Math.min(2 ** 31 - 1, Math.max(10_000, iceLifetimeMs / 2))
    this.#iceTimer = setTimeout(() => this.say({ type: 'askIceServers' }), afterMs)
  }
}
