import { formatAddress, formatTransportAddress, type Millis, type TransportAddress } from '@crowfly/sansio'

/** A request as the simulation means it, apart from its bytes. */
export type ModelRequest =
  | {
      readonly kind: 'allocate'
      readonly id: string
      readonly families: readonly (4 | 6)[]
      readonly token: string | undefined
      readonly reservesNext: boolean
    }
  | { readonly kind: 'refresh'; readonly lifetimeSeconds: number }
  | { readonly kind: 'permit'; readonly peers: readonly TransportAddress[] }
  | { readonly kind: 'bind'; readonly channel: number; readonly peer: TransportAddress }

/** What a response said. */
export interface ModelResponse {
  readonly code: number | undefined
  readonly relayed: readonly TransportAddress[]
  readonly token: string | undefined
}

/** Where payload has to come out. */
export type ModelRoute =
  | {
      readonly to: 'client'
      readonly client: string
      readonly from: string
      readonly channel: number | undefined
    }
  | { readonly to: 'peer'; readonly relayed: string; readonly peer: string }

interface ModelAllocation {
  readonly user: string
  readonly id: string
  /** By family. */
  readonly relayed: Map<4 | 6, string>
  readonly permissions: Map<string, Millis>
  readonly channels: Map<number, { peer: string; expiresAt: Millis }>
  expiresAt: Millis
}

const PERMISSION_MS = 300_000
const CHANNEL_MS = 600_000
const REST_MS = 300_000

/** What the model has to be told of the server's settings. */
export interface ModelSettings {
  readonly rooms: ReadonlyMap<string, string | null>
  /** Addresses of this server's relays, as text. */
  readonly ownAddresses: ReadonlySet<string>
  /** Hosts that may be peers, as text. */
  readonly hosts: ReadonlySet<string>
}

/**
 * What a TURN server has to do, written down as plainly as possible: text for keys, and every rule looked up by searching.
 * Clients go by a name of the simulation's, whatever path they have at the moment.
 */
export class TurnModel {
  readonly #settings: ModelSettings
  readonly #allocations = new Map<string, ModelAllocation>()
  readonly #reservations = new Map<string, { user: string; port: number; family: 4 | 6; until: Millis }>()

  constructor(settings: ModelSettings) {
    this.#settings = settings
  }

  /** Checks a response to an authentic request, and takes over what it means. */
  answer(client: string, user: string, request: ModelRequest, response: ModelResponse, now: Millis): void {
    const expected = this.#expect(client, user, request, now)
    if (response.code !== expected) {
      throw new RangeError(`${request.kind} of ${client} gave ${response.code}, not ${expected}`)
    }
    if (response.code === undefined) this.#take(client, user, request, response, now)
  }

  /** The client is gone, its connection has closed. */
  forget(client: string): void {
    this.#allocations.delete(client)
  }

  /** This user has left. */
  leave(user: string): void {
    for (const [client, allocation] of this.#allocations)
      if (allocation.user === user) this.#allocations.delete(client)
  }

  /** Where payload that arrives now must go; undefined: nowhere. */
  route(
    client: string,
    to: { peer: TransportAddress } | { channel: number },
    now: Millis,
  ): ModelRoute | undefined {
    const from = this.#live(client, now)
    const peer = 'peer' in to ? formatTransportAddress(to.peer) : this.#channelPeer(from, to.channel, now)
    if (from === undefined || peer === undefined || !permits(from, peer, now)) return undefined
    const relayed = from.relayed.get(familyOf(peer))
    if (relayed === undefined) return undefined
    if (!this.#settings.ownAddresses.has(ipOf(peer))) return { to: 'peer', relayed, peer }
    for (const [name, target] of this.#allocations) {
      if (target.expiresAt <= now || !isAmong(target.relayed.values(), peer)) continue
      if (this.#roomOf(target) !== this.#roomOf(from)) return undefined
      return this.#arrival(name, target, relayed, now)
    }
    return undefined
  }

  /** Where a packet from a host at a relayed address must go. */
  routeFromPeer(relayed: string, peer: TransportAddress, now: Millis): ModelRoute | undefined {
    for (const [name, target] of this.#allocations) {
      if (target.expiresAt > now && isAmong(target.relayed.values(), relayed)) {
        return this.#arrival(name, target, formatTransportAddress(peer), now)
      }
    }
    return undefined
  }

  #arrival(client: string, target: ModelAllocation, from: string, now: Millis): ModelRoute | undefined {
    if (!permits(target, from, now)) return undefined
    const bound = [...target.channels].find(([, { peer, expiresAt }]) => peer === from && expiresAt > now)
    return { to: 'client', client, from, channel: bound?.[0] }
  }

  #live(client: string, now: Millis): ModelAllocation | undefined {
    const allocation = this.#allocations.get(client)
    return allocation !== undefined && allocation.expiresAt > now ? allocation : undefined
  }

  #channelPeer(from: ModelAllocation | undefined, channel: number, now: Millis): string | undefined {
    const bound = from?.channels.get(channel)
    return bound !== undefined && bound.expiresAt > now ? bound.peer : undefined
  }

  #roomOf(allocation: ModelAllocation): string | null | undefined {
    return this.#settings.rooms.get(allocation.user)
  }

  #expect(client: string, user: string, request: ModelRequest, now: Millis): number | undefined {
    const live = this.#live(client, now)
    if (request.kind === 'allocate') {
      if (live !== undefined) return live.id === request.id && live.user === user ? undefined : 437
      if (request.token === undefined) return undefined
      const kept = this.#reservations.get(request.token)
      return kept !== undefined && kept.user === user && kept.until > now ? undefined : 508
    }
    if (live === undefined) return 437
    if (live.user !== user) return 441
    if (request.kind === 'refresh') return undefined
    if (request.kind === 'permit') return this.#refusalOf(live, request.peers)
    const peer = formatTransportAddress(request.peer)
    for (const [number, bound] of live.channels) {
      const isHere = bound.expiresAt + REST_MS > now
      if (isHere && (number === request.channel) !== (bound.peer === peer)) return 400
    }
    return this.#refusalOf(live, [request.peer]) ?? (this.#isSomebody(live, peer, now) ? undefined : 403)
  }

  #refusalOf(allocation: ModelAllocation, peers: readonly TransportAddress[]): 403 | 443 | undefined {
    for (const peer of peers) {
      const ip = formatAddress(peer.address)
      const isKnown = this.#settings.ownAddresses.has(ip) || this.#settings.hosts.has(ip)
      const isRooms = this.#settings.hosts.size === 0
      if (!isKnown && isRooms) return 403
      if (!allocation.relayed.has(peer.family)) return 443
      if (!isKnown) return 403
    }
    return undefined
  }

  #isSomebody(from: ModelAllocation, peer: string, now: Millis): boolean {
    if (!this.#settings.ownAddresses.has(ipOf(peer))) return true
    return [...this.#allocations.values()].some(
      (target) =>
        target.expiresAt > now &&
        isAmong(target.relayed.values(), peer) &&
        this.#roomOf(target) === this.#roomOf(from),
    )
  }

  #take(client: string, user: string, request: ModelRequest, response: ModelResponse, now: Millis): void {
    if (request.kind === 'allocate') {
      this.#takeAllocate(client, user, request, response, now)
      return
    }
    const live = this.#live(client, now)
    if (live === undefined) return
    if (request.kind === 'refresh') {
      if (request.lifetimeSeconds === 0) this.#allocations.delete(client)
      else live.expiresAt = now + Math.min(3600, Math.max(600, request.lifetimeSeconds)) * 1000
    } else if (request.kind === 'permit') {
      for (const peer of request.peers) live.permissions.set(formatAddress(peer.address), now + PERMISSION_MS)
    } else {
      const peer = formatTransportAddress(request.peer)
      for (const [number, bound] of live.channels) {
        if (bound.expiresAt + REST_MS <= now) live.channels.delete(number)
      }
      live.channels.set(request.channel, { peer, expiresAt: now + CHANNEL_MS })
      live.permissions.set(ipOf(peer), now + PERMISSION_MS)
    }
  }

  #takeAllocate(
    client: string,
    user: string,
    request: ModelRequest & { kind: 'allocate' },
    response: ModelResponse,
    now: Millis,
  ): void {
    const names = response.relayed.map(formatTransportAddress)
    if ((response.token !== undefined) !== request.reservesNext) throw new RangeError('a token, or none')
    const live = this.#live(client, now)
    if (live !== undefined) {
      if ([...live.relayed.values()].join() !== names.join())
        throw new RangeError('another relay for the same request')
      return
    }
    const kept = request.token === undefined ? undefined : this.#reservations.get(request.token)
    const families = response.relayed.map(({ family }) => family).join()
    if (families !== (kept === undefined ? request.families.join() : String(kept.family))) {
      throw new RangeError(`relays of families ${families}`)
    }
    if (kept !== undefined && response.relayed[0]?.port !== kept.port)
      throw new RangeError('not the port that was kept')
    for (const other of this.#allocations.values()) {
      const isTaken = other.expiresAt > now && names.some((name) => isAmong(other.relayed.values(), name))
      if (isTaken) throw new RangeError('a relayed address that another allocation has')
    }
    if (request.token !== undefined) this.#reservations.delete(request.token)
    this.#allocations.set(client, {
      user,
      id: request.id,
      relayed: new Map(response.relayed.map((each) => [each.family, formatTransportAddress(each)])),
      permissions: new Map(),
      channels: new Map(),
      expiresAt: now + 600_000,
    })
    const [first] = response.relayed
    if (response.token === undefined || first === undefined) return
    const { family, port } = first
    this.#reservations.set(response.token, { user, family, port: port + 1, until: now + 30_000 })
  }
}

function permits(allocation: ModelAllocation, peer: string, now: Millis): boolean {
  return (allocation.permissions.get(ipOf(peer)) ?? 0) > now
}

function isAmong(names: Iterable<string>, name: string): boolean {
  return [...names].includes(name)
}

/** The address in `192.0.2.1:1` or `[2001:db8::1]:1`. */
function ipOf(name: string): string {
  return name.slice(0, name.lastIndexOf(':')).replace(/^\[|\]$/g, '')
}

function familyOf(name: string): 4 | 6 {
  return name.startsWith('[') ? 6 : 4
}
