import { type PathId, PathTable } from '@crowfly/sansio'
import { describeMachine, type SeededRandom, testCrypto } from '@crowfly/testkit'
import { encodeAdditionalAddressFamily } from '../proto/attributes/additional-address-family.ts'
import { encodeEvenPort } from '../proto/attributes/even-port.ts'
import { TurnMethod } from '../proto/turn-method.ts'
import { NonceMint } from './nonce-mint.ts'
import { PeerFilter } from './peer-filter.ts'
import type { PeerPolicy } from './peer-policy.ts'
import type { TurnServerEvent } from './relay.ts'
import {
  channelData,
  messageOf,
  requests,
  sendIndication,
  sign,
  type Write,
} from './testing/test-requests.ts'
import { address } from './testing/turn-bench.ts'
import { TurnServer } from './turn-server.ts'

const REALM = 'test'
const nonceKey = new Uint8Array(32).fill(4)
const account = { password: 'secret', room: 'one', mayAllocate: true }
const PORTS = { least: 50_000, most: 50_003 }

const publicPolicy: PeerPolicy = {
  kind: 'public',
  filter: new PeerFilter(),
  relayAddress: (family) => address(family === 4 ? '8.1.1.1' : '2400::1', 0).address,
  ports: PORTS,
}

/** Requests that are mostly sound, for whatever the server may have at the time. */
function messages(paths: PathTable, first: PathId, isPublic: boolean) {
  const mint = new NonceMint({ crypto: testCrypto, paths, key: nonceKey, lifetimeMs: 3_600_000 })
  const nonce = mint.mint(first, 2000)
  const relay = isPublic ? '8.1.1.1' : '198.51.100.1'
  return (random: SeededRandom): Uint8Array => {
    const peer = random.chance(0.8)
      ? address(relay, PORTS.least + random.integer(4))
      : address(random.pick(['9.9.9.9', '127.0.0.1', '2400::1', '2001:db8::1']), 5000)
    const channel = 0x4000 + random.integer(3)
    if (random.chance(0.2)) return sendIndication(peer, random.bytes(random.integer(40)), random.bytes(12))
    if (random.chance(0.2)) return channelData(channel, random.bytes(random.integer(40)), random.chance(0.5))
    if (random.chance(0.1)) return messageOf(0x001, 'request', random.bytes(12), () => {})
    const [method, write] = random.pick<[number, Write]>([
      [TurnMethod.ALLOCATE, requests.allocate()],
      [TurnMethod.ALLOCATE, requests.allocate((writer) => encodeEvenPort(writer, { reserveNext: true }))],
      [TurnMethod.ALLOCATE, requests.allocate((writer) => encodeAdditionalAddressFamily(writer, 6))],
      [TurnMethod.REFRESH, requests.refresh(random.pick([0, 600, 1200]))],
      [TurnMethod.CREATE_PERMISSION, requests.createPermission(peer)],
      [TurnMethod.CHANNEL_BIND, requests.channelBind(channel, peer)],
    ])
    const isSigned = random.chance(0.9)
    return messageOf(method, 'request', random.bytes(12), (writer) => {
      write(writer)
      if (!isSigned) return
      const isSha256 = random.chance(0.3)
      sign(writer, {
        username: random.pick(['a', 'b']),
        realm: REALM,
        password: 'secret',
        nonce,
        crypto: testCrypto,
        isSha256,
      })
    })
  }
}

function subject(random: SeededRandom, peers: PeerPolicy, isStream: boolean) {
  const paths = new PathTable({ capacity: 64 })
  const local = address('192.0.2.1', 3478)
  const clients = [1, 2, 3].map((port) => {
    const remote = address('203.0.113.1', port)
    return isStream ? paths.open('tcp', local, remote) : paths.intern('udp', local, remote)
  })
  const machine = new TurnServer({
    paths,
    random,
    crypto: testCrypto,
    realm: REALM,
    nonceKey,
    accounts: { find: (username) => (username === 'a' || username === 'b' ? account : undefined) },
    peers,
    limits: { maxAllocationsPerUser: 2, maxPermissionsPerAllocation: 2, maxIdleStreamSeconds: 20 },
  })
  return { machine, paths, clients, message: messages(paths, clients[0] ?? 0, peers.kind === 'public') }
}

describeMachine('TurnServer in rooms mode', (random) => {
  const { machine, clients, message } = subject(random, { kind: 'rooms' }, false)
  return {
    machine,
    paths: clients,
    message,
    commands: [
      (random, now) => {
        const gone = random.pick(['a', 'b', 'c'])
        machine.endAllocationsOf((name) => name === gone, now)
      },
    ],
  }
})

describeMachine('TurnServer in public mode', (random) => {
  const { machine, clients, message } = subject(random, publicPolicy, false)
  const peer = address('9.9.9.9', 5000)
  return {
    machine,
    paths: clients,
    message,
    commands: [
      (random, now) => {
        const bytes = random.bytes(100)
        machine.handleRelayDatagram({ bytes, start: 64, end: 100, relay: random.integer(8), peer }, now)
      },
      (random, now) => {
        machine.handleRelayIcmp(random.integer(8), peer, { icmpType: 3, icmpCode: 3, errorData: 0 }, now)
      },
      (random, now) => machine.handleRelayFailed(random.integer(8), now),
    ],
  }
})

describeMachine<TurnServerEvent>('TurnServer over streams', (random) => {
  const { machine, clients, message } = subject(random, { kind: 'rooms' }, true)
  return {
    machine,
    paths: clients,
    message,
    connections: {
      open: (path, now) => machine.handleOpen(path, undefined, now),
      close: (path, now) => machine.handleClose(path, now),
    },
    event: (event, driver) => {
      if (event.type === 'disconnect') driver.close(event.path)
    },
  }
})
