import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Datagram, PathTable, type TransportAddress } from '@crowfly/sansio'
import { testCrypto as crypto, SeededRandom } from '@crowfly/testkit'
import { expect, it } from 'vitest'
import { type PeerData, type TurnAccounts, TurnClient, TurnServer } from './index.ts'

const serverAddress: TransportAddress = { family: 4, address: Uint8Array.of(192, 0, 2, 1), port: 3478 }
const annAddress: TransportAddress = { family: 4, address: Uint8Array.of(203, 0, 113, 7), port: 50000 }
const bobAddress: TransportAddress = { family: 4, address: Uint8Array.of(203, 0, 113, 8), port: 50000 }
const random = new SeededRandom(1)
const nonceKey = random.bytes(32)
const now = 1000

/** The example of the README, word for word from the fourth line of its code on. */
function runExample(console: { log(...values: unknown[]): void }): void {
  const accounts: TurnAccounts = {
    find: () => ({ password: 'secret', room: 'a room', mayAllocate: true }),
  }
  const paths = new PathTable({ capacity: 10_000 })
  const realm = 'example.org'
  const server = new TurnServer({
    paths,
    random,
    crypto,
    realm,
    nonceKey,
    accounts,
    peers: { kind: 'rooms' },
  })

  const connect = (username: string, address: TransportAddress) => {
    const path = paths.intern('udp', serverAddress, address)
    return new TurnClient({ path, isReliable: false, username, password: 'secret', random, crypto })
  }
  const [ann, bob] = [connect('ann', annAddress), connect('bob', bobAddress)]

  const packet: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: 0 }
  const drain = (client: TurnClient) => {
    while (client.pollTransmit(packet)) {
      server.handleDatagram(packet, now)
      while (server.pollTransmit(packet)) for (const each of [ann, bob]) each.handleDatagram(packet, now)
    }
  }
  const allocate = (client: TurnClient) => {
    client.start(now)
    drain(client)
    const event = client.pollEvent()
    return event?.type === 'allocated' ? event.relayed[0] : undefined
  }

  const [annAt, bobAt] = [allocate(ann), allocate(bob)]
  if (annAt === undefined || bobAt === undefined) return
  ann.permit(bobAt, now)
  drain(ann)
  bob.permit(annAt, now)
  drain(bob)

  ann.send(bobAt, Uint8Array.of(1, 2, 3))
  drain(ann)
  const data: PeerData = { ...packet, peer: annAt }
  if (bob.pollData(data)) console.log(data.bytes.slice(data.start, data.end), data.peer) // 1, 2, 3, from annAt
}

it('the example of the README passes a payload from one client to the other', () => {
  const logged: unknown[] = []
  runExample({ log: (...values) => logged.push(...values) })
  const from = { family: 4, address: Uint8Array.of(198, 51, 100, 1), port: expect.any(Number) }
  expect(logged).toEqual([Uint8Array.of(1, 2, 3), from])
})

it('the example of the README is the one that is tested', () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  const source = readFileSync(import.meta.filename, 'utf8')
  const example = readme.slice(readme.indexOf('```ts') + 5, readme.indexOf('\n```\n'))
  const start = source.indexOf('  const accounts')
  const body = source.slice(start, source.indexOf('\n}\n', start))
  expect(example).toContain(body.replaceAll(/^ {2}/gm, ''))
})
