import { PathTable, parseAddress, type TransportAddress } from '@crowfly/sansio'
import { describeMachine, type SeededRandom, testCrypto } from '@crowfly/testkit'
import { encodeErrorCode } from './attributes/error-code.ts'
import { encodeFingerprint } from './attributes/fingerprint.ts'
import { encodeMessageIntegrity } from './attributes/message-integrity.ts'
import { encodeXorMappedAddress } from './attributes/xor-mapped-address.ts'
import { encodeBindingRequest } from './binding.ts'
import { BindingServer } from './binding-server.ts'
import { ClientTransaction, type ClientTransactionOptions } from './client-transaction.ts'
import { StunMessageWriter } from './message-writer.ts'
import { createTransactionId } from './transaction-id.ts'

function transportAddress(family: 4 | 6, text: string, port: number): TransportAddress {
  return { family, address: parseAddress(text) ?? new Uint8Array(0), port }
}

function randomRequest(random: SeededRandom): Uint8Array {
  const writer = new StunMessageWriter(new Uint8Array(512))
  writer.writeHeader(
    random.pick([0x001, 0x001, 0x003]),
    random.pick(['request', 'indication']),
    random.bytes(12),
  )
  for (let count = random.integer(4); count > 0; count--) {
    writer.writeAttribute(random.pick([0x0006, 0x0024, 0x8022, 0xc057]), random.bytes(random.integer(20)))
  }
  if (random.chance(0.5)) encodeFingerprint(writer)
  return writer.message
}

describeMachine('BindingServer', () => {
  const paths = new PathTable({ capacity: 4 })
  const server4 = transportAddress(4, '192.0.2.1', 3478)
  const server6 = transportAddress(6, '2001:db8::1', 3478)
  return {
    machine: new BindingServer({ paths }),
    paths: [
      paths.intern('udp', server4, transportAddress(4, '198.51.100.7', 50000)),
      paths.intern('udp', server6, transportAddress(6, '2001:db8::7', 50000)),
      paths.open('tcp', server4, transportAddress(4, '198.51.100.8', 40000)),
    ],
    message: randomRequest,
  }
})

const KEY = new Uint8Array(16).fill(1)

function transactionSubject(random: SeededRandom, options: Partial<ClientTransactionOptions>) {
  const id = createTransactionId(random)
  const machine = new ClientTransaction({
    request: encodeBindingRequest(id),
    path: 1,
    isReliable: false,
    ...options,
  })
  let isStarted = false
  return {
    machine,
    paths: [1, 2],
    message: (random: SeededRandom) => {
      const writer = new StunMessageWriter(new Uint8Array(256))
      const isSuccess = random.chance(0.5)
      writer.writeHeader(
        0x001,
        isSuccess ? 'successResponse' : 'errorResponse',
        random.chance(0.9) ? id : random.bytes(12),
      )
      if (isSuccess) encodeXorMappedAddress(writer, transportAddress(4, '192.0.2.1', 4000))
      else encodeErrorCode(writer, random.pick([300, 400, 401, 420, 438, 500]))
      if (random.chance(0.5))
        encodeMessageIntegrity(writer, random.chance(0.5) ? KEY : random.bytes(16), testCrypto)
      return writer.message
    },
    commands: [
      (_: SeededRandom, now: number) => {
        if (!isStarted) machine.start(now)
        isStarted = true
      },
    ],
    close: (now: number) => {
      if (!isStarted) machine.start(now)
      isStarted = true
      machine.handlePathFailure(now)
    },
  }
}

const credential = { mechanism: 'longTerm', key: KEY, crypto: testCrypto } as const

describeMachine('ClientTransaction', (random) => transactionSubject(random, {}))
describeMachine('ClientTransaction with a credential', (random) => transactionSubject(random, { credential }))
describeMachine('ClientTransaction over TCP', (random) =>
  transactionSubject(random, { credential, isReliable: true }),
)
