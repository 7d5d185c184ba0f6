import type { Millis } from '@crowfly/sansio'
import type { StatsReport } from './peer-connection.ts'

/** How long next to nothing may come in of a peer that sends. It doubles with each alarm, up to the longest. */
const FIRST_SILENCE_MS = 8_000
const LONGEST_SILENCE_MS = 64_000

/** Packets that are more than stragglers. Sound alone brings fifty a second. */
const SIGN_OF_LIFE = 10

/**
 * Notices a connection that says it stands while media has stopped coming in. Outlives the connection: one that takes
 * its place has to bring media too. A member of whom nothing ever came is another matter.
 */
export class MediaWatch {
  /** As many as there were at the last sign of life. */
  #packets = 0
  #hasHeard = false
  #silenceMs = 0
  #patienceMs = FIRST_SILENCE_MS
  #seenAt: Millis = 0

  /**
   * Takes the statistics of a standing connection. True when something came before and nothing has for 8 s of
   * `isPeerSending`, and again when that did not help.
   */
  handleStats(report: StatsReport, isPeerSending: boolean, now: Millis): boolean {
    const packets = countInboundPackets(report)
    // Another connection counts from the beginning.
    this.#packets = Math.min(this.#packets, packets)
    if (packets >= this.#packets + SIGN_OF_LIFE) {
      this.#packets = packets
      this.#hasHeard = true
      this.#patienceMs = FIRST_SILENCE_MS
      this.#silenceMs = 0
    } else if (isPeerSending && this.#hasHeard) this.#silenceMs += now - this.#seenAt
    else this.#silenceMs = 0
    this.#seenAt = now
    if (this.#silenceMs < this.#patienceMs) return false
    this.#silenceMs = 0
    this.#patienceMs = Math.min(this.#patienceMs * 2, LONGEST_SILENCE_MS)
    return true
  }

  /** The connection does not stand: that is told by its states. The clock of silence stops meanwhile. */
  pause(now: Millis): void {
    this.#seenAt = now
  }
}

/** RTP packets received over all streams (W3C webrtc-stats §8.2). */
function countInboundPackets(report: StatsReport): number {
  let packets = 0
  report.forEach((entry) => {
    if (typeof entry !== 'object' || entry === null || Reflect.get(entry, 'type') !== 'inbound-rtp') return
    const received: unknown = Reflect.get(entry, 'packetsReceived')
    if (typeof received === 'number') packets += received
  })
  return packets
}
