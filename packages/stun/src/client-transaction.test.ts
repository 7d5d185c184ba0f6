import type { Datagram } from '@crowfly/sansio'
import { SeededRandom, testCrypto } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { encodeErrorCode } from './attributes/error-code.ts'
import { encodeMessageIntegrity } from './attributes/message-integrity.ts'
import { encodeXorMappedAddress } from './attributes/xor-mapped-address.ts'
import { encodeBindingRequest } from './binding.ts'
import { ClientTransaction, type ClientTransactionOptions } from './client-transaction.ts'
import { StunMessage } from './message.ts'
import { StunMessageWriter } from './message-writer.ts'
import { createTransactionId } from './transaction-id.ts'

const PATH = 3
const KEY = new Uint8Array(16).fill(1)
const OTHER_KEY = new Uint8Array(16).fill(2)
const REQUEST = encodeBindingRequest(createTransactionId(new SeededRandom(1)))

type Write = (writer: StunMessageWriter) => void

function transactionOf(options: Partial<ClientTransactionOptions> = {}): ClientTransaction {
  return new ClientTransaction({ request: REQUEST, path: PATH, isReliable: false, ...options })
}

const mapped: Write = (writer) =>
  encodeXorMappedAddress(writer, { family: 4, address: Uint8Array.of(192, 0, 2, 1), port: 4000 })
const signed =
  (key: Uint8Array): Write =>
  (writer) =>
    encodeMessageIntegrity(writer, key, testCrypto)

/** A response to `REQUEST`, or to what `id` says. */
function responseOf(
  messageClass: 'successResponse' | 'errorResponse',
  writes: readonly Write[],
  id: Uint8Array = REQUEST.subarray(8, 20),
  method = 0x001,
): Datagram {
  const writer = new StunMessageWriter(new Uint8Array(256))
  writer.writeHeader(method, messageClass, id)
  for (const write of writes) write(writer)
  return { bytes: writer.message, start: 0, end: writer.end, path: PATH }
}

function isSending(transaction: ClientTransaction): boolean {
  const out: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: -1 }
  if (!transaction.pollTransmit(out)) return false
  expect(out.path).toBe(PATH)
  expect(out.bytes.subarray(out.start, out.end)).toEqual(REQUEST)
  expect(transaction.pollTransmit(out)).toBe(false)
  return true
}

/** Lets it run without an answer; the times of all sendings, and when and how it ended. */
function runUnanswered(transaction: ClientTransaction, start: number) {
  const sendings: number[] = []
  transaction.start(start)
  for (let now = start; ; now = transaction.pollTimeout()) {
    transaction.handleTimeout(now)
    if (isSending(transaction)) sendings.push(now - start)
    const event = transaction.pollEvent()
    if (event !== undefined) return { sendings, endedAt: now - start, event }
  }
}

describe('retransmission (RFC 8489 §6.2.1)', () => {
  it('sends at 0, 500, 1500, 3500, 7500, 15500 and 31500 ms, and times out at 39500 ms', () => {
    expect(runUnanswered(transactionOf(), 1000)).toEqual({
      sendings: [0, 500, 1500, 3500, 7500, 15500, 31500],
      endedAt: 39500,
      event: { type: 'failed', reason: 'timedOut' },
    })
  })

  it('follows other settings', () => {
    const timing = { rtoMs: 100, maxSendings: 3, lastWaitRtos: 4 }
    expect(runUnanswered(transactionOf({ timing }), 0)).toMatchObject({
      sendings: [0, 100, 300],
      endedAt: 700,
    })
  })

  it('sends once over a reliable transport and times out after 39500 ms (§6.2.2)', () => {
    expect(runUnanswered(transactionOf({ isReliable: true }), 0)).toMatchObject({
      sendings: [0],
      endedAt: 39500,
      event: { type: 'failed', reason: 'timedOut' },
    })
  })

  it('sends once, not several times, when the driver is late', () => {
    const transaction = transactionOf()
    transaction.start(0)
    expect(isSending(transaction)).toBe(true)
    transaction.handleTimeout(100_000)
    expect(isSending(transaction)).toBe(true)
    expect(transaction.pollTimeout()).toBe(101_000)
  })
})

describe('a response', () => {
  it('ends the transaction, with the round trip time of the only sending', () => {
    const transaction = transactionOf()
    transaction.start(1000)
    isSending(transaction)
    const input = responseOf('successResponse', [mapped])
    transaction.handleDatagram(input, 1042.5)
    const event = transaction.pollEvent()
    expect(event).toMatchObject({ type: 'succeeded', rttMs: 42.5 })
    input.bytes.fill(0)
    const response = new StunMessage()
    expect(event?.type === 'succeeded' && response.decode(event.response)).toBeUndefined()
    expect(transaction.pollEvent()).toBeUndefined()
    expect(transaction.pollTimeout()).toBe(Infinity)
  })

  it('has no round trip time after a second sending (Karn’s algorithm)', () => {
    const transaction = transactionOf()
    transaction.start(0)
    transaction.handleTimeout(500)
    transaction.handleDatagram(responseOf('successResponse', [mapped]), 510)
    expect(transaction.pollEvent()).toMatchObject({ type: 'succeeded', rttMs: undefined })
    expect(isSending(transaction)).toBe(false)
  })

  it('with an error code refuses', () => {
    const transaction = transactionOf()
    transaction.start(0)
    transaction.handleDatagram(responseOf('errorResponse', [(writer) => encodeErrorCode(writer, 500)]), 5)
    expect(transaction.pollEvent()).toMatchObject({ type: 'refused', code: 500, reason: 'Server Error' })
  })

  it.each<[string, Datagram]>([
    ['to another transaction', responseOf('successResponse', [mapped], new Uint8Array(12))],
    ['of another method', responseOf('successResponse', [mapped], undefined, 0x003)],
    ['from another path', { ...responseOf('successResponse', [mapped]), path: PATH + 1 }],
    ['that is the request itself', { bytes: REQUEST, start: 0, end: REQUEST.length, path: PATH }],
    [
      'with a wrong FINGERPRINT',
      responseOf('successResponse', [mapped, (w) => w.writeAttribute(0x8028, new Uint8Array(4))]),
    ],
    ['that is no STUN message', { bytes: new Uint8Array(40).fill(0xff), start: 0, end: 40, path: PATH }],
  ])('%s is overlooked', (_, input) => {
    const transaction = transactionOf()
    transaction.start(0)
    transaction.handleDatagram(input, 10)
    expect(transaction.pollEvent()).toBeUndefined()
    expect(transaction.pollTimeout()).toBe(500)
  })

  // RFC 8489 §6.3.3, §6.3.4
  it.each<[string, Datagram, string]>([
    [
      'with an unknown comprehension-required attribute',
      responseOf('successResponse', [mapped, (writer) => writer.writeAttribute(0x7fff, new Uint8Array(4))]),
      'unknownAttributes',
    ],
    ['that is an error without ERROR-CODE', responseOf('errorResponse', []), 'noErrorCode'],
  ])('%s makes the transaction fail', (_, input, reason) => {
    const transaction = transactionOf()
    transaction.start(0)
    transaction.handleDatagram(input, 10)
    expect(transaction.pollEvent()).toEqual({ type: 'failed', reason })
  })

  it('may have attributes that the owner knows', () => {
    const transaction = transactionOf({ isKnownAttribute: (type) => type === 0x7fff || type === 0x0020 })
    transaction.start(0)
    const known: Write = (writer) => writer.writeAttribute(0x7fff, new Uint8Array(4))
    transaction.handleDatagram(responseOf('successResponse', [mapped, known]), 10)
    expect(transaction.pollEvent()).toMatchObject({ type: 'succeeded' })
  })
})

// RFC 8489 §9.1.4, §9.2.5
describe('with a credential', () => {
  const credential = { mechanism: 'longTerm', key: KEY, crypto: testCrypto } as const

  it('a forged response over UDP is overlooked, and the true one taken', () => {
    const transaction = transactionOf({ credential })
    transaction.start(0)
    transaction.handleDatagram(responseOf('successResponse', [mapped, signed(OTHER_KEY)]), 10)
    expect(transaction.pollEvent()).toBeUndefined()
    transaction.handleDatagram(responseOf('successResponse', [mapped, signed(KEY)]), 20)
    expect(transaction.pollEvent()).toMatchObject({ type: 'succeeded', rttMs: 20 })
  })

  it('only forged responses over UDP end as a violation, not as a timeout', () => {
    const transaction = transactionOf({ credential })
    transaction.start(0)
    transaction.handleDatagram(responseOf('successResponse', [mapped]), 10)
    let event = transaction.pollEvent()
    for (; event === undefined; event = transaction.pollEvent())
      transaction.handleTimeout(transaction.pollTimeout())
    expect(event).toEqual({ type: 'failed', reason: 'integrityViolated' })
  })

  it('a forged response over TCP ends it at once', () => {
    const transaction = transactionOf({ credential, isReliable: true })
    transaction.start(0)
    transaction.handleDatagram(responseOf('successResponse', [mapped, signed(OTHER_KEY)]), 10)
    expect(transaction.pollEvent()).toEqual({ type: 'failed', reason: 'integrityViolated' })
    expect(transaction.pollTimeout()).toBe(Infinity)
  })

  it('of the short-term mechanism a response needs the attribute that the request had', () => {
    const request = new StunMessageWriter(new Uint8Array(64))
    request.writeHeader(0x001, 'request', new Uint8Array(12))
    encodeMessageIntegrity(request, KEY, testCrypto)
    const shortTerm = { mechanism: 'shortTerm', key: KEY, crypto: testCrypto } as const
    const transaction = transactionOf({ request: request.message, credential: shortTerm })
    transaction.start(0)
    const id = new Uint8Array(12)
    transaction.handleDatagram(responseOf('successResponse', [mapped], id), 10)
    expect(transaction.pollEvent()).toBeUndefined()
    transaction.handleDatagram(responseOf('successResponse', [mapped, signed(KEY)], id), 20)
    expect(transaction.pollEvent()).toMatchObject({ type: 'succeeded' })
  })
})

describe('the owner', () => {
  it('may report that the path failed', () => {
    const transaction = transactionOf()
    transaction.start(0)
    transaction.handlePathFailure(1)
    expect(transaction.pollEvent()).toEqual({ type: 'failed', reason: 'pathFailed' })
    transaction.handlePathFailure(2)
    expect(transaction.pollEvent()).toBeUndefined()
  })

  it('can not start twice, nor with something else than a request', () => {
    const transaction = transactionOf()
    transaction.start(0)
    expect(() => transaction.start(1)).toThrow(expect.objectContaining({ code: 'STUN_TRANSACTION' }))
    const response = responseOf('successResponse', []).bytes
    expect(() => transactionOf({ request: response })).toThrow()
    expect(() => transactionOf({ request: REQUEST.subarray(0, 19) })).toThrow()
  })
})
