import { fileURLToPath } from 'node:url'
import { AppAssets } from './app-assets.ts'
import { HttpService } from './http-service.ts'
import { addressesOf, resolveHosts } from './listening-addresses.ts'
import { type LocalAddress, urlHost } from './local-addresses.ts'
import type { Log } from './log.ts'
import { OperatorError, reasonOf, systemCode } from './operator-error.ts'
import type { ServerSettings } from './settings.ts'
import { SignalService } from './signal-service.ts'
import { StateFolder } from './state-folder.ts'
import { type BindFailure, StunService } from './stun-service.ts'
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
    port = await listenEverywhere(main, stun, hosts, settings.port)
    const opened = await openStunPort(further, stun, hosts, settings.stunPort, port)
    stunPort = opened.port
    notes.push(...opened.notes)
  } catch (error) {
    shut()
    throw error
  }
  for (const note of notes) log.warn(note)

  const certificateTimer = setInterval(() => {
    loadIdentity().then(
      (renewed) => main.setIdentity(renewed),
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

/** Opens one port for TCP and UDP on all of `hosts`. Port 0: another is tried when the one given is taken for UDP. */
async function listenEverywhere(
  tcp: TcpPort,
  stun: StunService,
  hosts: readonly string[],
  asked: number,
): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    try {
      let port = asked
      for (const host of hosts.length > 0 ? hosts : [undefined]) {
        port = await tcp.listen(host, port).catch((error: unknown) => {
          throw portError(error, port, 'TCP', host)
        })
      }
      const [failure] = await stun.open({
        port,
        addresses: () => addressesOf(hosts).map(({ address }) => address),
      })
      if (failure) throw portError(failure, port, 'UDP', failure.address)
      return port
    } catch (error) {
      tcp.stopListening()
      stun.closePorts()
      const isTaken = error instanceof OperatorError && error.code === 'PORT_TAKEN'
      if (asked !== 0 || !isTaken || attempt === 10) throw error
    }
  }
}

async function openStunPort(
  tcp: TcpPort,
  stun: StunService,
  hosts: readonly string[],
  wanted: ServerSettings['stunPort'],
  mainPort: number,
): Promise<{ port: number | undefined; notes: string[] }> {
  if (wanted.kind === 'off' || wanted.port === mainPort) return { port: undefined, notes: [] }
  const { port, isRequired } = wanted
  const failed: OperatorError[] = []
  for (const host of hosts.length > 0 ? hosts : [undefined]) {
    await tcp.listen(host, port).catch((error: unknown) => failed.push(portError(error, port, 'TCP', host)))
  }
  const addresses = () => addressesOf(hosts).map(({ address }) => address)
  const failures = await stun.open({ port, addresses })
  failed.push(...failures.map((failure) => portError(failure, port, 'UDP', failure.address)))
  const [first] = failed
  if (first && isRequired) throw first
  const isAnswered = failures.length < addresses().length
  const notes = first
    ? [
        `STUN is not answered everywhere on port ${port}: ${first.message} Port ${mainPort} answers it all the same.`,
      ]
    : []
  return { port: isAnswered ? port : undefined, notes }
}

function portError(
  error: unknown,
  port: number,
  protocol: 'TCP' | 'UDP',
  host: string | undefined,
): OperatorError {
  const code = isBindFailure(error) ? error.code : systemCode(error)
  const where = host === undefined ? `${protocol} port ${port}` : `${protocol} port ${port} of ${host}`
  const flag = port === 3478 ? '--stun-port' : '--port'
  switch (code) {
    case 'EADDRINUSE':
      return new OperatorError(
        'PORT_TAKEN',
        `${where} is taken by another program, perhaps another Crowfly. Stop that, or choose another port ` +
          `with ${flag}, as in "${flag} ${port === 65_535 ? 9000 : port + 1}".`,
      )
    case 'EACCES':
      return new OperatorError(
        'PORT_NOT_PERMITTED',
        `You have no permission to open ${where}: ports below 1024 belong to the administrator. ` +
          `Choose a higher one with ${flag}, as in "${flag} 8443".`,
      )
    case 'EADDRNOTAVAIL':
      return new OperatorError(
        'ADDRESS_NOT_AVAILABLE',
        `${host ?? 'The address'} is no address of this machine. ` +
          `It has ${addressesOf([])
            .map(({ address }) => address)
            .join(', ')}: give one of these to --host, or leave it out.`,
      )
    default:
      return new OperatorError(
        'ADDRESS_NOT_AVAILABLE',
        `${where} cannot be opened: ${code || reasonOf(error)}.`,
      )
  }
}

function isBindFailure(error: unknown): error is BindFailure {
  return typeof error === 'object' && error !== null && !(error instanceof Error) && 'code' in error
}
