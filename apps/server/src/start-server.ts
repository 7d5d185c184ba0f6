import { fileURLToPath } from 'node:url'
import { AppAssets } from './app-assets.ts'
import { HttpService } from './http-service.ts'
import { addressesOf, resolveHosts } from './listening-addresses.ts'
import { type LocalAddress, urlHost } from './local-addresses.ts'
import type { Log } from './log.ts'
import { openMainPort, openStunPort } from './open-ports.ts'
import { reasonOf } from './operator-error.ts'
import type { ServerSettings } from './settings.ts'
import { SignalService } from './signal-service.ts'
import { StateFolder } from './state-folder.ts'
import { StunService } from './stun-service.ts'
import { TcpPort } from './tcp-port.ts'
import { keepIdentity, type LoadedIdentity, readIdentity } from './tls-identity.ts'
import { loadTokenKey } from './token-key.ts'

/** The call app as the repository's build makes it. */
const builtApp = fileURLToPath(new URL('../../call/dist', import.meta.url))

/** How often the certificate is looked at: a renewed one is taken up, one made here is renewed. */
const certificateCheckMs = 3_600_000

/** After so long a stop waits for nobody. */
const stopGraceMs = 1_500

/** What `startServer` is given besides the settings. */
export interface ServerSurroundings {
  log: Log
  /** The built app; the repository's by default. */
  appFolder?: string
}

/** A server that answers. */
export interface RunningServer {
  /** TCP and UDP. */
  readonly port: number
  /** The further port that STUN is answered on, if it is. */
  readonly stunPort: number | undefined
  /** Where other devices and this one reach it; as they are now. */
  addresses(): LocalAddress[]
  /** Where STUN is answered over UDP, as `address:port`, now. */
  stunAddresses(): string[]
  readonly isCertificateSelfMade: boolean
  /** The certificate in use, PEM. */
  readonly certificate: string
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
  const { log, appFolder = builtApp } = surroundings
  const folder = await StateFolder.open(settings.stateFolder)
  const tokenKey = await loadTokenKey(folder)
  const loadIdentity = (): Promise<LoadedIdentity> =>
    settings.certificate ? readIdentity(settings.certificate, new Date()) : keepIdentity(folder, new Date())
  const identity = await loadIdentity()
  const app = await AppAssets.load(appFolder)
  const hosts = await resolveHosts(settings.hosts)

  const stun = new StunService(log)
  let port = settings.port
  const signal = new SignalService({
    settings,
    tokenKey,
    log,
    iceServers: (host) => [{ urls: [settings.stunUrl ?? `stun:${host}:${port}`] }],
  })
  const http = new HttpService({
    limits: settings.limits,
    app,
    upgrade: (request, socket, head) => signal.upgrade(request, socket, head),
  })
  const { limits, trustedProxies } = settings
  const main = new TcpPort({
    identity,
    limits,
    trustedProxies,
    http: (socket) => http.accept(socket),
    stun: (socket, transport) => stun.accept(socket, transport),
  })
  const further = new TcpPort({
    identity: undefined,
    limits,
    trustedProxies,
    http: undefined,
    stun: (socket, transport) => stun.accept(socket, transport),
  })
  const shut = (): void => {
    main.close()
    further.close()
    stun.close()
  }
  const notes = [...folder.warnings, ...identity.warnings]
  if (app === undefined) notes.push('The call app has not been built: run "npm run build" and start again.')
  let stunPort: number | undefined
  try {
    port = await openMainPort({ tcp: main, stun, hosts }, settings.port)
    const opened = await openStunPort({ tcp: further, stun, hosts }, settings.stunPort, port)
    stunPort = opened.port
    notes.push(...opened.notes)
  } catch (error) {
    shut()
    throw error
  }
  const certificateTimer = setInterval(() => {
    loadIdentity().then(
      (renewed) => {
        for (const warning of renewed.warnings) log.warn(warning)
        main.setIdentity(renewed)
      },
      (error: unknown) => log.error(`The certificate could not be read again: ${reasonOf(error)}`),
    )
  }, certificateCheckMs).unref()

  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    clearInterval(certificateTimer)
    main.stopListening()
    further.stopListening()
    http.close()
    const grace = new Promise<void>((resolve) => setTimeout(resolve, stopGraceMs).unref())
    await Promise.race([signal.close(), grace])
    shut()
  }
  return {
    port,
    stunPort,
    addresses: () => addressesOf(hosts),
    stunAddresses: () => stun.udpSockets.map((socket) => `${urlHost(socket.address)}:${socket.port}`),
    isCertificateSelfMade: identity.isSelfMade,
    certificate: identity.cert,
    notes,
    get signalConnections() {
      return signal.size
    },
    close() {
      closing ??= close()
      return closing
    },
  }
}
