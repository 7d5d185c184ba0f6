import type { Random } from '@crowfly/sansio'
import { type Clock, pageClock } from './clock.ts'
import { longPollTransport } from './long-poll-transport.ts'
import { type PageEventSource, watchPage } from './page-events.ts'
import { pageRandom } from './page-random.ts'
import type { PassStorage } from './pass-book.ts'
import type { PeerConnectionConstructor } from './peer-connection.ts'
import type { SignalingTransports } from './signaling-transport.ts'
import { webSocketTransport } from './web-socket-transport.ts'

/** The browser as a call sees it. A test, or a page with WebRTC of its own, brings another. */
export interface CallPlatform {
  readonly clock: Clock
  readonly random: Random
  /** What carries signaling unless the call's options say otherwise. */
  readonly transports: SignalingTransports
  /** Null where the browser has no WebRTC. */
  readonly Connection: PeerConnectionConstructor | null
  /** Rejects where the browser makes none. */
  readonly createCertificate: () => Promise<RTCCertificate>
  readonly createStream: () => MediaStream
  readonly watchPage: PageEventSource
  readonly passStorage: PassStorage | null
  /** The page's own origin; null outside a page. */
  readonly origin: string | null
}

/** What browsers make by themselves too (RFC 8827 §6.5). */
const certificateKey: EcKeyGenParams = { name: 'ECDSA', namedCurve: 'P-256' }

export function browserPlatform(): CallPlatform {
  // Missing where WebRTC is switched off, whatever the type says.
  const Connection: typeof RTCPeerConnection | undefined = globalThis.RTCPeerConnection
  return {
    clock: pageClock,
    random: pageRandom,
    transports: [webSocketTransport, longPollTransport],
    Connection: Connection ?? null,
    createCertificate: () => RTCPeerConnection.generateCertificate(certificateKey),
    createStream: () => new MediaStream(),
    watchPage,
    passStorage: sessionStorageOrNull(),
    origin: globalThis.location?.origin ?? null,
  }
}

function sessionStorageOrNull(): PassStorage | null {
  try {
    // Reading the property throws where the page may not store anything.
    return globalThis.sessionStorage ?? null
  } catch {
    return null
  }
}
