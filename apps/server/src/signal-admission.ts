import type { IncomingMessage } from 'node:http'
import { unmapped } from '@crowfly/node-io'
import { parseAddress } from '@crowfly/sansio'
import type { ClientConnection } from '@crowfly/signaling'
import type { Log } from './log.ts'
import { RefusedOrigins } from './refused-origins.ts'
import { isOriginAllowed, parseHost } from './request-origin.ts'
import type { ServerSettings } from './settings.ts'

/** What an answer without content says. */
export interface Refusal {
  readonly status: number
  /** A whole sentence. */
  readonly sentence: string
}

/** Whom the signaling endpoint lets in, and by what address it counts them: WebSockets and polls alike. */
export class SignalAdmission {
  readonly #settings: Pick<ServerSettings, 'origins' | 'trustedProxies'>
  readonly #log: Log
  readonly #refusedOrigins = new RefusedOrigins()

  constructor(settings: Pick<ServerSettings, 'origins' | 'trustedProxies'>, log: Log) {
    this.#settings = settings
    this.#log = log
  }

  /** Who asks, or why they may not. */
  admit(request: IncomingMessage): ClientConnection | Refusal {
    const host = parseHost(request.headers.host)?.host
    if (host === undefined) return { status: 400, sentence: 'The Host header names no host.' }
    const { origin } = request.headers
    if (!isOriginAllowed(origin, request.headers.host, this.#settings.origins)) {
      this.#refusedOrigins.note(origin ?? '', host, this.#log)
      const sentence = `Pages of ${origin} may not connect here. The server's operator can allow it with --origin.`
      return { status: 403, sentence }
    }
    const bytes = parseAddress(request.socket.remoteAddress ?? '')
    if (bytes === undefined) return { status: 400, sentence: 'The connection is gone.' }
    const peer = unmapped(bytes, request.socket.remotePort ?? 0)
    const forwarded = request.headers['x-forwarded-for']
    const forwardedFor = Array.isArray(forwarded) ? forwarded.join(',') : forwarded
    return { address: this.#settings.trustedProxies.clientOf(peer, forwardedFor), host }
  }
}
