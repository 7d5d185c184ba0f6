import { isIP } from 'node:net'
import type { SignalingLimits } from '@crowfly/signaling'
import { z } from 'zod'
import { parseLimits } from './limit-settings.ts'
import { OperatorError, refuseFlag } from './operator-error.ts'
import type { ServerLimits } from './server-limits.ts'
import type { CertificateFiles } from './tls-identity.ts'
import { TrustedProxies } from './trusted-proxies.ts'

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const

export type LogLevel = (typeof logLevels)[number]

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
  stunPort: StunPort
  /** The STUN URL that clients are given; undefined: this server, by the host that their page came from. */
  stunUrl: string | undefined
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
  logLevel: string
}

const port = (least: number) =>
  z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .pipe(z.int().min(least).max(65_535))

const hostName = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_-]{1,63})*\.?$/i

/** What each flag takes, and the end of the sentence that refuses anything else. */
const schemas = {
  port: [port(0), 'Give a port number from 1 to 65535; 0 takes any free port.'],
  host: [
    z.string().refine((text) => isIP(text) !== 0 || hostName.test(text)),
    'Give an IP address or a host name of this machine, without port or brackets.',
  ],
  origin: [
    z.string().refine((text) => URL.canParse(text) && new URL(text).origin === text.toLowerCase()),
    'Give an origin: scheme, host and, unless it is the default, port, as in https://call.example.org',
  ],
  stunPort: [
    z.union([z.literal('off'), port(1)]),
    'Give a port number from 1 to 65535, or "off" to answer STUN on the main port only.',
  ],
  stunUrl: [
    z.string().regex(/^stuns?:([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?(\?transport=(udp|tcp))?$/i),
    'Give a STUN URL as in stun:stun.example.org:3478',
  ],
  logLevel: [z.enum(logLevels), `Give one of ${logLevels.join(', ')}.`],
} as const

/** Checks what was typed. Throws `OperatorError` `FLAG_REFUSED`, which names the flag and says what to give. */
export function parseSettings(flags: Flags): ServerSettings {
  const { server, signaling } = parseLimits(flags.limit ?? [])
  return {
    port: check('--port', schemas.port, flags.port),
    hosts: (flags.host ?? []).map((host) => check('--host', schemas.host, host)),
    certificate: parseCertificate(flags),
    stateFolder: flags.state === '' ? refuseFlag('--state', '', 'Give a folder.') : flags.state,
    origins: (flags.origin ?? []).map((origin) => check('--origin', schemas.origin, origin.toLowerCase())),
    trustedProxies: parseProxies(flags.trustProxy ?? []),
    limits: server,
    signalingLimits: signaling,
    stunPort: parseStunPort(flags.stunPort),
    stunUrl: flags.stunUrl === undefined ? undefined : check('--stun-url', schemas.stunUrl, flags.stunUrl),
    logLevel: check('--log-level', schemas.logLevel, flags.logLevel),
  }
}

function check<T>(flag: string, [schema, remedy]: readonly [z.ZodType<T>, string], text: string): T {
  const result = schema.safeParse(text)
  return result.success ? result.data : refuseFlag(flag, text, remedy)
}

function parseCertificate({ cert, key }: Flags): CertificateFiles | undefined {
  if (cert !== undefined && key !== undefined) return { cert, key }
  if (cert === undefined && key === undefined) return undefined
  const [given, missing] = cert === undefined ? ['--key', '--cert'] : ['--cert', '--key']
  throw new OperatorError(
    'FLAG_REFUSED',
    `${given} needs ${missing} beside it. Give both, or neither: then a certificate is made for you.`,
  )
}

function parseStunPort(text: string | undefined): StunPort {
  const value = check('--stun-port', schemas.stunPort, text ?? '3478')
  return value === 'off' ? { kind: 'off' } : { kind: 'port', port: value, isRequired: text !== undefined }
}

function parseProxies(texts: readonly string[]): TrustedProxies {
  const proxies = new TrustedProxies()
  for (const text of texts) {
    if (!proxies.add(text))
      refuseFlag('--trust-proxy', text, 'Give an IP address or a network as in 10.0.0.0/8.')
  }
  return proxies
}
