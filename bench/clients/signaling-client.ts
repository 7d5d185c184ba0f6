/** What is exchanged by a pair, besides coming and going. */
export const OFFER_BYTES = 3072
export const ANSWER_BYTES = 3072
export const CANDIDATE_BYTES = 120
/** Of each side. */
export const CANDIDATES = 5

/** One connected client of a signaling server, whatever its protocol. */
export interface SignalingClient {
  /** Sends `bytes` octets of anything to the other client. */
  send(kind: 'OFFER' | 'ANSWER' | 'CANDIDATE', bytes: number): void
  /** Leaves as the protocol has it, and closes the connection. */
  close(): void
}

/** What a client hears. */
export interface SignalingClientHandler {
  /** It can be found by others; `address` is what they need for it. */
  ready(address: string): void
  /** Something that the other client sent, of any kind. */
  received(): void
  /** The connection is closed. */
  closed(): void
}

/** A protocol spoken by the load generator. */
export interface SignalingProtocol {
  /** Connects to wait for somebody, or, with an `address`, to whoever waits there. */
  connect(port: number, address: string | undefined, handler: SignalingClientHandler): SignalingClient
}
