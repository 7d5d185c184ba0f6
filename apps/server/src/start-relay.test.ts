import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseAddress, type TransportAddress } from '@crowfly/sansio'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { localAddresses } from './local-addresses.ts'
import { type RunningRelay, startRelay } from './start-relay.ts'
import { issuedCertificate } from './testing/issued-certificate.ts'
import { RelayClient } from './testing/relay-client.ts'
import { afterThis, dial, dialTls, hearAll, temporaryFolder } from './testing/running.ts'
import { askStream, askUdp } from './testing/stun-question.ts'
import { parseTurnSettings, type TurnFlags } from './turn-settings.ts'

const login = { username: 'u', credential: 'p' }
const flags: TurnFlags = {
  listen: ['127.0.0.1:0'],
  user: ['u:p', 'v:q'],
  realm: 'test',
  peers: 'public',
  logLevel: 'silent',
}

async function startTurn(changes: Partial<TurnFlags> = {}): Promise<RunningRelay & { port: number }> {
  const relay = await startRelay(parseTurnSettings({ ...flags, ...changes }), pino({ level: 'silent' }))
  afterThis(() => relay.close())
  return Object.assign(relay, { port: relay.ports[0] ?? 0 })
}

/** A peer that sends each datagram back. */
async function echo(host = '127.0.0.1'): Promise<{ socket: Socket; at: TransportAddress }> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  afterThis(() => socket.close())
  socket.bind(0, host)
  await once(socket, 'listening')
  socket.on('message', (message, { port, address }) => socket.send(message, port, address))
  const address = parseAddress(host) ?? new Uint8Array(4)
  return { socket, at: { family: address.length === 4 ? 4 : 6, address, port: socket.address().port } }
}

async function isFree(port: number): Promise<boolean> {
  const socket = createSocket('udp4')
  const bound = once(socket, 'listening').then(
    () => true,
    () => false,
  )
  socket.bind(port)
  const isBound = await bound
  socket.close()
  return isBound
}

async function certificateFiles(): Promise<{ cert: string; key: string }> {
  const folder = await temporaryFolder()
  const identity = await issuedCertificate({ names: ['localhost'], addresses: ['127.0.0.1'] }, new Date())
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  await writeFile(files.cert, identity.cert)
  await writeFile(files.key, identity.key)
  return files
}

test('a peer that is allowed is reached by a socket of its own, and answers', async () => {
  const relay = await startTurn({ allowPeer: ['127.0.0.0/8'] })
  const peer = await echo()
  const client = await RelayClient.overUdp(relay.port, login)
  expect(await client.allocate()).toBe(200)
  expect(relay.relaySockets).toBe(0)
  expect(await client.permit(peer.at)).toBe(200)
  client.send(peer.at, 'to the peer and back')
  await expect.poll(() => client.heard).toEqual(['to the peer and back'])
  expect(relay.relaySockets).toBe(1)
  expect(await client.refresh(0)).toBe(200)
  await expect.poll(() => relay.relaySockets).toBe(0)
})

test('IPv6 clients reach IPv6 peers, over TCP too', async () => {
  const relay = await startTurn({ listen: ['[::1]:0'], allowPeer: ['::1'] })
  const peer = await echo('::1')
  const client = RelayClient.overStream(await dial(relay.port, '::1'), login)
  expect(await client.allocate(6)).toBe(200)
  expect(await client.permit(peer.at)).toBe(200)
  client.send(peer.at, 'six')
  await expect.poll(() => client.heard).toEqual(['six'])
})

test.each(['127.0.0.2', '10.0.0.1', '169.254.169.254', '192.0.2.1', '0.0.0.0'])(
  'a peer at %s is refused unless it is allowed',
  async (host) => {
    const relay = await startTurn()
    const client = await RelayClient.overUdp(relay.port, login)
    expect(await client.allocate()).toBe(200)
    const address = parseAddress(host) ?? new Uint8Array(4)
    expect(await client.permit({ family: 4, address, port: 80 })).toBe(403)
    expect(relay.relaySockets).toBe(0)
  },
)

test('the address of the relay itself is permitted as always, and no service there is reached', async () => {
  const relay = await startTurn()
  const peer = await echo()
  const client = await RelayClient.overUdp(relay.port, login)
  expect(await client.allocate()).toBe(200)
  expect(await client.permit(peer.at)).toBe(200)
  client.send(peer.at, 'to a service of this machine')
  await expect.poll(() => relay.counters.dropped.unreachable).toBe(1)
  expect(relay.relaySockets).toBe(0)
  expect(client.heard).toEqual([])
})

test('another address of this machine is refused unless it is allowed', async ({ skip }) => {
  const own = localAddresses().find(({ reach, family }) => reach !== 'loopback' && family === 4)
  if (own === undefined) return skip('this machine has no IPv4 address but those of loopback')
  const { address } = own
  const at = { family: 4, address: parseAddress(address) ?? new Uint8Array(4), port: 80 } as const
  const answers: number[] = []
  for (const changes of [{}, { allowPeer: [address] }]) {
    const relay = await startTurn(changes)
    const client = await RelayClient.overUdp(relay.port, login)
    expect(await client.allocate()).toBe(200)
    answers.push(await client.permit(at))
  }
  expect(answers).toEqual([403, 200])
})

test('an external address is one of this machine: no service behind it is reached', async () => {
  const at = { family: 4, address: Uint8Array.of(8, 8, 8, 8), port: 80 } as const
  const answers: number[] = []
  for (const changes of [{}, { externalAddress: ['8.8.8.8'] }]) {
    const relay = await startTurn(changes)
    const client = await RelayClient.overUdp(relay.port, login)
    expect(await client.allocate()).toBe(200)
    answers.push(await client.permit(at))
  }
  expect(answers).toEqual([200, 403])
})

test('--deny-peer wins over --allow-peer', async () => {
  const relay = await startTurn({ allowPeer: ['127.0.0.0/8'], denyPeer: ['127.0.0.2'] })
  const client = await RelayClient.overUdp(relay.port, login)
  expect(await client.allocate()).toBe(200)
  const permit = (last: number) =>
    client.permit({ family: 4, address: Uint8Array.of(127, 0, 0, last), port: 80 })
  expect([await permit(1), await permit(2)]).toEqual([200, 403])
})

test('with rooms, clients of different users reach each other and no socket is opened', async () => {
  const relay = await startTurn({ peers: 'rooms' })
  const one = await RelayClient.overUdp(relay.port, login)
  const other = RelayClient.overStream(await dial(relay.port), { username: 'v', credential: 'q' })
  expect([await one.allocate(), await other.allocate()]).toEqual([200, 200])
  if (!one.relayed || !other.relayed) throw new TypeError('no relayed address')
  expect([await one.permit(other.relayed), await other.permit(one.relayed)]).toEqual([200, 200])
  one.send(other.relayed, 'over the switchboard')
  await expect.poll(() => other.heard).toEqual(['over the switchboard'])
  expect(relay.relaySockets).toBe(0)
})

test('a wrong password allocates nothing, and STUN asks for none', async () => {
  const relay = await startTurn()
  const client = await RelayClient.overUdp(relay.port, { username: 'u', credential: 'wrong' })
  expect(await client.allocate()).toBe(401)
  expect((await askUdp(relay.port, '127.0.0.1')).answeredBy).toBe(`127.0.0.1 ${relay.port}`)
})

test('with a certificate its ports take TLS, and those of --tls-listen nothing else', async () => {
  const files = await certificateFiles()
  const relay = await startTurn({ tlsListen: ['127.0.0.1:0'], ...files })
  const [tlsPort = 0] = relay.tlsPorts
  for (const port of [relay.port, tlsPort]) {
    const client = RelayClient.overStream(await dialTls(port, ['stun.turn']), login)
    expect(await client.allocate()).toBe(200)
  }
  expect(await askStream(await dial(relay.port))).toMatch(/^127\.0\.0\.1:/)
  const plain = await dial(tlsPort)
  plain.write(new Uint8Array([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42]))
  expect(await hearAll(plain)).toBe('')
})

test('what is neither TLS nor STUN is closed', async () => {
  const relay = await startTurn()
  const socket = await dial(relay.port)
  socket.write('GET / HTTP/1.1\r\n\r\n')
  expect(await hearAll(socket)).toBe('')
})

test('a port that is taken, and an address that is not here, are refused by the flag', async () => {
  const { port } = await startTurn()
  await expect(startTurn({ listen: [`127.0.0.1:${port}`] })).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    message: expect.stringMatching(/--listen 127\.0\.0\.1:\d+$/),
  })
  await expect(startTurn({ listen: ['192.0.2.77:3478'] })).rejects.toMatchObject({
    code: 'ADDRESS_NOT_AVAILABLE',
    message: expect.stringContaining('--listen'),
  })
  await expect(startTurn({ listen: ['no-such-name.invalid:3478'] })).rejects.toMatchObject({
    message: expect.stringContaining('--listen'),
  })
})

test('a relayed address that another program has taken ends its allocation, and the next one is served', async () => {
  // Two ports, of which one is taken and the other is not.
  let { at } = await echo()
  while (!(await isFree(at.port ^ 1))) ({ at } = await echo())
  const { port } = at
  const range = port % 2 === 0 ? `${port}-${port + 1}` : `${port - 1}-${port}`
  const relay = await startTurn({ allowPeer: ['127.0.0.0/8'], relayPorts: range })
  const peer = await echo('127.0.0.2')
  const works: boolean[] = []
  // The port that is taken, perhaps again, and the other one.
  while (!works.includes(true) || !works.includes(false)) {
    const client = await RelayClient.overUdp(relay.port, login)
    expect(await client.allocate()).toBe(200)
    expect(await client.permit(peer.at)).toBe(200)
    client.send(peer.at, 'there and back')
    if (client.relayed?.port === port) {
      await expect.poll(() => client.refresh()).not.toBe(200)
      works.push(false)
    } else {
      await expect.poll(() => client.heard).toEqual(['there and back'])
      works.push(true)
    }
  }
})

test('a relay that is closed lets go of its ports and of its relayed addresses', async () => {
  const relay = await startTurn({ allowPeer: ['127.0.0.0/8'] })
  const peer = await echo()
  const client = await RelayClient.overUdp(relay.port, login)
  await client.allocate()
  await client.permit(peer.at)
  client.send(peer.at, 'open')
  await expect.poll(() => client.heard).toEqual(['open'])
  relay.close()
  expect(relay.relaySockets).toBe(0)
  await startTurn({ listen: [`127.0.0.1:${relay.port}`] })
})
