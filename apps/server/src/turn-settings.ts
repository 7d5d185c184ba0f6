import { prepareOpaqueString } from '@crowfly/stun'
import { type Cidr, parseCidr, type TurnLimits } from '@crowfly/turn'
import { z } from 'zod'
import {
  checkCertificate,
  checkFlag,
  type FlagRule,
  isHost,
  type LogLevel,
  logLevelRule,
  portNumber,
} from './flag-check.ts'
import { parseLimits } from './limit-settings.ts'
import { OperatorError, refuseFlag } from './operator-error.ts'
import type { ServerLimits } from './server-limits.ts'
import type { CertificateFiles } from './tls-identity.ts'

/** Where to listen. */
export interface Endpoint {
  /** An IP address or a name, without brackets. */
  host: string
  port: number
}

/** Whom clients of the relay may reach. */
export type TurnPeers =
  | { kind: 'rooms' }
  | {
      kind: 'public'
      allow: readonly Cidr[]
      deny: readonly Cidr[]
      /** Of relay sockets. */
      ports: { least: number; most: number }
    }

/** Everything that `crowfly turn` is started with, checked. */
export interface TurnSettings {
  /** UDP and TCP. */
  listen: readonly Endpoint[]
  /** TLS alone. */
  tlsListen: readonly Endpoint[]
  certificate: CertificateFiles | undefined
  /** Passwords by username. */
  users: ReadonlyMap<string, string>
  realm: string
  peers: TurnPeers
  limits: ServerLimits
  relayLimits: Partial<TurnLimits>
  logLevel: LogLevel
}

/** The flags of `crowfly turn` as they were typed. */
export interface TurnFlags {
  listen?: string[]
  tlsListen?: string[]
  cert?: string
  key?: string
  user?: string[]
  realm: string
  peers: string
  allowPeer?: string[]
  denyPeer?: string[]
  relayPorts?: string
  limit?: string[]
  logLevel: string
}

const defaultListen = ['0.0.0.0:3478', '[::]:3478']

/** The dynamic ports (RFC 8656 §7.2, RFC 6335 §6). */
const defaultRelayPorts = '49152-65535'

const endpointRule: FlagRule<Endpoint> = [
  z
    .string()
    .transform((text) => /^(?:\[([^\]]*)\]|([^:]*)):([^:]*)$/.exec(text))
    .pipe(
      z
        .custom<RegExpExecArray>((match) => match !== null)
        .transform(([, six, other, port]) => ({
          host: six ?? other ?? '',
          isSix: six !== undefined,
          port: port ?? '',
        })),
    )
    .pipe(z.object({ host: z.string().refine(isHost), isSix: z.boolean(), port: portNumber(0) }))
    .refine(({ host, isSix }) => isSix === host.includes(':'))
    .transform(({ host, port }) => ({ host, port })),
  'Give address:port, as in 0.0.0.0:3478 or [::]:3478',
]

const cidrRule: FlagRule<Cidr> = [
  z.string().transform((text, context) => {
    const cidr = parseCidr(text)
    if (cidr !== undefined) return cidr
    context.addIssue('not one')
    return z.NEVER
  }),
  'Give an IP address or a network as in 10.0.0.0/8.',
]

const peersRule: FlagRule<'public' | 'rooms'> = [
  z.enum(['public', 'rooms']),
  'Give "public" (any address that is not special) or "rooms" (only one client of this relay another).',
]

// RFC 8489 §14.9: fewer than 128 characters
const realmRule: FlagRule<string> = [
  z
    .string()
    .regex(/^[^"\\]{1,127}$/u)
    .refine(isOpaqueString),
  'Give 1 to 127 characters, without quotes, backslashes and control characters, as in example.org',
]

/** Checks what was typed. Throws `OperatorError` `FLAG_REFUSED`, which names the flag and says what to give. */
export function parseTurnSettings(flags: TurnFlags): TurnSettings {
  const certificate = checkCertificate(flags, 'TLS is not served')
  const { server, relay } = parseLimits(flags.limit ?? [], 'turn')
  const tlsListen = (flags.tlsListen ?? []).map((text) => checkFlag('--tls-listen', endpointRule, text))
  if (tlsListen.length > 0 && certificate === undefined) {
    throw new OperatorError(
      'FLAG_REFUSED',
      '--tls-listen needs --cert and --key beside it: a client trusts no certificate that was made up here.',
    )
  }
  const listen = (flags.listen ?? defaultListen).map((text) => checkFlag('--listen', endpointRule, text))
  const isTaken = ({ host, port }: Endpoint): boolean =>
    port !== 0 && listen.some((other) => other.host === host && other.port === port)
  const twice = tlsListen.find(isTaken)
  if (twice !== undefined) {
    throw new OperatorError(
      'FLAG_REFUSED',
      `--listen has port ${twice.port} of ${twice.host} already, and takes TLS there too. Leave --tls-listen out.`,
    )
  }
  return {
    listen,
    tlsListen,
    certificate,
    users: parseUsers(flags.user ?? []),
    realm: checkFlag('--realm', realmRule, flags.realm),
    peers: parsePeers(flags),
    limits: server,
    relayLimits: relay,
    logLevel: checkFlag('--log-level', logLevelRule, flags.logLevel),
  }
}

/** Whether it can be in a credential at all (RFC 8265 §4.2). */
function isOpaqueString(text: string): boolean {
  return prepareOpaqueString(text) !== undefined
}

/** The password is all behind the first colon. */
function parseUsers(texts: readonly string[]): ReadonlyMap<string, string> {
  const users = new Map<string, string>()
  for (const text of texts) {
    const colon = text.indexOf(':')
    const name = text.slice(0, colon)
    const password = text.slice(colon + 1)
    // The password is nobody's business, so that it is not said again.
    const shown = colon < 0 ? text : `${name}:…`
    // RFC 8489 §14.3: fewer than 509 bytes
    const isFit = colon > 0 && isOpaqueString(name) && isOpaqueString(password)
    if (!isFit || Buffer.byteLength(name) > 508) {
      refuseFlag(
        '--user',
        shown,
        'Give name:password, without control characters, as in --user anna:correct-horse',
      )
    }
    if (users.has(name)) refuseFlag('--user', shown, `${name} has a password already. Give each name once.`)
    users.set(name, password)
  }
  if (users.size > 0) return users
  throw new OperatorError(
    'FLAG_REFUSED',
    'A relay needs users, or anybody could use it. Give --user name:password; it may be repeated.',
  )
}

function parsePeers(flags: TurnFlags): TurnPeers {
  const kind = checkFlag('--peers', peersRule, flags.peers)
  const allow = (flags.allowPeer ?? []).map((text) => checkFlag('--allow-peer', cidrRule, text))
  const deny = (flags.denyPeer ?? []).map((text) => checkFlag('--deny-peer', cidrRule, text))
  if (kind === 'public') {
    return { kind, allow, deny, ports: parsePortRange(flags.relayPorts ?? defaultRelayPorts) }
  }
  const unfit = flags.allowPeer
    ? '--allow-peer'
    : flags.denyPeer
      ? '--deny-peer'
      : flags.relayPorts && '--relay-ports'
  if (unfit === undefined) return { kind }
  throw new OperatorError(
    'FLAG_REFUSED',
    `${unfit} is for --peers public: with --peers rooms no packet leaves for anybody but another client of this relay.`,
  )
}

function parsePortRange(text: string): { least: number; most: number } {
  const [, least = 0, most = 0] = /^(\d{1,5})-(\d{1,5})$/.exec(text)?.map(Number) ?? []
  // Each EVEN-PORT reservation takes a pair.
  if (least < 1024 || most > 65_535 || most <= least) {
    refuseFlag('--relay-ports', text, 'Give two ports from 1024 to 65535, as in 49152-65535')
  }
  return { least, most }
}
