/** What is open from one network. */
export interface NetworkCount {
  readonly network: string
  count: number
}

/** Counts what is open from each customer's network: an IPv4 address, or an IPv6 /64. */
export class AddressCount {
  readonly #counts = new Map<string, NetworkCount>()

  /** Adds one and returns what to release it by; undefined, and nothing added, when `most` are open already. */
  take(address: Uint8Array, most: number): NetworkCount | undefined {
    const octets = address.length === 16 ? 8 : 4
    let network = ''
    for (let at = 0; at < octets; at++) network += String.fromCharCode(address[at] ?? 0)
    const known = this.#counts.get(network) ?? { network, count: 0 }
    if (known.count >= most) return undefined
    if (known.count === 0) this.#counts.set(network, known)
    known.count++
    return known
  }

  /** Takes back one that `take` added. */
  release(taken: NetworkCount): void {
    taken.count--
    if (taken.count === 0) this.#counts.delete(taken.network)
  }

  /** Networks that something is open from. */
  get size(): number {
    return this.#counts.size
  }
}
