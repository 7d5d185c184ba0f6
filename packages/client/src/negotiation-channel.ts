/** A session description on its way to one peer. */
export interface Description {
  readonly kind: 'offer' | 'answer'
  readonly sdp: string
}

/** A trickled ICE candidate (RFC 8838), with the generation it belongs to. */
export interface Candidate {
  readonly candidate: string
  readonly sdpMid: string
  readonly sdpMLineIndex: number
  readonly usernameFragment: string
}

/**
 * How a negotiation reaches the other side: in order, each message once. The signaling session is one way; a data
 * channel can be another.
 */
export interface NegotiationChannel {
  sendDescription(description: Description): void
  sendCandidates(candidates: readonly Candidate[]): void
}
