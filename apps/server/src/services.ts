import type { AppAssets } from './app-assets.ts'
import { HttpService } from './http-service.ts'
import { addressesOf } from './listening-addresses.ts'
import type { Log } from './log.ts'
import { openMainPort, openStunPort } from './open-ports.ts'
import { originsElsewhere } from './origins-elsewhere.ts'
import type { ServerSettings } from './settings.ts'
import { SignalService } from './signal-service.ts'
import { StunService } from './stun-service.ts'
import { TcpPort } from './tcp-port.ts'
import type { LoadedIdentity } from './tls-identity.ts'

/** After so long a stop waits for nobody. */
const stopGraceMs = 1_500

/** What the services are made of, read and checked. */
export interface ServicesOptions {
  settings: ServerSettings
  tokenKey: Uint8Array
  identity: LoadedIdentity
  app: AppAssets | undefined
  log: Log
}

/** The ports that were opened. */
export interface OpenedPorts {
  port: number
  stunPort: number | undefined
  /** Whole sentences. */
  notes: readonly string[]
}

/** All that a server answers with, and the ports that it is reached by. */
export class Services {
  readonly stun: StunService
  readonly signal: SignalService
  readonly #settings: ServerSettings
  readonly #http: HttpService
  readonly #main: TcpPort
  /** STUN's own port. */
  readonly #further: TcpPort
  #port: number
  #identity: LoadedIdentity
  #hosts: readonly string[] = []

  constructor({ settings, tokenKey, identity, app, log }: ServicesOptions) {
    this.#settings = settings
    this.#identity = identity
    this.#port = settings.port
    this.stun = new StunService(log)
    this.signal = new SignalService({
      settings,
      tokenKey,
      log,
      iceServers: (host) => [{ urls: [settings.stunUrl ?? `stun:${host}:${this.#port}`] }],
      iceLifetimeMs: 0,
      memberLeft: () => undefined,
    })
    this.#http = new HttpService({
      limits: settings.limits,
      app,
      originsElsewhere: () => this.originsElsewhere(),
      upgrade: (request, socket, head) => this.signal.upgrade(request, socket, head),
    })
    const { limits, trustedProxies } = settings
    const stun = this.stun.accept.bind(this.stun)
    const http = this.#http.accept.bind(this.#http)
    this.#main = new TcpPort({ identity, limits, trustedProxies, http, stun })
    this.#further = new TcpPort({ identity: undefined, limits, trustedProxies, http: undefined, stun })
  }

  /** Opens all ports on `hosts`, or none: then it throws `OperatorError`. */
  async open(hosts: readonly string[]): Promise<OpenedPorts> {
    const { stun } = this
    this.#hosts = hosts
    try {
      this.#port = await openMainPort({ tcp: this.#main, stun, hosts }, this.#settings.port)
      const further = await openStunPort(
        { tcp: this.#further, stun, hosts },
        this.#settings.stunPort,
        this.#port,
      )
      return { port: this.#port, stunPort: further.port, notes: further.notes }
    } catch (error) {
      await this.close()
      throw error
    }
  }

  /** Where other devices open the app, the likeliest first; as it is now. */
  originsElsewhere(): string[] {
    return originsElsewhere(addressesOf(this.#hosts), this.#port, this.#identity)
  }

  /** Serves new TLS connections with another certificate. */
  setIdentity(identity: LoadedIdentity): void {
    this.#identity = identity
    this.#main.setIdentity(identity)
  }

  /** Takes nobody in any more, tells members, and closes everything; resolves within two seconds. */
  async close(): Promise<void> {
    this.#main.stopListening()
    this.#further.stopListening()
    this.#http.close()
    const grace = new Promise<void>((resolve) => setTimeout(resolve, stopGraceMs).unref())
    await Promise.race([this.signal.close(), grace])
    this.#main.close()
    this.#further.close()
    this.stun.close()
  }
}
