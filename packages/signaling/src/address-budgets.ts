import type { Millis, TransportAddress } from '@crowfly/sansio'
import type { SignalingLimits } from './limits.ts'
import { TokenBucket } from './token-bucket.ts'

/** What an address can run out of. */
export type Budget = 'connections' | 'rooms' | 'unknownNameplates' | 'joins' | 'looks' | 'guesses'

type Spent = Record<Budget, Millis>

const nothingSpent: Spent = {
  connections: 0,
  rooms: 0,
  unknownNameplates: 0,
  joins: 0,
  looks: 0,
  guesses: 0,
}

/**
 * Who shares a budget: an IPv4 address, or an IPv6 /64, which is what one household or server gets. An IPv4 address
 * mapped into IPv6 (RFC 4291 §2.5.5.2) counts as itself.
 */
export function budgetKey({ family, address }: TransportAddress): string {
  if (family === 4) return address.join('.')
  const isMapped =
    address[10] === 0xff && address[11] === 0xff && address.subarray(0, 10).every((octet) => octet === 0)
  return isMapped ? address.subarray(12).join('.') : `${address.subarray(0, 8).join('.')}/64`
}

function perMinute(units: number): TokenBucket {
  return new TokenBucket(units, units / 60_000)
}

/** Token buckets by address, for at most `maxAddresses` of them: the one unused for longest makes room. */
export class AddressBudgets {
  readonly #buckets: Readonly<Record<Budget, TokenBucket>>
  readonly #maxAddresses: number
  /** In order of use. */
  readonly #spent = new Map<string, Spent>()

  constructor(limits: SignalingLimits) {
    this.#maxAddresses = limits.maxAddresses
    this.#buckets = {
      connections: perMinute(limits.connectionsPerMinute),
      rooms: new TokenBucket(limits.roomsPerHour, limits.roomsPerHour / 3_600_000),
      unknownNameplates: perMinute(limits.unknownNameplatesPerMinute),
      joins: perMinute(limits.joinsPerMinute),
      looks: perMinute(limits.looksPerMinute),
      guesses: new TokenBucket(limits.guessesPerHour, limits.guessesPerHour / 3_600_000),
    }
  }

  /** Takes one unit. 0 when it was there, otherwise the milliseconds until one is; nothing is taken then. */
  spend(key: string, budget: Budget, now: Millis): Millis {
    const bucket = this.#buckets[budget]
    const spent = this.#spent.get(key) ?? { ...nothingSpent }
    const wait = bucket.wait(spent[budget], 1, now)
    if (wait === 0) spent[budget] = bucket.spend(spent[budget], 1, now)
    this.#touch(key, spent)
    return wait
  }

  /** Milliseconds until one unit is there, without taking it. */
  wait(key: string, budget: Budget, now: Millis): Millis {
    return this.#buckets[budget].wait(this.#spent.get(key)?.[budget] ?? 0, 1, now)
  }

  #touch(key: string, spent: Spent): void {
    this.#spent.delete(key)
    this.#spent.set(key, spent)
    if (this.#spent.size <= this.#maxAddresses) return
    for (const oldest of this.#spent.keys()) {
      this.#spent.delete(oldest)
      return
    }
  }
}
