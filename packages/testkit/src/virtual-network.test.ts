import type { Datagram, Machine, TransportAddress } from '@crowfly/sansio'
import { describe, expect, it } from 'vitest'
import { DatagramHost } from './datagram-host.ts'
import { SeededRandom } from './seeded-random.ts'
import { VirtualClock } from './virtual-clock.ts'
import { type NetworkConditions, VirtualNetwork, VirtualNetworkError } from './virtual-network.ts'

const ann: TransportAddress = { family: 4, address: Uint8Array.of(192, 0, 2, 1), port: 5000 }
const bob: TransportAddress = { family: 4, address: Uint8Array.of(192, 0, 2, 2), port: 6000 }

/** Sends the numbers 0 to `count` - 1, one every millisecond, and returns what arrived and when. */
function transfer(
  count: number,
  conditions: Partial<NetworkConditions>,
  seed = 1,
): { value: number; at: number }[] {
  const clock = new VirtualClock(0)
  const network = new VirtualNetwork(clock, new SeededRandom(seed), conditions)
  const arrived: { value: number; at: number }[] = []
  network.bind(bob, (bytes) => arrived.push({ value: bytes[0] ?? -1, at: clock.now() }))
  const socket = network.bind(ann, () => expect.unreachable())
  for (let value = 0; value < count; value++) {
    clock.at(value, () => socket.send(bob, Uint8Array.of(9, value, 9), 1, 2))
  }
  clock.advance(10_000)
  return arrived
}

describe('VirtualNetwork', () => {
  it('delivers in order after the delay when nothing else is set', () => {
    const arrived = transfer(5, { delayMs: 25 })
    expect(arrived).toEqual([0, 1, 2, 3, 4].map((value) => ({ value, at: value + 25 })))
  })

  it('loses the share that it should', () => {
    const arrived = transfer(200, { loss: 0.3 })
    expect(arrived.length).toBeGreaterThan(110)
    expect(arrived.length).toBeLessThan(170)
    expect(transfer(50, { loss: 1 })).toEqual([])
  })

  it('duplicates the share that it should', () => {
    const arrived = transfer(200, { duplicate: 0.25 })
    expect(arrived.length).toBeGreaterThan(220)
    expect(arrived.length).toBeLessThan(280)
    expect(new Set(arrived.map(({ value }) => value)).size).toBe(200)
  })

  it('reorders within the jitter, and no further', () => {
    const arrived = transfer(100, { delayMs: 10, jitterMs: 20 })
    const values = arrived.map(({ value }) => value)
    expect(values).not.toEqual([...values].sort((a, b) => a - b))
    for (const { value, at } of arrived) {
      expect(at - value).toBeGreaterThanOrEqual(10)
      expect(at - value).toBeLessThan(30)
    }
  })

  it('repeats itself for a seed', () => {
    const conditions = { jitterMs: 20, loss: 0.2, duplicate: 0.2 }
    expect(transfer(50, conditions, 3)).toEqual(transfer(50, conditions, 3))
    expect(transfer(50, conditions, 3)).not.toEqual(transfer(50, conditions, 4))
  })

  it('drops what is sent to nobody, and refuses two sockets at one address', () => {
    const clock = new VirtualClock()
    const network = new VirtualNetwork(clock, new SeededRandom(1))
    const socket = network.bind(ann, () => expect.unreachable())
    expect(() => network.bind(ann, () => {})).toThrow(VirtualNetworkError)
    socket.send(bob, Uint8Array.of(1), 0, 1)
    clock.advance(1000)
    socket.close()
    network.bind(ann, () => {})
  })
})

/** Sends back what it gets, one more; asks once at its deadline. */
class Counter implements Machine<number> {
  #pending: { value: number; path: number }[] = []
  #seen: number[] = []
  #deadline = Infinity
  readonly #target: number
  kept: Uint8Array | undefined

  constructor(target = -1, deadline = Infinity) {
    this.#target = target
    this.#deadline = deadline
  }

  handleDatagram({ bytes, start, path }: Datagram): void {
    const value = bytes[start] ?? 0
    this.kept = bytes.subarray(start, start + 1)
    this.#seen.push(value)
    if (value < 5) this.#pending.push({ value: value + 1, path })
  }

  handleTimeout(now: number): void {
    if (now < this.#deadline) return
    this.#deadline = Infinity
    this.#pending.push({ value: 0, path: this.#target })
  }

  pollTransmit(out: Datagram): boolean {
    const next = this.#pending.shift()
    if (next === undefined) return false
    out.bytes = Uint8Array.of(next.value)
    out.start = 0
    out.end = 1
    out.path = next.path
    return true
  }

  pollEvent(): number | undefined {
    return this.#seen.shift()
  }

  pollTimeout(): number {
    return this.#deadline
  }
}

describe('DatagramHost', () => {
  it('drives a machine by its deadline and by what arrives, and answers on the same path', () => {
    const clock = new VirtualClock(0)
    const network = new VirtualNetwork(clock, new SeededRandom(1), { delayMs: 7 })
    const log: string[] = []
    const event = (name: string) => (value: number) => void log.push(`${clock.now()} ${name} ${value}`)
    const server = new DatagramHost({
      network,
      machine: new Counter(),
      addresses: [bob],
      event: event('bob'),
    })
    // The only path that its table has, since it is the first.
    const client = new DatagramHost({
      network,
      machine: new Counter(0, 3),
      addresses: [ann],
      event: event('ann'),
    })
    expect(client.pathTo(bob)).toBe(0)
    clock.advance(100)
    expect(log).toEqual(['10 bob 0', '17 ann 1', '24 bob 2', '31 ann 3', '38 bob 4', '45 ann 5'])
    client.stop()
    server.stop()
    expect(server.pathTo({ family: 6, address: new Uint8Array(16), port: 1 })).toBe(-1)
  })

  it('takes an input back after the drain', () => {
    const clock = new VirtualClock(0)
    const network = new VirtualNetwork(clock, new SeededRandom(1))
    const machine = new Counter()
    const host = new DatagramHost({ network, machine, addresses: [bob] })
    network.bind(ann, () => {}).send(bob, Uint8Array.of(5), 0, 1)
    clock.advance(100)
    expect(machine.kept).toEqual(Uint8Array.of(0xdd))
    host.stop()
  })
})
