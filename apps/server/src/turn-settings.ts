import { parseAddress } from '@crowfly/sansio'
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
import { isOpaqueString, parseUsers } from './turn-users.ts'

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
      /** What peers see in place of this machine's addresses; one of a family. */
      external: readonly Uint8Array[]
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
  userFile?: string
  realm: string
  peers: string
  allowPeer?: string[]
  denyPeer?: string[]
  relayPorts?: string
  externalAddress?: string[]
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

/** An address that a peer somewhere can send to. */
const addressRule: FlagRule<Uint8Array> = [
  z.string().transform((text, context) => {
    const address = parseAddress(text)
    if (address?.some((byte) => byte !== 0)) return address
    context.addIssue('not one')
    return z.NEVER
  }),
  'Give the IP address by which this machine is reached from outside, as in 203.0.113.5',
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
    users: parseUsers(flags),
    realm: checkFlag('--realm', realmRule, flags.realm),
    peers: parsePeers(flags),
    limits: server,
    relayLimits: relay,
    logLevel: checkFlag('--log-level', logLevelRule, flags.logLevel),
  }
}

function parsePeers(flags: TurnFlags): TurnPeers {
  const kind = checkFlag('--peers', peersRule, flags.peers)
  const allow = (flags.allowPeer ?? []).map((text) => checkFlag('--allow-peer', cidrRule, text))
  const deny = (flags.denyPeer ?? []).map((text) => checkFlag('--deny-peer', cidrRule, text))
  if (kind === 'public') {
    const ports = parsePortRange(flags.relayPorts ?? defaultRelayPorts)
    return { kind, allow, deny, ports, external: parseExternal(flags.externalAddress ?? []) }
  }
  const [unfit] = [
    flags.allowPeer && '--allow-peer',
    flags.denyPeer && '--deny-peer',
    flags.relayPorts && '--relay-ports',
    flags.externalAddress && '--external-address',
  ].filter((flag) => flag !== undefined)
  if (unfit === undefined) return { kind }
  throw new OperatorError(
    'FLAG_REFUSED',
    `${unfit} is for --peers public: with --peers rooms no packet leaves for anybody but another client of this relay.`,
  )
}

function parseExternal(texts: readonly string[]): Uint8Array[] {
  const addresses: Uint8Array[] = []
  for (const text of texts) {
    const address = checkFlag('--external-address', addressRule, text)
    if (addresses.some(({ length }) => length === address.length)) {
      refuseFlag('--external-address', text, 'Give one IPv4 address, one IPv6 address, or one of each.')
    }
    addresses.push(address)
  }
  return addresses
}

function parsePortRange(text: string): { least: number; most: number } {
  const [, least = 0, most = 0] = /^(\d{1,5})-(\d{1,5})$/.exec(text)?.map(Number) ?? []
  // Each EVEN-PORT reservation takes a pair.
  if (least < 1024 || most > 65_535 || most <= least) {
    refuseFlag('--relay-ports', text, 'Give two ports from 1024 to 65535, as in 49152-65535')
  }
  return { least, most }
}
