import { fileURLToPath } from 'node:url'
import type { TurnServerCounters } from '@crowfly/turn'
import { AppAssets } from './app-assets.ts'
import { loadAuthorize } from './authorize-hook.ts'
import { addressesOf, areLoopback, resolveHosts } from './listening-addresses.ts'
import { type LocalAddress, urlHost } from './local-addresses.ts'
import type { Log } from './log.ts'
import { reasonOf } from './operator-error.ts'
import { Services } from './services.ts'
import type { ServerSettings } from './settings.ts'
import { StateFolder } from './state-folder.ts'
import { keepIdentity, type LoadedIdentity, readIdentity } from './tls-identity.ts'
import { loadTokenKey } from './token-key.ts'

/** The call app as the repository's build makes it. */
const builtApp = fileURLToPath(new URL('../../call/dist', import.meta.url))

/** How often the certificate is looked at: a renewed one is taken up, one made here is renewed. */
const certificateCheckMs = 3_600_000

const appIsMissing = 'The call app has not been built: run "npm run build" and start again.'

/** What `startServer` is given besides the settings. */
export interface ServerSurroundings {
  log: Log
  /** The built app; the repository's by default. */
  appFolder?: string
  /** Milliseconds since 1970; the system's clock by default. */
  wallClock?: () => number
}

/** A server that answers. */
export interface RunningServer {
  /** TCP and UDP. */
  readonly port: number
  /** The further port that STUN and TURN are answered on, if they are. */
  readonly stunPort: number | undefined
  /** Where other devices and this one reach it; as they are now. */
  addresses(): LocalAddress[]
  /** Where other devices open the app, the likeliest first; as it is now. */
  originsElsewhere(): string[]
  /** Where STUN and TURN are answered over UDP, as `address:port`, now. */
  stunAddresses(): string[]
  /** The relay's URLs that clients are told, where the operator gave them. */
  readonly turnUrls: readonly string[]
  /** Relay sockets open now: none. */
  readonly relaySockets: number
  /** What the relay has done. */
  readonly relayCounters: Readonly<TurnServerCounters>
  /** Whether `--host` gave loopback addresses only, so that no other device reaches it. */
  readonly isConfinedByHost: boolean
  readonly isCertificateSelfMade: boolean
  /** Whole sentences that the operator should read. */
  readonly notes: readonly string[]
  /** WebSocket connections open now. */
  readonly signalConnections: number
  /** Tells connected people, closes everything; resolves within two seconds. Later calls do nothing more. */
  close(): Promise<void>
}

/** Starts everything that `crowfly serve` serves. Throws `OperatorError` for what the operator can put right. */
export async function startServer(
  settings: ServerSettings,
  surroundings: ServerSurroundings,
): Promise<RunningServer> {
  const { log, appFolder = builtApp, wallClock } = surroundings
  const folder = await StateFolder.open(settings.stateFolder)
  const tokenKey = await loadTokenKey(folder)
  const identity = await loadIdentity(settings, folder)
  const app = await AppAssets.load(appFolder)
  const hosts = await resolveHosts(settings.hosts)
  const authorize = settings.authorize === undefined ? undefined : await loadAuthorize(settings.authorize)
  const services = new Services({ settings, tokenKey, identity, app, authorize, log, wallClock })
  const { port, stunPort, notes } = await services.open(hosts)
  const certificateTimer = setInterval(() => void renew(services, settings, folder, log), certificateCheckMs)
  certificateTimer.unref()
  let closing: Promise<void> | undefined
  return {
    port,
    stunPort,
    addresses: () => addressesOf(hosts),
    originsElsewhere: () => services.originsElsewhere(),
    stunAddresses: () => services.relay.ports.sockets.map((at) => `${urlHost(at.address)}:${at.port}`),
    turnUrls: settings.turnUrls,
    isConfinedByHost: areLoopback(hosts),
    isCertificateSelfMade: identity.isSelfMade,
    notes: [...folder.warnings, ...identity.warnings, ...(app ? [] : [appIsMissing]), ...notes],
    get relaySockets() {
      return services.relay.relaySockets
    },
    get relayCounters() {
      return services.relay.counters
    },
    get signalConnections() {
      return services.signal.size
    },
    close() {
      clearInterval(certificateTimer)
      closing ??= services.close()
      return closing
    },
  }
}

function loadIdentity({ certificate }: ServerSettings, folder: StateFolder): Promise<LoadedIdentity> {
  return certificate ? readIdentity(certificate, new Date()) : keepIdentity(folder, new Date())
}

async function renew(
  services: Services,
  settings: ServerSettings,
  folder: StateFolder,
  log: Log,
): Promise<void> {
  try {
    const identity = await loadIdentity(settings, folder)
    for (const warning of identity.warnings) log.warn(warning)
    services.setIdentity(identity)
  } catch (error) {
    log.error(`The certificate could not be read again, and the one before is served on: ${reasonOf(error)}`)
  }
}
