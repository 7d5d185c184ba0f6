import type { Millis } from '@crowfly/sansio'
import type { IceServer } from '@crowfly/signaling'
import type { LocalTracks, Peer } from './peer.ts'
import type { PeerMessage } from './peer-message.ts'
import type { MemberId } from './snapshot.ts'

/** The peers of a call, by member: those who are in, and those who are still being called. */
export class Roster {
  readonly #peers = new Map<MemberId, Peer>()

  get size(): number {
    return this.#peers.size
  }

  get(id: MemberId): Peer | null {
    return this.#peers.get(id) ?? null
  }

  add(peer: Peer): void {
    this.#peers.set(peer.id, peer)
  }

  /** Closes without a word in the call: the member never was in it, or comes back at once. */
  drop(id: MemberId): Peer | null {
    const peer = this.get(id)
    peer?.close()
    this.#peers.delete(id)
    return peer
  }

  /** Those who are in the call. */
  admitted(): readonly Peer[] {
    return [...this.#peers.values()].filter((peer) => peer.isAdmitted)
  }

  /** To all who are in. False when nobody could be reached. */
  send(message: PeerMessage): boolean {
    return this.admitted().filter((peer) => peer.send(message)).length > 0
  }

  setTracks(tracks: LocalTracks): void {
    for (const peer of this.#peers.values()) peer.setTracks(tracks)
  }

  setIceServers(iceServers: readonly IceServer[]): void {
    for (const peer of this.#peers.values()) peer.setIceServers(iceServers)
  }

  measure(): void {
    for (const peer of this.admitted()) void peer.measure()
  }

  handleNetworkChange(now: Millis): void {
    for (const peer of this.#peers.values()) peer.handleNetworkChange(now)
  }

  handleSignalingRestored(now: Millis): void {
    for (const peer of this.#peers.values()) peer.handleSignalingRestored(now)
  }

  /** Says goodbye to everyone. */
  leave(): void {
    for (const peer of this.#peers.values()) peer.leave()
    this.#peers.clear()
  }
}
