import type { Millis, PathId, PathTable, TimerTable } from '@crowfly/sansio'
import { Allocation, type AllocationOptions, createRelay, type Relay, type Tally } from './allocation.ts'
import type { RelayId, TurnServerEvent } from './relay.ts'
import type { RelayedAddress } from './relayed-addresses.ts'
import type { TurnLimits } from './turn-limits.ts'

/** What an `AllocationTable` works on. */
export interface AllocationTableOptions {
  paths: PathTable
  limits: TurnLimits
  /** Its slots below `limits.maxAllocations` are this table's. */
  timers: TimerTable
  /** Told of relays to close. */
  emit: (event: TurnServerEvent) => void
  /** Told of each new allocation. */
  began: (allocation: Allocation, now: Millis) => void
  /** Told of each allocation that is gone, whatever the reason. */
  ended: (allocation: Allocation, now: Millis) => void
}

/** Every allocation: by 5-tuple, by relay, counted by user, room and address. */
export class AllocationTable {
  readonly #options: AllocationTableOptions
  readonly #slots: (Allocation | undefined)[] = []
  readonly #free: number[] = []
  readonly #byPath = new Map<PathId, Allocation>()
  readonly #users = new Map<string, Tally>()
  readonly #rooms = new Map<string, Tally>()
  readonly #addresses = new Map<string, Tally>()
  readonly #ip = new Uint8Array(16)

  constructor(options: AllocationTableOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#byPath.size
  }

  at(path: PathId): Allocation | undefined {
    return this.#byPath.get(path)
  }

  /** The allocation that a relay belongs to. */
  ofRelay(relay: RelayId): Allocation | undefined {
    return this.#slots[relay >>> 1]
  }

  // RFC 8656 §7.2. DEVIATION: besides the username the room and the client's address have quotas, since whoever may make
  // usernames has as many as they like.
  /** The error code that one more allocation would have to be refused with, if any. */
  refusal(path: PathId, username: string, room: string | null): 486 | 508 | undefined {
    const { limits } = this.#options
    const count = (tallies: Map<string, Tally>, key: string): number => tallies.get(key)?.count ?? 0
    if (count(this.#users, username) >= limits.maxAllocationsPerUser) return 486
    if (room !== null && count(this.#rooms, room) >= limits.maxAllocationsPerRoom) return 486
    if (count(this.#addresses, this.#addressKey(path)) >= limits.maxAllocationsPerAddress) return 486
    return this.size >= limits.maxAllocations ? 508 : undefined
  }

  /** A new allocation, to be given relays at once; only where `refusal` has nothing against it and the 5-tuple has none. */
  add(options: Omit<AllocationOptions, 'slot' | 'isStream'>): Allocation {
    const { paths } = this.#options
    const { path } = options
    const slot = this.#free.pop() ?? this.#slots.length
    const isStream = paths.transport(path) !== 'udp'
    const allocation = new Allocation({ ...options, slot, isStream })
    this.#slots[slot] = allocation
    this.#byPath.set(path, allocation)
    paths.hold(path)
    for (const tally of this.#talliesOf(allocation)) tally.count++
    this.#options.began(allocation, options.now)
    return allocation
  }

  /** Gives an allocation a relay at a port that was taken for it. */
  addRelay(
    allocation: Allocation,
    relayed: RelayedAddress,
    port: number,
    expiresAt: Millis,
    now: Millis,
  ): void {
    const id = allocation.slot * 2 + (relayed.family === 4 ? 0 : 1)
    const relay = createRelay(id, relayed, port, expiresAt)
    relayed.ports.assign(port, id)
    if (relayed.family === 4) allocation.relay4 = relay
    else allocation.relay6 = relay
    this.watch(allocation, now)
  }

  // RFC 8656 §8.1: the permissions and channels of the other family stay.
  /** Takes one relay away with what it permits, and with the last one the allocation. */
  removeRelay(allocation: Allocation, family: 4 | 6, now: Millis): void {
    this.#closeRelay(allocation.relayOf(family))
    allocation.permissions.removeFamily(family)
    allocation.channels.removeFamily(family)
    if (family === 4) allocation.relay4 = undefined
    else allocation.relay6 = undefined
    if (allocation.relay4 === undefined && allocation.relay6 === undefined) this.end(allocation, now)
    else this.watch(allocation, now)
  }

  end(allocation: Allocation, now: Millis): void {
    const { slot, path } = allocation
    if (this.#slots[slot] !== allocation) return
    this.#closeRelay(allocation.relay4)
    this.#closeRelay(allocation.relay6)
    this.#slots[slot] = undefined
    this.#free.push(slot)
    this.#byPath.delete(path)
    this.#options.timers.cancel(slot)
    this.#untally(allocation)
    this.#options.paths.letGo(path)
    this.#options.ended(allocation, now)
  }

  /** Ends each allocation of these users. */
  endAllOf(isTheirs: (username: string) => boolean, now: Millis): void {
    for (const allocation of this.#slots)
      if (allocation && isTheirs(allocation.username)) this.end(allocation, now)
  }

  /** The allocation in `slot` is due: it has ended, or parts of it have. */
  handleTimeout(slot: number, now: Millis): void {
    const allocation = this.#slots[slot]
    if (allocation === undefined) return
    if (allocation.expiresAt <= now) {
      this.end(allocation, now)
      return
    }
    for (const relay of [allocation.relay4, allocation.relay6]) {
      if (relay !== undefined && relay.expiresAt <= now) {
        this.removeRelay(allocation, relay.relayed.family, now)
      }
    }
    this.watch(allocation, now)
  }

  /** Sets the allocation's timer, after whatever changed one of its deadlines. */
  watch(allocation: Allocation, now: Millis): void {
    const permissions = allocation.permissions.expire(now)
    const channels = allocation.channels.expire(now)
    const relay4 = allocation.relay4?.expiresAt ?? Infinity
    const relay6 = allocation.relay6?.expiresAt ?? Infinity
    this.#options.timers.schedule(allocation.slot, Math.min(relay4, relay6, permissions, channels))
  }

  #closeRelay(relay: Relay | undefined): void {
    if (relay === undefined) return
    relay.relayed.ports.release(relay.port)
    if (relay.isOpen) this.#options.emit({ type: 'closeRelay', relay: relay.id })
  }

  #talliesOf(allocation: Allocation): Tally[] {
    const tally = (tallies: Map<string, Tally>, key: string): Tally => {
      const known = tallies.get(key) ?? { count: 0 }
      tallies.set(key, known)
      return known
    }
    const found = [
      tally(this.#users, allocation.username),
      tally(this.#addresses, this.#addressKey(allocation.path)),
    ]
    if (allocation.room !== null) found.push(tally(this.#rooms, allocation.room))
    return found
  }

  #untally(allocation: Allocation): void {
    const untally = (tallies: Map<string, Tally>, key: string): void => {
      const known = tallies.get(key)
      if (known !== undefined && --known.count === 0) tallies.delete(key)
    }
    untally(this.#users, allocation.username)
    untally(this.#addresses, this.#addressKey(allocation.path))
    if (allocation.room !== null) untally(this.#rooms, allocation.room)
  }

  /** An IPv4 address, or the /64 of an IPv6 one: one subscriber has all of it. */
  #addressKey(path: PathId): string {
    const length = Math.min(8, this.#options.paths.writeRemoteAddress(path, this.#ip))
    return this.#ip.subarray(0, length).join('.')
  }
}
