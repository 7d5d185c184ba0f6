import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Datagram, TransportAddress } from '@crowfly/sansio'
import { PathTable } from '@crowfly/sansio'
import { SeededRandom } from '@crowfly/testkit'
import { expect, it } from 'vitest'
import {
  BindingServer,
  ClientTransaction,
  createTransactionId,
  decodeReflexiveAddress,
  encodeBindingRequest,
  StunMessage,
} from './index.ts'

const serverAddress: TransportAddress = { family: 4, address: Uint8Array.of(192, 0, 2, 1), port: 3478 }
const clientAddress: TransportAddress = { family: 4, address: Uint8Array.of(198, 51, 100, 7), port: 50000 }
const random = new SeededRandom(1)
const now = 1000

/** The example of the README, word for word from the fourth line of its code on. */
function runExample(console: { log(...values: unknown[]): void }): void {
  const paths = new PathTable({ capacity: 1024 })
  const path = paths.intern('udp', serverAddress, clientAddress)
  const server = new BindingServer({ paths })

  const request = encodeBindingRequest(createTransactionId(random))
  const client = new ClientTransaction({ request, path, isReliable: false })
  const packet: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path }

  client.start(now)
  while (client.pollTransmit(packet)) server.handleDatagram(packet, now)
  while (server.pollTransmit(packet)) client.handleDatagram(packet, now + 20)

  const event = client.pollEvent()
  const response = new StunMessage()
  if (event?.type === 'succeeded' && response.decode(event.response) === undefined) {
    console.log(event.rttMs, decodeReflexiveAddress(response)) // 20, the client's address
  }
}

it('the example of the README tells the round trip time and the client’s address', () => {
  const logged: unknown[] = []
  runExample({ log: (...values) => logged.push(...values) })
  expect(logged).toEqual([20, clientAddress])
})

it('the example of the README is the one that is tested', () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  const source = readFileSync(import.meta.filename, 'utf8')
  const example = readme.slice(readme.indexOf('```ts') + 5, readme.indexOf('\n```\n'))
  const body = source.slice(
    source.indexOf('  const paths'),
    source.indexOf('\n}\n', source.indexOf('const paths')),
  )
  expect(example).toContain(body.replaceAll(/^ {2}/gm, ''))
})
