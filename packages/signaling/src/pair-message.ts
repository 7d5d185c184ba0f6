import {
  choice,
  decode,
  encode,
  fixedOrEmpty,
  list,
  struct,
  text,
  u16,
  u32,
  union,
  type ValueOf,
} from './schema.ts'

const sdp = text(60_000)
/** Of a person, as they call themselves: 64 characters in UTF-8. */
const name = text(256)
/** What a `reply` gave: the newcomer who shows it in a later `open` comes back without ringing. */
const pass = fixedOrEmpty(16)

/**
 * Counts the newcomer's `open`s to a member: whatever follows says to which of them it belongs, and a word of a
 * connection that has been replaced meanwhile is dropped.
 */
const attempt = u32

const candidate = struct({
  /** `candidate-attribute` (RFC 8839 §5.1). Empty: the end of candidates. */
  candidate: text(1024),
  sdpMid: text(64),
  sdpMLineIndex: u16,
  usernameFragment: text(255),
})

/** A trickled ICE candidate. */
export type PairCandidate = ValueOf<typeof candidate>

/** PROTOCOL.md §7: what members say to each other, sealed. */
export const pairMessage = union({
  /** Newcomer to each member present: who calls, and the offer. */
  open: [1, { attempt, name, pass, sdp }],
  ringing: [2, { attempt }],
  declined: [3, { attempt, reason: choice(['declined', 'busy']) }],
  /** The answer to `open`. */
  reply: [4, { attempt, name, pass, sdp }],
  /** Renegotiation and ICE restarts. */
  description: [5, { attempt, kind: choice(['offer', 'answer']), sdp }],
  candidates: [6, { attempt, candidates: list(candidate, 64) }],
  /** To the newcomer: open anew, no restart mends this connection. */
  renew: [7, { attempt }],
})

/** What members say to each other. */
export type PairMessage = ValueOf<typeof pairMessage>

/** The octets that are sealed. Throws a `SchemaError` on what is larger than the protocol carries. */
export function encodePairMessage(message: PairMessage): Uint8Array {
  return encode(pairMessage, message)
}

/** Undefined when the octets are none: whoever sealed them breaks the protocol. */
export function decodePairMessage(octets: Uint8Array): PairMessage | undefined {
  const message = decode(pairMessage, octets)
  return typeof message === 'string' ? undefined : message
}
