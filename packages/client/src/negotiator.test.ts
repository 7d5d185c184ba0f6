import { SeededRandom, VirtualClock } from '@crowfly/testkit'
import { beforeEach, describe, expect, test } from 'vitest'
import { Agenda } from './agenda.ts'
import type { Candidate, Description } from './negotiation-channel.ts'
import { Negotiator } from './negotiator.ts'
import { advance, clockOf } from './testing/fake-clock.ts'
import type { FakeConnection } from './testing/fake-connection.ts'
import { FakeNetwork } from './testing/fake-network.ts'

/** One negotiator whose other side is the test. */
class Bench {
  readonly clock = new VirtualClock()
  readonly network = new FakeNetwork(this.clock, new SeededRandom(1), { operationMs: 10 })
  readonly connection: FakeConnection
  readonly negotiator: Negotiator
  readonly descriptions: Description[] = []
  readonly batches: (readonly Candidate[])[] = []
  readonly failures: unknown[] = []

  constructor(isPolite: boolean) {
    this.connection = new (this.network.constructorFor('here'))({})
    this.negotiator = new Negotiator({
      connection: this.connection,
      channel: {
        sendDescription: (description) => this.descriptions.push(description),
        sendCandidates: (candidates) => this.batches.push(candidates),
      },
      agenda: new Agenda(clockOf(this.clock)),
      isPolite,
      offersFirst: isPolite,
      prepareAnswer: () => {},
      onFailure: (error) => this.failures.push(error),
    })
  }

  get kinds(): readonly string[] {
    return this.descriptions.map(({ kind }) => kind)
  }

  run(): Promise<void> {
    return advance(this.clock, 500)
  }
}

const offer = (fragment: string) =>
  `v=0\r\na=fingerprint:sha-256 AA\r\na=ice-ufrag:${fragment}\r\nm=audio 9 X 0\r\na=mid:9\r\na=sendrecv\r\n`

function candidate(usernameFragment: string, name = 'c'): Candidate {
  return { candidate: `candidate:${name}`, sdpMid: '9', sdpMLineIndex: 0, usernameFragment }
}

describe('candidates', () => {
  let bench: Bench

  beforeEach(() => {
    bench = new Bench(false)
  })

  test('that come before their description wait for it', async () => {
    bench.negotiator.handleCandidates([candidate('one', 'a'), candidate('one', 'b')])
    await bench.run()
    expect(bench.connection.applied).toEqual([])
    bench.negotiator.handleDescription({ kind: 'offer', sdp: offer('one') })
    await bench.run()
    expect(bench.connection.applied.map((one) => one.candidate)).toEqual(['candidate:a', 'candidate:b'])
    expect(bench.failures).toEqual([])
  })

  test('of another generation are not applied', async () => {
    bench.negotiator.handleDescription({ kind: 'offer', sdp: offer('one') })
    bench.negotiator.handleCandidates([candidate('zero'), candidate('one'), candidate('two')])
    await bench.run()
    expect(bench.connection.applied.map((one) => one.usernameFragment)).toEqual(['one'])
    bench.negotiator.handleDescription({ kind: 'offer', sdp: offer('two') })
    await bench.run()
    expect(bench.connection.applied.map((one) => one.usernameFragment)).toEqual(['two'])
    expect(bench.failures).toEqual([])
  })

  test('without end take no memory without end', async () => {
    const many = Array.from({ length: 1_000 }, (_, index) => candidate('later', String(index)))
    bench.negotiator.handleCandidates(many)
    bench.negotiator.handleDescription({ kind: 'offer', sdp: offer('later') })
    await advance(bench.clock, 20_000)
    expect(bench.connection.applied).toHaveLength(128)
    expect(bench.connection.applied.at(-1)?.candidate).toBe('candidate:999')
  })

  test('that the connection refuses leave the others', async () => {
    bench.negotiator.handleDescription({ kind: 'offer', sdp: offer('one') })
    await bench.run()
    const original = bench.connection.addIceCandidate.bind(bench.connection)
    bench.connection.addIceCandidate = (init) =>
      init.candidate === 'candidate:bad' ? Promise.reject(new TypeError('bad')) : original(init)
    bench.negotiator.handleCandidates([candidate('one', 'bad'), candidate('one', 'good')])
    await bench.run()
    expect(bench.connection.applied.map((one) => one.candidate)).toEqual(['candidate:good'])
    expect(bench.failures).toHaveLength(1)
  })

  test('of this side follow their description, those of a tenth of a second in one message', async () => {
    const newcomer = new Bench(true)
    newcomer.connection.addTransceiver('audio', { direction: 'sendrecv' })
    const emit = (name: string) =>
      newcomer.connection.onicecandidate?.({ candidate: { ...candidate('f1', name), sdpMid: null } })
    emit('a')
    await advance(newcomer.clock, 60)
    emit('b')
    await newcomer.run()
    expect(newcomer.kinds).toEqual(['offer'])
    expect(newcomer.batches[0]?.map((one) => one.candidate)).toContain('candidate:b')
    for (let index = 0; index < 40; index++) emit(String(index))
    await newcomer.run()
    expect(newcomer.batches.slice(1).map((batch) => batch.length)).toEqual([32, 8])
  })
})

describe('descriptions', () => {
  test('a side that answers first makes no offer of its own before', async () => {
    const bench = new Bench(false)
    bench.connection.createDataChannel('x')
    await bench.run()
    expect(bench.kinds).toEqual([])
    bench.negotiator.handleDescription({ kind: 'offer', sdp: offer('one') })
    await bench.run()
    // The answer, and then what it had wanted to offer itself.
    expect(bench.kinds).toEqual(['answer', 'offer'])
  })

  test('an answer that nobody waits for is passed over', async () => {
    const bench = new Bench(true)
    bench.negotiator.handleDescription({ kind: 'answer', sdp: offer('one') })
    await bench.run()
    expect(bench.connection.signalingState).toBe('stable')
    expect(bench.failures).toEqual([])
  })

  test('garbage is counted, and the next description works', async () => {
    const bench = new Bench(false)
    bench.negotiator.handleDescription({ kind: 'offer', sdp: 'garbage' })
    bench.negotiator.handleDescription({ kind: 'offer', sdp: offer('one') })
    await bench.run()
    expect(bench.failures).toHaveLength(1)
    expect(bench.kinds).toEqual(['answer'])
  })

  test('answers that can not be applied are asked for anew three times, not for ever', async () => {
    const bench = new Bench(true)
    bench.connection.addTransceiver('audio', { direction: 'sendrecv' })
    for (let round = 0; round < 6; round++) {
      await bench.run()
      bench.negotiator.handleDescription({ kind: 'answer', sdp: 'garbage' })
    }
    await bench.run()
    expect(bench.kinds).toEqual(['offer', 'offer', 'offer'])
  })

  test('after the end nothing is sent and nothing is reported', async () => {
    const bench = new Bench(true)
    bench.connection.addTransceiver('audio', { direction: 'sendrecv' })
    bench.negotiator.handleDescription({ kind: 'offer', sdp: 'garbage' })
    bench.negotiator.close()
    bench.connection.close()
    await bench.run()
    expect([bench.kinds, bench.batches, bench.failures]).toEqual([[], [], []])
  })
})
