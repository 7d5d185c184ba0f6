import type { Millis } from '@crowfly/sansio'
import type { StatsReport } from './peer-connection.ts'

/** How long next to nothing may come in of a peer that sends. */
const SILENCE_MS = 8_000

/** Packets that are more than stragglers. Sound alone brings fifty a second. */
const SIGN_OF_LIFE = 10

/**
 * Notices a connection that says it stands while media has stopped coming in: Firefox can be left like that by ICE
 * restarts that crossed. Speaks up once; a connection over which nothing ever came is another matter.
 */
export class MediaWatch {
  /** As many as there were at the last sign of life. */
  #packets = 0
  #heardAt: Millis = 0
  #hasSpoken = false

  /**
   * Takes the statistics of a standing connection. True when something came before and nothing has for 8 s of
   * `isPeerSending`.
   */
  handleStats(report: StatsReport, isPeerSending: boolean, now: Millis): boolean {
    const packets = countInboundPackets(report)
    if (packets >= this.#packets + SIGN_OF_LIFE || !isPeerSending) {
      this.#packets = packets
      this.#heardAt = now
      return false
    }
    if (this.#packets === 0 || this.#hasSpoken || now - this.#heardAt < SILENCE_MS) return false
    this.#hasSpoken = true
    return true
  }

  /** The connection does not stand: that is told by its states. */
  pause(now: Millis): void {
    this.#heardAt = now
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
