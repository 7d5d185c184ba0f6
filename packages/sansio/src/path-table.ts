import type { PathId } from './machine.ts'
import { addressLength, formatTransportAddress, type TransportAddress } from './transport-address.ts'

/** How a path carries bytes. */
export type Transport = 'udp' | 'tcp' | 'tls'

const TRANSPORTS: readonly Transport[] = ['udp', 'tcp', 'tls']
const NONE = -1

// One path's key: transport and family, both ports, four words of local and four of remote address.
const KEY_WORDS = 10
const LOCAL_WORD = 2
const REMOTE_WORD = 6

const FREE = 0
const INTERNED = 1
const OPENED = 2
/** Interned and found as such, but not in the list of those that may be evicted. */
const HELD = 3

/** The caller's misuse of a `PathTable`. */
export class PathTableError extends Error {
  readonly code: 'PATH_CAPACITY' | 'PATH_FAMILY' | 'PATH_UNKNOWN'
  constructor(code: PathTableError['code'], message: string) {
    super(message)
    this.name = 'PathTableError'
    this.code = code
  }
}

/** Settings of a `PathTable`. */
export interface PathTableOptions {
  /** Most paths at a time, 1 to 2²⁴. All memory is taken at once: about 70 bytes a path. */
  capacity: number
  /** 32 random bits, so that nobody can choose addresses whose hashes collide. Zero in tests. */
  hashSeed?: number
}

/**
 * The driver's bounded table of paths: (transport, local, remote) on one side, a small integer on the other.
 *
 * Two kinds of path share its capacity. *Interned* paths are found by their addresses and belong to datagrams:
 * when the table is full the one that was interned longest ago is evicted, and its id goes to another. A machine
 * that answers in the drain after the datagram never notices, and one that needs a path for longer *holds* it. *Opened*
 * paths belong to connections: each is new even if its addresses are not, and stays until `release`.
 */
export class PathTable {
  readonly capacity: number
  readonly #seed: number
  readonly #keys: Uint32Array
  readonly #hashes: Uint32Array
  readonly #states: Uint8Array
  /** Interned paths from the latest used to the earliest; free ones are chained through `#next`. */
  readonly #next: Int32Array
  readonly #previous: Int32Array
  /** Open addressing with linear probing: path ids, or -1. */
  readonly #buckets: Int32Array
  readonly #mask: number
  readonly #key = new Uint32Array(KEY_WORDS)
  #free = 0
  #latest = NONE
  #earliest = NONE
  #size = 0
  #held = 0

  constructor(options: PathTableOptions) {
    const { capacity, hashSeed = 0 } = options
    if (!Number.isInteger(capacity) || capacity < 1 || capacity > 2 ** 24) {
      throw new PathTableError('PATH_CAPACITY', `capacity must be an integer from 1 to 2^24, not ${capacity}`)
    }
    this.capacity = capacity
    this.#seed = hashSeed >>> 0
    this.#keys = new Uint32Array(capacity * KEY_WORDS)
    this.#hashes = new Uint32Array(capacity)
    this.#states = new Uint8Array(capacity)
    this.#next = new Int32Array(capacity)
    this.#previous = new Int32Array(capacity)
    for (let id = 0; id < capacity; id++) this.#next[id] = id + 1 < capacity ? id + 1 : NONE
    const buckets = 2 ** Math.ceil(Math.log2(capacity * 2))
    this.#buckets = new Int32Array(buckets).fill(NONE)
    this.#mask = buckets - 1
  }

  /** Paths in the table now. */
  get size(): number {
    return this.#size
  }

  /** Paths that are held now. */
  get held(): number {
    return this.#held
  }

  /**
   * The id of a datagram's path; the same as long as it is not evicted or released. -1 when all of the table
   * belongs to opened and held paths: drop the datagram. The addresses are copied; a known path allocates nothing.
   */
  intern(transport: Transport, local: TransportAddress, remote: TransportAddress): PathId {
    this.#writeKey(transport, local, remote)
    const hash = this.#hashKey()
    const known = this.#find(hash)
    if (known !== NONE) {
      if (known !== this.#latest && this.#states[known] === INTERNED) {
        this.#unlink(known)
        this.#link(known)
      }
      return known
    }
    const id = this.#take(INTERNED)
    if (id === NONE) return NONE
    this.#hashes[id] = hash
    let bucket = hash & this.#mask
    while (this.#buckets[bucket] !== NONE) bucket = (bucket + 1) & this.#mask
    this.#buckets[bucket] = id
    this.#link(id)
    return id
  }

  /**
   * The id of a new connection's path, which no other call returns before its `release`. -1 when all of the table
   * belongs to opened and held paths: refuse the connection.
   */
  open(transport: Transport, local: TransportAddress, remote: TransportAddress): PathId {
    this.#writeKey(transport, local, remote)
    return this.#take(OPENED)
  }

  /**
   * Keeps an interned path from being evicted until `letGo`; `intern` goes on finding it. Whoever holds paths must
   * bound how many, or newcomers find no room. Once is enough: holds are not counted. An opened path stays anyway.
   */
  hold(id: PathId): void {
    if (this.#states[id] !== INTERNED) return
    this.#unlink(id)
    this.#states[id] = HELD
    this.#held++
  }

  /** Ends what `hold` began: the path counts as used just now. Nothing happens if it is not held. */
  letGo(id: PathId): void {
    if (this.#states[id] !== HELD) return
    this.#states[id] = INTERNED
    this.#held--
    this.#link(id)
  }

  /** Frees an id, held or not. Nothing happens if it is free already. */
  release(id: PathId): void {
    const state = this.#states[id] ?? FREE
    if (state === FREE) return
    if (state === INTERNED) this.#unlink(id)
    if (state === HELD) this.#held--
    if (state !== OPENED) this.#removeFromBuckets(id)
    this.#states[id] = FREE
    this.#next[id] = this.#free
    this.#free = id
    this.#size--
  }

  /** Whether `id` stands for a path now. */
  has(id: PathId): boolean {
    return (this.#states[id] ?? FREE) !== FREE
  }

  transport(id: PathId): Transport {
    return TRANSPORTS[this.#word(id, 0) >>> 8] ?? 'udp'
  }

  /** 4 or 6; local and remote are of one family. */
  family(id: PathId): 4 | 6 {
    return (this.#word(id, 0) & 0xff) === 4 ? 4 : 6
  }

  localPort(id: PathId): number {
    return this.#word(id, 1) >>> 16
  }

  remotePort(id: PathId): number {
    return this.#word(id, 1) & 0xffff
  }

  /** Writes the remote address into `target[at..]` without allocating, and returns its length, 4 or 16. */
  writeRemoteAddress(id: PathId, target: Uint8Array, at = 0): 4 | 16 {
    return this.#writeAddress(id, REMOTE_WORD, target, at)
  }

  /** The remote transport address, as a copy. */
  remote(id: PathId): TransportAddress {
    return this.#copyAddress(id, REMOTE_WORD, this.remotePort(id))
  }

  /** The local transport address, as a copy. */
  local(id: PathId): TransportAddress {
    return this.#copyAddress(id, LOCAL_WORD, this.localPort(id))
  }

  /** `udp 192.0.2.1:3478 <-> 198.51.100.7:50000`, local first; for people. */
  format(id: PathId): string {
    if (!this.has(id)) return `path ${id} (gone)`
    const local = formatTransportAddress(this.local(id))
    return `${this.transport(id)} ${local} <-> ${formatTransportAddress(this.remote(id))}`
  }

  #word(id: PathId, word: number): number {
    if (!this.has(id)) throw new PathTableError('PATH_UNKNOWN', `no path has the id ${id}`)
    return this.#keys[id * KEY_WORDS + word] ?? 0
  }

  #writeAddress(id: PathId, firstWord: number, target: Uint8Array, at: number): 4 | 16 {
    const length = addressLength(this.family(id))
    for (let i = 0; i < length; i += 4) {
      const word = this.#word(id, firstWord + (i >>> 2))
      target[at + i] = word >>> 24
      target[at + i + 1] = word >>> 16
      target[at + i + 2] = word >>> 8
      target[at + i + 3] = word
    }
    return length
  }

  #copyAddress(id: PathId, firstWord: number, port: number): TransportAddress {
    const family = this.family(id)
    const address = new Uint8Array(addressLength(family))
    this.#writeAddress(id, firstWord, address, 0)
    return { family, address, port }
  }

  #writeKey(transport: Transport, local: TransportAddress, remote: TransportAddress): void {
    const family = remote.family
    const length = addressLength(family)
    if (local.family !== family || local.address.length !== length || remote.address.length !== length) {
      throw new PathTableError('PATH_FAMILY', 'local and remote must be two IPv4 or two IPv6 addresses')
    }
    const key = this.#key
    key[0] = (TRANSPORTS.indexOf(transport) << 8) | family
    key[1] = (local.port << 16) | remote.port
    for (let word = 0; word < 4; word++) {
      const isUsed = word * 4 < length
      key[LOCAL_WORD + word] = isUsed ? readWord(local.address, word * 4) : 0
      key[REMOTE_WORD + word] = isUsed ? readWord(remote.address, word * 4) : 0
    }
  }

  /** MurmurHash3's mixing of 32-bit words; the seed keeps it from being predicted, nothing else relies on it. */
  #hashKey(): number {
    let hash = this.#seed
    for (let i = 0; i < KEY_WORDS; i++) {
      let word = Math.imul(this.#key[i] ?? 0, 0xcc9e2d51)
      word = Math.imul((word << 15) | (word >>> 17), 0x1b873593)
      hash ^= word
      hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0
    }
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    return (hash ^ (hash >>> 16)) >>> 0
  }

  #find(hash: number): PathId {
    for (let bucket = hash & this.#mask; ; bucket = (bucket + 1) & this.#mask) {
      const id = this.#buckets[bucket] ?? NONE
      if (id === NONE || (this.#hashes[id] === hash && this.#hasKey(id))) return id
    }
  }

  #hasKey(id: PathId): boolean {
    const base = id * KEY_WORDS
    for (let i = 0; i < KEY_WORDS; i++) if (this.#keys[base + i] !== this.#key[i]) return false
    return true
  }

  /** A free id that now has the scratch key, evicting an interned path if it must. */
  #take(state: typeof INTERNED | typeof OPENED): PathId {
    if (this.#free === NONE && this.#earliest !== NONE) this.release(this.#earliest)
    const id = this.#free
    if (id === NONE) return NONE
    this.#free = this.#next[id] ?? NONE
    this.#keys.set(this.#key, id * KEY_WORDS)
    this.#states[id] = state
    this.#size++
    return id
  }

  #link(id: PathId): void {
    this.#previous[id] = NONE
    this.#next[id] = this.#latest
    if (this.#latest === NONE) this.#earliest = id
    else this.#previous[this.#latest] = id
    this.#latest = id
  }

  #unlink(id: PathId): void {
    const next = this.#next[id] ?? NONE
    const previous = this.#previous[id] ?? NONE
    if (previous === NONE) this.#latest = next
    else this.#next[previous] = next
    if (next === NONE) this.#earliest = previous
    else this.#previous[next] = previous
  }

  /** Deletes by shifting later entries of the probe sequence back, so that no tombstones pile up. */
  #removeFromBuckets(id: PathId): void {
    const buckets = this.#buckets
    let hole = (this.#hashes[id] ?? 0) & this.#mask
    while (buckets[hole] !== id) hole = (hole + 1) & this.#mask
    for (let bucket = (hole + 1) & this.#mask; ; bucket = (bucket + 1) & this.#mask) {
      const other = buckets[bucket] ?? NONE
      if (other === NONE) break
      const home = (this.#hashes[other] ?? 0) & this.#mask
      // It may move back only if its home is not between the hole and itself.
      if (((bucket - home) & this.#mask) >= ((bucket - hole) & this.#mask)) {
        buckets[hole] = other
        hole = bucket
      }
    }
    buckets[hole] = NONE
  }
}

function readWord(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) << 24) |
    ((bytes[at + 1] ?? 0) << 16) |
    ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0)
  )
}
