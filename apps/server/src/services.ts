import type { IceClient, IceServer } from '@crowfly/signaling'
import type { AppAssets } from './app-assets.ts'
import type { Authorize } from './authorize-hook.ts'
import { HttpService } from './http-service.ts'
import { stunUrl, turnUrls } from './ice-urls.ts'
import { addressesOf } from './listening-addresses.ts'
import type { Log } from './log.ts'
import { openPort, openStunPort } from './open-ports.ts'
import { originsElsewhere } from './origins-elsewhere.ts'
import { RelayService } from './relay-service.ts'
import { RoomAccounts } from './room-accounts.ts'
import type { ServerSettings } from './settings.ts'
import { SignalService } from './signal-service.ts'
import { TcpPort } from './tcp-port.ts'
import type { LoadedIdentity } from './tls-identity.ts'

/** Short, since it is in every reply to strangers; clients show it to nobody. */
const realm = 'crowfly'

/** After so long a stop waits for nobody. */
const stopGraceMs = 1_500

/** What the services are made of, read and checked. */
export interface ServicesOptions {
  settings: ServerSettings
  tokenKey: Uint8Array
  identity: LoadedIdentity
  app: AppAssets | undefined
  /** Undefined: everybody may enter. */
  authorize: Authorize | undefined
  log: Log
  /** Milliseconds since 1970; the system's clock by default. */
  wallClock?: (() => number) | undefined
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
  readonly relay: RelayService
  readonly signal: SignalService
  readonly #settings: ServerSettings
  readonly #accounts: RoomAccounts
  readonly #wallClock: () => number
  readonly #http: HttpService
  readonly #main: TcpPort
  /** The port of STUN and TURN alone. */
  readonly #further: TcpPort
  #port: number
  #identity: LoadedIdentity
  #hosts: readonly string[] = []

  constructor({ settings, tokenKey, identity, app, authorize, log, wallClock = Date.now }: ServicesOptions) {
    this.#settings = settings
    this.#identity = identity
    this.#port = settings.port
    this.#wallClock = wallClock
    const lifetimeSeconds = settings.limits.relayCredentialSeconds
    this.#accounts = new RoomAccounts({ tokenKey, lifetimeSeconds, wallClock })
    this.relay = new RelayService({
      accounts: this.#accounts,
      realm,
      peers: { kind: 'rooms' },
      limits: settings.relayLimits,
      log,
    })
    this.signal = new SignalService({
      settings,
      tokenKey,
      authorize,
      log,
      iceServers: (host, client) => this.#iceServers(host, client),
      iceLifetimeMs: lifetimeSeconds * 1000,
      memberLeft: (client, reason) => {
        this.#accounts.dismiss(client)
        // Who was only given up may still be in the call: the relay runs out by itself unless they come back.
        if (reason === 'left') this.relay.endAllocationsOf(this.#accounts.owns(client))
      },
    })
    this.#http = new HttpService({
      limits: settings.limits,
      app,
      originsElsewhere: () => this.originsElsewhere(),
      upgrade: (request, socket, head) => this.signal.upgrade(request, socket, head),
      poll: (request, response) => this.signal.poll(request, response),
    })
    const { limits, trustedProxies } = settings
    const stun = this.relay.accept.bind(this.relay)
    const http = this.#http.accept.bind(this.#http)
    this.#main = new TcpPort({ identity, limits, trustedProxies, http, stun })
    this.#further = new TcpPort({ identity: undefined, limits, trustedProxies, http: undefined, stun })
  }

  /** Opens all ports on `hosts`, or none: then it throws `OperatorError`. */
  async open(hosts: readonly string[]): Promise<OpenedPorts> {
    const udp = this.relay.ports
    this.#hosts = hosts
    try {
      this.#port = await openPort({ tcp: this.#main, udp, hosts }, this.#settings.port, '--port')
      const further = await openStunPort(
        { tcp: this.#further, udp, hosts },
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
    this.relay.close()
  }

  /** A client that can not reach the relay is not harmed by knowing of it; the two are separate servers to it. */
  #iceServers(host: string, client: IceClient): IceServer[] {
    const urls =
      this.#settings.turnUrls.length > 0
        ? this.#settings.turnUrls
        : turnUrls(host, this.#port, this.#identity, new Date(this.#wallClock()))
    return [
      { urls: [this.#settings.stunUrl ?? stunUrl(host, this.#port)] },
      { urls, ...this.#accounts.issue(client) },
    ]
  }
}
