import type { PairMessage } from '@crowfly/signaling'
import type { NegotiationChannel } from './negotiation-channel.ts'

/** The first message of a pairing in either direction, made when its description is there. */
export type FirstMessage = Extract<PairMessage, { type: 'open' | 'reply' }>

/**
 * The negotiation of one `attempt` over the signaling session: the first description opens or answers the pairing, the
 * others follow.
 */
export function signalingChannel(
  send: (message: PairMessage) => void,
  attempt: number,
  firstMessage: (sdp: string) => FirstMessage,
): NegotiationChannel {
  let hasSpoken = false
  return {
    sendDescription: ({ kind, sdp }) => {
      send(hasSpoken ? { type: 'description', attempt, kind, sdp } : firstMessage(sdp))
      hasSpoken = true
    },
    sendCandidates: (candidates) => send({ type: 'candidates', attempt, candidates }),
  }
}
