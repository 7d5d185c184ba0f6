import type { PeerSnapshot } from '@crowfly/client'

/**
 * What is known of a connection: nothing yet, what the server says (never in this app), that only who knows the code is
 * at its end, or that emoji were compared.
 */
export type Trust = PeerSnapshot['trust']

const leastFirst: readonly Trust[] = ['pending', 'server', 'code', 'verified']

/** What may be said of a whole call: no more than of the least of its connections. Null when nobody is there. */
export function callTrust(peers: readonly Pick<PeerSnapshot, 'trust'>[]): Trust | null {
  return leastFirst.find((trust) => peers.some((peer) => peer.trust === trust)) ?? null
}

/** Whether nobody would get a text: it goes to those only whose connection is proven. */
export function isChatPending(peers: readonly Pick<PeerSnapshot, 'trust'>[]): boolean {
  return peers.length > 0 && peers.every(({ trust }) => trust === 'pending')
}
