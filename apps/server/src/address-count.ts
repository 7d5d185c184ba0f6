/** Counts what is open from each customer's network: an IPv4 address, or an IPv6 /64. */
export class AddressCount {
  readonly #counts = new Map<string, number>()

  /** Adds one and returns what to release it by; undefined, and nothing added, when `most` are open already. */
  take(address: Uint8Array, most: number): string | undefined {
    const network = String.fromCharCode(...address.subarray(0, address.length === 16 ? 8 : 4))
    const count = this.#counts.get(network) ?? 0
    if (count >= most) return undefined
    this.#counts.set(network, count + 1)
    return network
  }

  /** Takes back one that `take` added. */
  release(network: string): void {
    const count = this.#counts.get(network) ?? 0
    if (count <= 1) this.#counts.delete(network)
    else this.#counts.set(network, count - 1)
  }

  /** Networks that something is open from. */
  get size(): number {
    return this.#counts.size
  }
}
