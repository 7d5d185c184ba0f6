import { memberIdField } from './member-id.ts'
import { isNameplate, maxNameplateBytes } from './nameplate.ts'
import {
  bool,
  choice,
  fixed,
  fixedOrEmpty,
  list,
  mapped,
  octets,
  rest,
  struct,
  text,
  u8,
  u16,
  u32,
  union,
  type ValueOf,
} from './schema.ts'

/** Version of this protocol: the first field of `hello`. */
export const protocolVersion = 2

/** Octets of the largest envelope. */
export const maxEnvelopeBytes = 64 * 1024

/** Octets of a room token (HMAC-SHA-256). */
export const tokenBytes = 32

/** Octets of a session id. */
export const sessionIdBytes = 16

const nameplate = mapped<string, string>(
  text(maxNameplateBytes),
  (name) => (isNameplate(name) ? name : undefined),
  (name) => (isNameplate(name) ? name : undefined),
  '',
)
/** Octets of the largest ticket: what a member leaves for one newcomer, opaque to the server. */
export const maxTicketBytes = 255
const ticket = octets(maxTicketBytes)
const envelope = rest(maxEnvelopeBytes)

/** Octets of what an application lets somebody in by. */
export const maxAuthorizationBytes = 4096

/** Tickets in one message. */
export const maxTicketsAtOnce = 16

/** PROTOCOL.md §5.1: what a client asks of the room machine. */
export const clientMessage = union({
  create: [0x10, { memberId: memberIdField }],
  /** `ordinal` and `token` are 0 and empty on a first join; a return shows what `joined` gave. */
  join: [
    0x11,
    {
      nameplate,
      memberId: memberIdField,
      ordinal: u32,
      token: fixedOrEmpty(tokenBytes),
      ifEmpty: choice(['refuse', 'wait']),
    },
  ],
  leave: [0x12, {}],
  send: [0x13, { to: memberIdField, envelope }],
  askIceServers: [0x14, {}],
  /** `isAnew`: those left before are withdrawn. */
  leaveTickets: [0x15, { isAnew: bool, tickets: list(ticket, maxTicketsAtOnce) }],
  askTicket: [0x16, { memberId: memberIdField }],
  confirm: [0x17, { memberId: memberIdField }],
  reportGuess: [0x18, { memberId: memberIdField }],
  look: [0x19, { nameplate, memberId: memberIdField }],
  authorize: [0x1a, { authorization: text(maxAuthorizationBytes) }],
})

/** `ticket` is empty when there is none, or none to be handed out. */
const roomMember = struct({ memberId: memberIdField, ordinal: u32, isAway: bool, ticket })
const iceServer = struct({ urls: list(text(1024), 8), username: text(255), credential: text(255) })
/** `iceLifetimeMs` is 0 for servers whose credentials do not expire. */
const iceFields = { iceServers: list(iceServer, 8), iceLifetimeMs: u32 }

/** PROTOCOL.md §5.2: what the room machine tells a client. */
export const serverMessage = union({
  joined: [
    0x20,
    {
      nameplate,
      ordinal: u32,
      token: fixed(tokenBytes),
      members: list(roomMember, 255),
      ...iceFields,
    },
  ],
  refused: [
    0x21,
    {
      code: choice([
        'unknownNameplate',
        'nobodyThere',
        'roomFull',
        'tooManyTries',
        'serverFull',
        'memberIdInUse',
        'notAllowed',
      ]),
      retryAfterMs: u32,
    },
  ],
  memberJoined: [0x22, { memberId: memberIdField, ordinal: u32 }],
  memberLeft: [0x23, { memberId: memberIdField, reason: choice(['left', 'expired']) }],
  memberAway: [0x24, { memberId: memberIdField }],
  memberBack: [0x25, { memberId: memberIdField }],
  envelope: [0x26, { from: memberIdField, envelope }],
  undeliverable: [0x27, { to: memberIdField, reason: choice(['notHere', 'mailboxFull']) }],
  iceServers: [0x28, iceFields],
  looked: [0x29, { nameplate, members: list(roomMember, 255), ...iceFields }],
  ticket: [0x2a, { memberId: memberIdField, ticket }],
  ticketsWanted: [0x2b, { count: u8 }],
  confirmed: [0x2c, { token: fixed(tokenBytes) }],
})

const goodbye = [
  0x07,
  {
    code: choice([
      'restarting',
      'incompatibleVersion',
      'malformed',
      'tooManyConnections',
      'tooFast',
      'serverFull',
      'tooSlow',
      'replaced',
    ]),
    retryAfterMs: u32,
  },
] as const
const acknowledging = {
  ack: [0x04, { ack: u32 }],
  ping: [0x05, { ack: u32 }],
  pong: [0x06, { ack: u32 }],
} as const

/** PROTOCOL.md §4: what a client sends on a connection. */
export const clientFrame = union({
  hello: [0x01, { version: u8, session: fixed(sessionIdBytes), received: u32 }],
  item: [0x03, { seq: u32, ack: u32, message: clientMessage }],
  ...acknowledging,
})

/** PROTOCOL.md §4: what the server sends on a connection. */
export const serverFrame = union({
  welcome: [0x02, { isResumed: bool, received: u32, pingEveryMs: u16, deadAfterMs: u16, graceMs: u32 }],
  item: [0x03, { seq: u32, ack: u32, message: serverMessage }],
  ...acknowledging,
  goodbye,
})

export type ClientMessage = ValueOf<typeof clientMessage>
export type ServerMessage = ValueOf<typeof serverMessage>
export type ClientFrame = ValueOf<typeof clientFrame>
export type ServerFrame = ValueOf<typeof serverFrame>
export type GoodbyeCode = Extract<ServerFrame, { type: 'goodbye' }>['code']
export type WireRefusalCode = Extract<ServerMessage, { type: 'refused' }>['code']

/** Octets of the largest frame in either direction: what a WebSocket has to let through. */
export const maxFrameBytes = Math.max(clientFrame.maxBytes, serverFrame.maxBytes)
