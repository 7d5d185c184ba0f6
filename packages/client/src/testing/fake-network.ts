import type { Millis } from '@crowfly/sansio'
import type { SeededRandom, VirtualClock } from '@crowfly/testkit'
import { FakeConnection } from './fake-connection.ts'

const CHECK_MS = 50
const DISCONNECTED_AFTER_MS = 3_000
const FAILED_AFTER_MS = 12_000
const MESSAGE_DELAY_MS = 15

/** Two connections whose current generations know each other, from a pair of addresses that once worked. */
interface Route {
  readonly ends: readonly [FakeConnection, FakeConnection]
  readonly fragments: string
  readonly addresses: string
  isUp: boolean
}

/** Hosts with one address each, and the ICE agents of the connections between them. */
export class FakeNetwork {
  readonly clock: VirtualClock
  readonly connections: FakeConnection[] = []
  /** The hosts whose browser is a Firefox; the others' is a Chromium. */
  readonly firefoxes = new Set<string>()
  /** The hosts whose browser makes no connections, by some policy. */
  readonly forbidding = new Set<string>()
  readonly #random: SeededRandom
  readonly #operationMs: Millis
  readonly #routes = new Map<FakeConnection, Route>()
  readonly #addresses = new Map<string, number>()
  readonly #cut = new Set<string>()
  readonly #wedged = new Set<FakeConnection>()
  /** Data channel messages that have not arrived. */
  readonly #underWay = new Map<FakeConnection, (string | ArrayBuffer)[]>()
  /** By generation: the address that its candidate's socket is bound to. */
  readonly #gatheredAt = new Map<string, string>()
  #fragments = 0

  constructor(clock: VirtualClock, random: SeededRandom, options: { operationMs: Millis }) {
    this.clock = clock
    this.#random = random
    this.#operationMs = options.operationMs
  }

  /** A constructor of connections that live on `host`. */
  constructorFor(host: string): new (configuration: RTCConfiguration) => FakeConnection {
    const network = this
    return class extends FakeConnection {
      constructor(configuration: RTCConfiguration) {
        super(configuration, network, host)
        if (network.forbidding.has(host)) throw new DOMException('by policy', 'NotAllowedError')
        network.connections.push(this)
      }
    }
  }

  on(host: string): readonly FakeConnection[] {
    return this.connections.filter((connection) => connection.host === host && !connection.isClosed)
  }

  /** The host gets another address; what ran over the old one is dead. */
  roam(host: string): void {
    this.#addresses.set(host, (this.#addresses.get(host) ?? 0) + 1)
    this.#reviewAll()
  }

  cut(host: string): void {
    this.#cut.add(host)
    this.#reviewAll()
  }

  plug(host: string): void {
    this.#cut.delete(host)
    this.#reviewAll()
  }

  /** The connection loses its path and never finds one again, as happens to real ones. */
  wedge(connection: FakeConnection): void {
    this.#wedged.add(connection)
    this.#reviewAll()
  }

  newFragment(): string {
    this.#fragments += 1
    return `f${this.#fragments}`
  }

  /** How long an operation on a connection takes: on the virtual clock, or not at all. */
  operationDelay(): Promise<void> {
    if (this.#operationMs === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.clock.after(this.#random.integer(this.#operationMs), resolve)
    })
  }

  /** Trickles one host candidate for the generation. */
  gather(connection: FakeConnection, fragment: string): void {
    this.#gatheredAt.set(fragment, this.#address(connection))
    this.clock.after(1 + this.#random.integer(20), () => {
      if (connection.isClosed) return
      connection.onicecandidate?.({
        candidate: {
          candidate: `candidate:1 1 udp 1 ${this.#address(connection)} 9 typ host ufrag ${fragment}`,
          sdpMid: '0',
          sdpMLineIndex: 0,
          usernameFragment: fragment,
        },
      })
      connection.onicecandidate?.({ candidate: null })
    })
  }

  /** Looks whether the connection can reach the one it is paired with, some time from now. */
  evaluate(connection: FakeConnection): void {
    const other = this.#partner(connection)
    if (other === null) return
    for (const end of [connection, other]) {
      if (end.iceConnectionState !== 'new' && end.iceConnectionState !== 'failed') continue
      end.setIceState('checking')
      this.clock.after(FAILED_AFTER_MS, () => {
        if (end.iceConnectionState === 'checking') end.setIceState('failed')
      })
    }
    this.clock.after(CHECK_MS, () => this.#review(connection))
  }

  /** Brings a data channel message to the other end, after those before it; later, when the path is down. */
  carry(from: FakeConnection, data: string | ArrayBuffer): void {
    const underWay = this.#underWay.get(from) ?? []
    underWay.push(data)
    this.#underWay.set(from, underWay)
    if (underWay.length === 1) this.#deliverSoon(from, underWay)
  }

  #deliverSoon(from: FakeConnection, underWay: (string | ArrayBuffer)[]): void {
    // What was sent right before closing still arrives.
    const route = this.#routes.get(from)
    this.clock.after(MESSAGE_DELAY_MS, () => {
      const other = route?.ends.find((end) => end !== from)
      if (other?.isClosed) return
      if (other !== undefined && route?.isUp) {
        for (const data of underWay.splice(0)) other.channel?.onmessage?.({ data })
      } else if (!from.isClosed) this.#deliverSoon(from, underWay)
    })
  }

  forget(connection: FakeConnection): void {
    const route = this.#routes.get(connection)
    this.#routes.delete(connection)
    const other = route?.ends.find((end) => end !== connection)
    if (route === undefined || other === undefined) return
    // What was said last still arrives.
    this.clock.after(MESSAGE_DELAY_MS, () => {
      route.isUp = false
      this.#goDown(other)
    })
  }

  #review(connection: FakeConnection): void {
    const other = this.#partner(connection)
    if (connection.isClosed || other === null || other.isClosed) return
    const fragments = [connection.fragments?.local, other.fragments?.local].sort().join()
    const addresses = [this.#address(connection), this.#address(other)].sort().join()
    const last = this.#routes.get(connection)
    const isSame = last?.fragments === fragments && last.addresses === addresses
    if (!this.#isReachable(connection) || !this.#isReachable(other)) return
    if (
      !isSame &&
      !knows(connection, other, this.#address(other)) &&
      !knows(other, connection, this.#address(connection))
    ) {
      return
    }
    const route: Route = { ends: [connection, other], fragments, addresses, isUp: true }
    for (const end of [connection, other]) {
      this.#routes.set(end, route)
      end.setIceState('connected')
    }
  }

  #reviewAll(): void {
    for (const [connection, route] of [...this.#routes]) {
      const addresses = route.ends
        .map((end) => this.#address(end))
        .sort()
        .join()
      if (route.ends.every((end) => this.#isReachable(end)) && addresses === route.addresses) {
        if (!route.isUp) this.clock.after(CHECK_MS, () => this.#review(connection))
      } else if (route.isUp) {
        route.isUp = false
        for (const end of route.ends) this.#goDown(end)
      }
    }
  }

  #goDown(connection: FakeConnection): void {
    const isStillDown = () => this.#routes.get(connection)?.isUp !== true
    this.clock.after(DISCONNECTED_AFTER_MS, () => {
      if (isStillDown()) connection.setIceState('disconnected')
    })
    this.clock.after(FAILED_AFTER_MS, () => {
      if (isStillDown()) connection.setIceState('failed')
    })
  }

  /** The connection that the current descriptions name, if it names this one too. */
  #partner(connection: FakeConnection): FakeConnection | null {
    const own = connection.fragments
    if (own === null) return null
    return (
      this.connections.find(
        ({ fragments }) => fragments?.local === own.remote && fragments.remote === own.local,
      ) ?? null
    )
  }

  #isReachable(connection: FakeConnection): boolean {
    const boundTo = this.#gatheredAt.get(connection.fragments?.local ?? '')
    return (
      !this.#wedged.has(connection) &&
      !this.#cut.has(connection.host) &&
      boundTo === this.#address(connection)
    )
  }

  #address(connection: FakeConnection): string {
    return `${connection.host}.${this.#addresses.get(connection.host) ?? 0}`
  }
}

/** Whether one end has a candidate of the other's present address; the other then learns of it as peer-reflexive. */
function knows(one: FakeConnection, other: FakeConnection, address: string): boolean {
  return one.applied.some(
    ({ candidate, usernameFragment }) =>
      usernameFragment === other.fragments?.local && candidate.includes(` ${address} `),
  )
}
