/** What members say to each other. The server passes it on without looking inside. */
export type PairMessage =
  /** Newcomer to each member present: who calls, and the offer. `pass` is empty, or what a `reply` gave earlier. */
  | { type: 'open'; name: string; pass: Uint8Array; sdp: string }
  | { type: 'ringing' }
  | { type: 'declined'; reason: 'declined' | 'busy' }
  /** The answer. A newcomer that shows `pass` (16 bytes) in a later `open` comes back without ringing. */
  | { type: 'reply'; name: string; pass: Uint8Array; sdp: string }
  | { type: 'description'; kind: 'offer' | 'answer'; sdp: string }
  | { type: 'candidates'; candidates: readonly PairCandidate[] }

/** A trickled ICE candidate. An empty `candidate` is the end of candidates. */
export interface PairCandidate {
  candidate: string
  sdpMid: string
  sdpMLineIndex: number
  usernameFragment: string
}
