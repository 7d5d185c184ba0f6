import { equalTransportAddress, PathTable, parseAddress, type TransportAddress } from '@crowfly/sansio'
import {
  DatagramHost,
  forEachSeed,
  type NetworkConditions,
  SeededRandom,
  VirtualClock,
  VirtualNetwork,
} from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { decodeReflexiveAddress, encodeBindingRequest } from './binding.ts'
import { BindingServer } from './binding-server.ts'
import { ClientTransaction, type ClientTransactionEvent } from './client-transaction.ts'
import { StunMessage } from './message.ts'
import { createTransactionId } from './transaction-id.ts'

const SEEDS = 300
// RFC 8489 §6.2.1: 39.5 s for the last timeout.
const LONGEST_MS = 39_500

function transportAddress(family: 4 | 6, text: string, port: number): TransportAddress {
  return { family, address: parseAddress(text) ?? new Uint8Array(0), port }
}

const SERVER = transportAddress(6, '2001:db8::1', 3478)
const CLIENT = transportAddress(6, '2001:db8::7', 50000)

/** A client and a server on one network; runs until the transaction has ended and says how. */
function ask(seed: number, conditions: Partial<NetworkConditions>) {
  const random = new SeededRandom(seed)
  const network = new VirtualNetwork(new VirtualClock(), random.fork(), conditions)
  const paths = new PathTable({ capacity: 8 })
  const server = new BindingServer({ paths })
  new DatagramHost({ network, machine: server, addresses: [SERVER], paths })
  const clientPaths = new PathTable({ capacity: 8 })
  const transaction = new ClientTransaction({
    request: encodeBindingRequest(createTransactionId(random), { hasFingerprint: random.chance(0.5) }),
    path: clientPaths.intern('udp', CLIENT, SERVER),
    isReliable: false,
  })
  const events: ClientTransactionEvent[] = []
  const host = new DatagramHost({
    network,
    machine: transaction,
    addresses: [CLIENT],
    paths: clientPaths,
    event: (event) => events.push(event),
  })
  const startedAt = network.clock.now()
  transaction.start(startedAt)
  host.settle()
  expect(network.clock.runUntil(() => events.length > 0, LONGEST_MS)).toBe(true)
  const elapsedMs = network.clock.now() - startedAt
  // Late duplicates must not end it a second time.
  network.clock.advance(LONGEST_MS)
  expect(events.length).toBe(1)
  expect(transaction.pollTimeout()).toBe(Infinity)
  const [event] = events
  return { event, server, elapsedMs }
}

function expectOwnAddress(event: ClientTransactionEvent | undefined): void {
  expect(event?.type).toBe('succeeded')
  if (event?.type !== 'succeeded') return
  const response = new StunMessage()
  expect(response.decode(event.response)).toBeUndefined()
  const address = decodeReflexiveAddress(response)
  expect(address && equalTransportAddress(address, CLIENT)).toBe(true)
}

describe('a Binding transaction over a network', () => {
  it('without loss takes one request and one round trip', () => {
    forEachSeed(20, (seed) => {
      const { event, server, elapsedMs } = ask(seed, { delayMs: 30 })
      expectOwnAddress(event)
      expect(event).toMatchObject({ rttMs: 60 })
      expect(elapsedMs).toBe(60)
      expect(server.counters.succeeded).toBe(1)
    })
  })

  it('with loss, jitter and duplicates ends once: with the client’s address, or on time with a timeout', () => {
    let successes = 0
    forEachSeed(SEEDS, (seed) => {
      const { event, server, elapsedMs } = ask(seed, {
        loss: 0.3,
        duplicate: 0.2,
        delayMs: 40,
        jitterMs: 900,
      })
      if (event?.type === 'failed') {
        expect(event.reason).toBe('timedOut')
        expect(elapsedMs).toBe(LONGEST_MS)
        return
      }
      expectOwnAddress(event)
      // Seven sendings at most, each doubled at most.
      expect(server.counters.succeeded).toBeLessThanOrEqual(14)
      successes++
    })
    // Each try is lost with 0.51; all seven with under 0.01.
    if (process.env['CROWFLY_SEED'] === undefined) expect(successes).toBeGreaterThan(SEEDS * 0.95)
  })

  it('has no round trip time whenever it was sent twice', () => {
    forEachSeed(50, (seed) => {
      const { event, server } = ask(seed, { loss: 0.5 })
      if (event?.type === 'succeeded' && event.rttMs !== undefined) expect(server.counters.succeeded).toBe(1)
    })
  })

  it('over a dead network times out', () => {
    const { event, elapsedMs } = ask(1, { loss: 1 })
    expect(event).toEqual({ type: 'failed', reason: 'timedOut' })
    expect(elapsedMs).toBe(LONGEST_MS)
  })
})
