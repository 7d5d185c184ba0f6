import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { encodeEvenPort } from '../proto/attributes/even-port.ts'
import { PeerFilter } from './peer-filter.ts'
import { address, type BenchClient, TurnBench } from './testing/turn-bench.ts'

const ALLOCATIONS = 100
const GRANTS = 64
const RESERVATIONS = 20
// What the README says.
const MOST_PER_ALLOCATION = 32_768

/** Bytes in use once all garbage is gone. */
function used(): number {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') throw new TypeError('no collector')
  for (let i = 0; i < 3; i++) collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Takes all that there is: allocations and reservations, permissions and channels of each. */
function fill(bench: TurnBench, clients: readonly BenchClient[]): void {
  for (const [i, client] of clients.entries()) {
    const code = client.allocate((writer) => {
      if (i < RESERVATIONS) encodeEvenPort(writer, { reserveNext: true })
    })
    expect(code).toBeUndefined()
    for (let grant = 0; grant < GRANTS; grant++) {
      client.bind(0x4000 + grant, address(`9.9.9.${grant}`, 9))
    }
  }
  bench.events.splice(0)
}

it('a server that is full to all its limits takes so much for each allocation, and gives it back', () => {
  const limits = {
    maxAllocations: ALLOCATIONS,
    maxReservations: RESERVATIONS,
    maxPermissionsPerAllocation: GRANTS,
    maxChannelsPerAllocation: GRANTS,
  }
  const ports = { least: 50_000, most: 50_999 }
  const relayAddress = () => address('8.1.1.1', 0).address
  const bench = new TurnBench({ kind: 'public', filter: new PeerFilter(), relayAddress, ports }, limits)
  const clients = Array.from({ length: ALLOCATIONS }, () => bench.client('sam'))
  const late = bench.client('sam')
  const empty = { allocations: 0, reservations: 0, ports: 0 }
  // Once before, so that tables have grown and everything is compiled.
  fill(bench, clients)
  bench.advance(600_000)
  expect(bench.server.sizes).toMatchObject(empty)

  const before = used()
  fill(bench, clients)
  expect(bench.server.sizes).toMatchObject({ allocations: ALLOCATIONS, reservations: RESERVATIONS })
  const one = clients[0] ?? late
  expect([
    late.allocate(),
    one.bind(0x4fff, address('9.9.9.1', 10)),
    one.permit(address('9.9.8.1', 9)),
  ]).toEqual([508, 403, 403])
  const full = used() - before
  expect(full / ALLOCATIONS).toBeLessThan(MOST_PER_ALLOCATION)

  bench.advance(600_000)
  expect(bench.server.sizes).toMatchObject(empty)
  bench.events.splice(0)
  expect(used() - before).toBeLessThan(full / 10)
})
