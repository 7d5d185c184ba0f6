import { PeerFilter } from '@crowfly/turn'
import { CounterLog } from './counter-log.ts'
import { defaultRelayLimits } from './limit-settings.ts'
import { addressesOf, resolveHosts } from './listening-addresses.ts'
import { localAddresses, urlHost } from './local-addresses.ts'
import type { Log } from './log.ts'
import { openPort, openTcpPort, type PortFlag } from './open-ports.ts'
import { reasonOf } from './operator-error.ts'
import { type RelayCounters, RelayService } from './relay-service.ts'
import { StaticAccounts } from './static-accounts.ts'
import { TcpPort } from './tcp-port.ts'
import { type LoadedIdentity, readIdentity } from './tls-identity.ts'
import { TrustedProxies } from './trusted-proxies.ts'
import type { Endpoint, TurnSettings } from './turn-settings.ts'

/** The room of all clients where only clients reach each other. */
const onlyRoom = 'all'

/** How often the certificate is looked at: a renewed one is taken up. */
const certificateCheckMs = 3_600_000

/** A relay that answers. */
export interface RunningRelay {
  /** Where it answers over UDP, as `address:port`, now. */
  udpAddresses(): string[]
  /** Where it answers TLS and nothing else, as `address:port`, now. */
  tlsAddresses(): string[]
  /** Ports of `--listen` and of `--tls-listen`, in order and each once. */
  readonly ports: readonly number[]
  readonly tlsPorts: readonly number[]
  readonly isTlsServed: boolean
  /** Whole sentences that the operator should read. */
  readonly notes: readonly string[]
  readonly relaySockets: number
  readonly counters: Readonly<RelayCounters>
  /** Closes everything at once. */
  close(): void
}

/** Starts what `crowfly turn` serves. Throws `OperatorError` for what the operator can put right. */
export async function startRelay(settings: TurnSettings, log: Log): Promise<RunningRelay> {
  const identity = settings.certificate && (await readIdentity(settings.certificate, new Date()))
  const listen = await hostsByPort(settings.listen, '--listen')
  const tlsListen = await hostsByPort(settings.tlsListen, '--tls-listen')
  const { kind } = settings.peers
  const relay = new RelayService({
    accounts: new StaticAccounts(settings.users, kind === 'rooms' ? onlyRoom : null),
    realm: settings.realm,
    peers:
      settings.peers.kind === 'rooms'
        ? settings.peers
        : { ...settings.peers, filter: new PeerFilter(settings.peers) },
    limits: { ...defaultRelayLimits.turn, ...settings.relayLimits },
    acceptsClassicChannels: true,
    log,
  })
  const tcp = relayPort(settings, identity, relay, false)
  const tls = relayPort(settings, identity, relay, true)
  const counterLog = new CounterLog(relay.counters, log, { level: 'info', everyMs: 3_600_000 })
  const close = (): void => {
    clearInterval(timer)
    counterLog.close()
    tcp.close()
    tls.close()
    relay.close()
  }
  const timer = setInterval(() => void renew(settings, [tcp, tls], log), certificateCheckMs).unref()
  const ports: number[] = []
  const tlsPorts: number[] = []
  try {
    for (const [port, hosts] of listen) {
      ports.push(await openPort({ tcp, udp: relay.ports, hosts }, port, '--listen'))
    }
    for (const [port, hosts] of tlsListen) {
      tlsPorts.push(await openTcpPort({ tcp: tls, hosts }, port, '--tls-listen'))
    }
  } catch (error) {
    close()
    throw error
  }
  return {
    ports,
    tlsPorts,
    isTlsServed: identity !== undefined,
    notes: [...(identity?.warnings ?? []), ...privateNote(settings, relay)],
    udpAddresses: () => relay.ports.sockets.map(({ address, port }) => `${urlHost(address)}:${port}`),
    tlsAddresses: () =>
      [...tlsListen.values()].flatMap((hosts, i) =>
        addressesOf(hosts).map(({ address }) => `${urlHost(address)}:${tlsPorts[i]}`),
      ),
    get relaySockets() {
      return relay.relaySockets
    },
    get counters() {
      return relay.counters
    },
    close,
  }
}

/** IP addresses by port: of one port they are opened together, so that a wildcard covers what it covers. */
async function hostsByPort(
  endpoints: readonly Endpoint[],
  flag: PortFlag,
): Promise<ReadonlyMap<number, readonly string[]>> {
  const hosts = new Map<number, string[]>()
  for (const { host, port } of endpoints) hosts.set(port, [...(hosts.get(port) ?? []), host])
  const resolved = new Map<number, readonly string[]>()
  for (const [port, names] of hosts) resolved.set(port, await resolveHosts(names, flag))
  return resolved
}

/** Peers elsewhere send to a relayed address, which is one of this machine's. */
function privateNote({ peers }: TurnSettings, relay: RelayService): string[] {
  if (peers.kind === 'rooms' || peers.external.length > 0 || peers.allow.length > 0) return []
  const bound = new Set(relay.ports.sockets.map(({ address }) => address))
  const reaches = localAddresses().flatMap(({ address, reach }) => (bound.has(address) ? [reach] : []))
  if (reaches.includes('public') || !reaches.includes('private')) return []
  return [
    "This machine's addresses are private: peers elsewhere cannot send to them. " +
      'If it is reached by a public one, give that as --external-address.',
  ]
}

function relayPort(
  { limits }: TurnSettings,
  identity: LoadedIdentity | undefined,
  relay: RelayService,
  isTlsOnly: boolean,
): TcpPort {
  return new TcpPort({
    identity,
    isTlsOnly,
    limits,
    trustedProxies: new TrustedProxies(),
    http: undefined,
    stun: relay.accept.bind(relay),
  })
}

async function renew({ certificate }: TurnSettings, ports: readonly TcpPort[], log: Log): Promise<void> {
  if (certificate === undefined) return
  try {
    const identity = await readIdentity(certificate, new Date())
    for (const warning of identity.warnings) log.warn(warning)
    for (const port of ports) port.setIdentity(identity)
  } catch (error) {
    log.error(`The certificate could not be read again, and the one before is served on: ${reasonOf(error)}`)
  }
}
