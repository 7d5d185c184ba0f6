import type { Millis } from '@crowfly/sansio'
import type { IceServer } from '@crowfly/signaling'
import type { Agenda, Alarm } from './agenda.ts'
import type { LocalTracks } from './media-slots.ts'
import type { Peer } from './peer.ts'
import type { PeerMessage } from './peer-message.ts'
import type { MemberId } from './snapshot.ts'

/** How often connected peers are looked at: how packets travel, and whether they do. */
const MEASURE_INTERVAL_MS = 2_000

/** The peers of a call, by member: those who are in, and those who are still being called. */
export class Roster {
  readonly #peers = new Map<MemberId, Peer>()
  readonly #agenda: Agenda
  readonly #measureAlarm: Alarm

  constructor(agenda: Agenda) {
    this.#agenda = agenda
    this.#measureAlarm = agenda.alarm(() => this.#measure())
  }

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

  /** Looks at those who are in, every now and then from now on. */
  startMeasuring(): void {
    this.#measureAlarm.set(this.#agenda.now() + MEASURE_INTERVAL_MS)
  }

  stopMeasuring(): void {
    this.#measureAlarm.clear()
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

  #measure(): void {
    for (const peer of this.admitted()) void peer.measure()
    this.startMeasuring()
  }
}
