import { formatAddress } from '@crowfly/sansio'
import { expect, test } from 'vitest'
import type { RunningServer } from './start-server.ts'
import { type Member, member } from './testing/member.ts'
import { loginOf, RelayClient } from './testing/relay-client.ts'
import { dial, dialTls, freePort, start } from './testing/running.ts'
import { askStream, askUdp } from './testing/stun-question.ts'

/** Two in one room, and what each was given for the relay. */
async function pair({ port }: RunningServer) {
  const ann = member(() => port, { kind: 'create' })
  const { nameplate, iceServers } = await ann.event('joined')
  const bob = member(() => port, { kind: 'join', nameplate, ifEmpty: 'refuse' })
  const joined = await bob.event('joined')
  return { ann, bob, annsLogin: loginOf(iceServers), bobsLogin: loginOf(joined.iceServers) }
}

async function loginInNewRoom({ port }: RunningServer) {
  const one: Member = member(() => port, { kind: 'create' })
  return { one, login: loginOf((await one.event('joined')).iceServers) }
}

/** Whether `text` passes from one to the other, both having allocated and permitted. */
async function passes(from: RelayClient, to: RelayClient, text: string): Promise<void> {
  if (to.relayed) from.send(to.relayed, text)
  await expect.poll(() => to.heard).toContain(text)
}

async function permitEachOther(one: RelayClient, other: RelayClient): Promise<void> {
  if (!one.relayed || !other.relayed) throw new TypeError('both have to allocate first')
  expect([await one.permit(other.relayed), await other.permit(one.relayed)]).toEqual([200, 200])
}

test('members are told the relay by the host they asked for, with credentials of their own', async () => {
  const { port } = await start()
  const { iceServers } = await member(() => port, { kind: 'create' }).event('joined')
  expect(iceServers).toEqual([
    { urls: [`stun:localhost:${port}`] },
    {
      urls: [`turn:localhost:${port}?transport=udp`, `turn:localhost:${port}?transport=tcp`],
      username: expect.stringMatching(/^\d+:[\w-]{12}:[\w-]{12}$/),
      credential: expect.stringMatching(/^[\w+/]{27}=$/),
    },
  ])
})

test('members are told the relay that --turn-url names', async () => {
  const { port } = await start({ turnUrl: ['turn:turn.example.org:3478', 'turns:turn.example.org'] })
  const { iceServers } = await member(() => port, { kind: 'create' }).event('joined')
  expect(iceServers[1]?.urls).toEqual([
    'turn:turn.example.org:3478?transport=udp',
    'turn:turn.example.org:3478?transport=tcp',
    'turns:turn.example.org',
  ])
})

test.each([
  ['UDP', 'TCP'],
  ['TCP', 'TLS'],
  ['TLS', 'UDP over IPv6'],
  ['UDP over IPv6', 'UDP'],
])(
  'packets pass within a room from %s to %s and back, and no socket is opened for them',
  async (first, second) => {
    const server = await start()
    const { port } = server
    const { annsLogin, bobsLogin } = await pair(server)
    const client = async (way: string, login: typeof annsLogin): Promise<RelayClient> => {
      if (way === 'UDP') return RelayClient.overUdp(port, login)
      if (way === 'UDP over IPv6') return RelayClient.overUdp(port, login, '::1')
      return RelayClient.overStream(way === 'TCP' ? await dial(port) : await dialTls(port), login)
    }
    const ann = await client(first, annsLogin)
    const bob = await client(second, bobsLogin)
    expect([await ann.allocate(), await bob.allocate()]).toEqual([200, 200])
    // A name out of space that nobody has, whatever way the client came by.
    expect(formatAddress(ann.relayed?.address ?? new Uint8Array(4))).toBe('198.51.100.1')
    expect(formatAddress(bob.relayed?.address ?? new Uint8Array(4))).toBe('198.51.100.1')
    await permitEachOther(ann, bob)
    await passes(ann, bob, 'hello Bob')
    await passes(bob, ann, 'hello Ann')
    expect(server.relaySockets).toBe(0)
  },
)

test('packets pass between a member on the main port and one on that of --stun-port, over UDP and TCP', async () => {
  const server = await start({ stunPort: String(await freePort()) })
  const { port, stunPort = 0 } = server
  expect(stunPort).not.toBe(port)
  const { annsLogin, bobsLogin } = await pair(server)
  const ann = await RelayClient.overUdp(port, annsLogin)
  expect(await ann.allocate()).toBe(200)
  const ways = [
    RelayClient.overUdp(stunPort, bobsLogin),
    dial(stunPort).then((socket) => RelayClient.overStream(socket, bobsLogin)),
  ]
  for (const bob of await Promise.all(ways)) {
    expect(await bob.allocate()).toBe(200)
    await permitEachOther(ann, bob)
    await passes(ann, bob, 'hello, other port')
    await passes(bob, ann, 'hello, main port')
  }
})

test.each([
  ['nothing', undefined],
  ['stun.turn', ['stun.turn']],
  ['a name nobody knows', ['carrier-pigeon']],
])('the relay is reached within TLS by a client that offers %s by ALPN', async (_name, protocols) => {
  const server = await start()
  const { login } = await loginInNewRoom(server)
  const socket = await dialTls(server.port, protocols)
  expect(await RelayClient.overStream(socket, login).allocate()).toBe(200)
})

test('nothing passes from room to room', async () => {
  const server = await start()
  const ann = await RelayClient.overUdp(server.port, (await loginInNewRoom(server)).login)
  const eve = await RelayClient.overUdp(server.port, (await loginInNewRoom(server)).login)
  expect([await ann.allocate(), await eve.allocate()]).toEqual([200, 200])
  await permitEachOther(ann, eve)
  if (ann.relayed) eve.send(ann.relayed, 'psst')
  await expect.poll(() => server.relayCounters.dropped.unreachable).toBe(1)
  expect(ann.heard).toEqual([])
})

test('nobody else is a peer', async () => {
  const server = await start()
  const ann = await RelayClient.overUdp(server.port, (await loginInNewRoom(server)).login)
  expect(await ann.allocate()).toBe(200)
  for (const address of [
    [127, 0, 0, 1],
    [192, 0, 2, 1],
    [8, 8, 8, 8],
  ]) {
    expect(await ann.permit({ family: 4, address: Uint8Array.from(address), port: 9 })).toBe(403)
  }
})

test('credentials that were not given out allocate nothing', async () => {
  const server = await start()
  const { login } = await loginInNewRoom(server)
  const wrong = [
    { ...login, credential: 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=' },
    { ...login, username: login.username.replace(/^\d+/, '9999999999') },
    { username: 'anna', credential: '' },
  ]
  for (const each of wrong) {
    expect(await (await RelayClient.overUdp(server.port, each)).allocate()).toBe(401)
  }
})

test('expired credentials make no new allocation, and keep one whose member is still there', async () => {
  const clock = { ms: Date.now() }
  const server = await start({}, undefined, { wallClock: () => clock.ms })
  const { annsLogin, bobsLogin } = await pair(server)
  const ann = await RelayClient.overUdp(server.port, annsLogin)
  const bob = await RelayClient.overUdp(server.port, bobsLogin)
  expect([await ann.allocate(), await bob.allocate()]).toEqual([200, 200])
  clock.ms += 3 * 3_600_000
  expect(await (await RelayClient.overUdp(server.port, annsLogin)).allocate()).not.toBe(200)
  expect([await ann.refresh(), await bob.refresh()]).toEqual([200, 200])
  await permitEachOther(ann, bob)
  await passes(ann, bob, 'still here')
})

test('members who ask again get credentials that allocate', async () => {
  const clock = { ms: Date.now() }
  // Asked for anew after ten seconds, the shortest time.
  const limit = ['relayCredentialSeconds=20']
  const server = await start({ limit }, undefined, { wallClock: () => clock.ms })
  const { one, login } = await loginInNewRoom(server)
  clock.ms += 60_000
  const { iceServers } = await one.event('iceServersChanged')
  expect(loginOf(iceServers)).not.toEqual(login)
  const client = await RelayClient.overUdp(server.port, loginOf(iceServers))
  expect(await client.allocate()).toBe(200)
})

test('a member who leaves loses the relay, and the others keep it', async () => {
  const server = await start()
  const { ann: annsSession, annsLogin, bobsLogin } = await pair(server)
  const ann = await RelayClient.overUdp(server.port, annsLogin)
  const bob = await RelayClient.overStream(await dial(server.port), bobsLogin)
  expect([await ann.allocate(), await bob.allocate()]).toEqual([200, 200])
  await permitEachOther(ann, bob)
  await passes(ann, bob, 'I am off')
  annsSession.leave()
  await expect.poll(() => ann.refresh()).not.toBe(200)
  if (bob.relayed) ann.send(bob.relayed, 'or am I')
  await expect.poll(() => server.relayCounters.dropped.noAllocation).toBe(1)
  expect(bob.heard).toEqual(['I am off'])
  expect(await bob.refresh()).toBe(200)
  expect(await (await RelayClient.overUdp(server.port, annsLogin)).allocate()).toBe(401)
})

test('a member whom the server has given up stays in the call, and gets nothing new before they are back', async () => {
  const server = await start({ limit: ['graceMs=500'] })
  const { ann: annsSession, bob: bobsSession, annsLogin, bobsLogin } = await pair(server)
  const ann = await RelayClient.overUdp(server.port, annsLogin)
  const bob = await RelayClient.overUdp(server.port, bobsLogin)
  expect([await ann.allocate(), await bob.allocate()]).toEqual([200, 200])
  await permitEachOther(ann, bob)
  annsSession.vanish()
  await bobsSession.event('memberLeft')
  await passes(ann, bob, 'the server is away, I am not')
  expect(await ann.refresh()).toBe(401)
  expect(await (await RelayClient.overUdp(server.port, annsLogin)).allocate()).toBe(401)
  await passes(bob, ann, 'so I hear')
})

test('STUN is answered beside it, over UDP and on a stream that has an allocation', async () => {
  const server = await start()
  const { login } = await loginInNewRoom(server)
  const socket = await dial(server.port)
  expect(await RelayClient.overStream(socket, login).allocate()).toBe(200)
  expect(await askStream(socket)).toBe(`127.0.0.1:${socket.localPort}`)
  expect((await askUdp(server.port, '127.0.0.1')).answeredBy).toBe(`127.0.0.1 ${server.port}`)
})
