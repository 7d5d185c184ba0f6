import type { SignalingLimits } from '@crowfly/signaling'
import type { TurnLimits } from '@crowfly/turn'
import { z } from 'zod'
import { checkCertificate, checkFlag, isHost, type LogLevel, logLevelRule, portNumber } from './flag-check.ts'
import { parseLimits } from './limit-settings.ts'
import { refuseFlag } from './operator-error.ts'
import type { ServerLimits } from './server-limits.ts'
import type { CertificateFiles } from './tls-identity.ts'
import { TrustedProxies } from './trusted-proxies.ts'

/** Where STUN is answered besides the main port. */
export type StunPort =
  | { kind: 'off' }
  /** A port that is taken is a note when it was not asked for, an error when it was. */
  | { kind: 'port'; port: number; isRequired: boolean }

/** Everything that a server is started with, checked. */
export interface ServerSettings {
  /** TCP and UDP; 0 takes a port that is free for both. */
  port: number
  /** Addresses or names to listen on; none means all addresses. */
  hosts: readonly string[]
  /** Undefined: one is made and kept in the state folder. */
  certificate: CertificateFiles | undefined
  stateFolder: string
  /** Origins that may open a WebSocket besides the server's own. */
  origins: readonly string[]
  trustedProxies: TrustedProxies
  limits: ServerLimits
  signalingLimits: Partial<SignalingLimits>
  relayLimits: Partial<TurnLimits>
  stunPort: StunPort
  /** The STUN URL that clients are given; undefined: this server, by the host that their page came from. */
  stunUrl: string | undefined
  /** The TURN URLs that clients are given; none: this server, by the host that their page came from. */
  turnUrls: readonly string[]
  /** File of the module that is asked before anybody enters; undefined: everybody may. */
  authorize: string | undefined
  logLevel: LogLevel
}

/** The flags of `crowfly serve` as they were typed. */
export interface Flags {
  port: string
  host?: string[]
  cert?: string
  key?: string
  state: string
  origin?: string[]
  trustProxy?: string[]
  limit?: string[]
  stunPort?: string
  stunUrl?: string
  turnUrl?: string[]
  authorize?: string
  logLevel: string
}

/** What each flag takes, and the end of the sentence that refuses anything else. */
const schemas = {
  port: [portNumber(0), 'Give a port number from 1 to 65535; 0 takes any free port.'],
  host: [
    z.string().refine(isHost),
    'Give an IP address or a host name of this machine, without port or brackets.',
  ],
  origin: [
    z.string().refine((text) => URL.canParse(text) && new URL(text).origin === text.toLowerCase()),
    'Give an origin: scheme, host and, unless it is the default, port, as in https://call.example.org',
  ],
  stunPort: [
    z.union([z.literal('off'), portNumber(1)]),
    'Give a port number from 1 to 65535, or "off" to answer STUN on the main port only.',
  ],
  stunUrl: [
    z.string().regex(/^stuns?:([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?(\?transport=(udp|tcp))?$/i),
    'Give a STUN URL as in stun:stun.example.org:3478',
  ],
  turnUrl: [
    z.string().regex(/^turns?:([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?(\?transport=(udp|tcp))?$/i),
    'Give a TURN URL as in turn:turn.example.org:3478',
  ],
} as const

/** Checks what was typed. Throws `OperatorError` `FLAG_REFUSED`, which names the flag and says what to give. */
export function parseSettings(flags: Flags): ServerSettings {
  const { server, signaling, relay } = parseLimits(flags.limit ?? [])
  return {
    port: checkFlag('--port', schemas.port, flags.port),
    hosts: (flags.host ?? []).map((host) => checkFlag('--host', schemas.host, host)),
    certificate: checkCertificate(flags, 'a certificate is made for you'),
    stateFolder: flags.state === '' ? refuseFlag('--state', '', 'Give a folder.') : flags.state,
    origins: (flags.origin ?? []).map((origin) =>
      checkFlag('--origin', schemas.origin, origin.toLowerCase()),
    ),
    trustedProxies: parseProxies(flags.trustProxy ?? []),
    limits: server,
    signalingLimits: signaling,
    relayLimits: relay,
    stunPort: parseStunPort(flags.stunPort),
    stunUrl:
      flags.stunUrl === undefined ? undefined : checkFlag('--stun-url', schemas.stunUrl, flags.stunUrl),
    turnUrls: parseTurnUrls(flags.turnUrl ?? []),
    authorize: flags.authorize,
    logLevel: checkFlag('--log-level', logLevelRule, flags.logLevel),
  }
}

function parseStunPort(text: string | undefined): StunPort {
  const value = checkFlag('--stun-port', schemas.stunPort, text ?? '3478')
  return value === 'off' ? { kind: 'off' } : { kind: 'port', port: value, isRequired: text !== undefined }
}

/** Beside the STUN server a client may be named as many URLs as one server of PROTOCOL.md has places for. */
const maxTurnUrls = 8

function parseTurnUrls(texts: readonly string[]): string[] {
  const urls = texts.flatMap((text) => {
    const url = checkFlag('--turn-url', schemas.turnUrl, text)
    // TLS is over TCP, and DTLS is not served.
    if (url.includes('?') || url.toLowerCase().startsWith('turns')) return [url]
    return [`${url}?transport=udp`, `${url}?transport=tcp`]
  })
  if (urls.length > maxTurnUrls) {
    refuseFlag(
      '--turn-url',
      texts.at(-1) ?? '',
      `Give ${maxTurnUrls} at most; one without ?transport= counts as two.`,
    )
  }
  return urls
}

function parseProxies(texts: readonly string[]): TrustedProxies {
  const proxies = new TrustedProxies()
  for (const text of texts) {
    if (!proxies.add(text))
      refuseFlag('--trust-proxy', text, 'Give an IP address or a network as in 10.0.0.0/8.')
  }
  return proxies
}
