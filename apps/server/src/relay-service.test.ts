import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import type { Log } from './log.ts'
import { openPort, openStunPort } from './open-ports.ts'
import { RelayService } from './relay-service.ts'
import { defaultServerLimits } from './server-limits.ts'
import { StaticAccounts } from './static-accounts.ts'
import { TcpPort } from './tcp-port.ts'
import { RelayClient } from './testing/relay-client.ts'
import { afterThis, dial, freePort, start } from './testing/running.ts'
import { askStream, askUdp } from './testing/stun-question.ts'
import { TrustedProxies } from './trusted-proxies.ts'

const login = { username: 'u', credential: 'p' }

function relayService(log: Log = pino({ level: 'silent' })): RelayService {
  return new RelayService({
    accounts: new StaticAccounts(new Map([[login.username, login.credential]]), 'all'),
    realm: 'test',
    peers: { kind: 'rooms' },
    limits: {},
    log,
  })
}

test.each([
  ['127.0.0.1', ''],
  ['::1', '[]'],
])('STUN over UDP is answered at %s, from there', async (address, brackets) => {
  const { port } = await start()
  const { reflexive, own, answeredBy } = await askUdp(port, address)
  const host = brackets ? `[${address}]` : address
  expect(reflexive).toBe(`${host}:${own.port}`)
  expect(answeredBy).toBe(`${address} ${port}`)
})

test('the further port answers over UDP and TCP, and carries nothing else', async () => {
  const further = await freePort()
  const server = await start({ stunPort: String(further) })
  expect(server.stunPort).toBe(further)
  expect((await askUdp(further, '127.0.0.1')).answeredBy).toBe(`127.0.0.1 ${further}`)
  const socket = await dial(further)
  expect(await askStream(socket)).toBe(`127.0.0.1:${socket.localPort}`)
  const http = await dial(further)
  http.resume().write('GET / HTTP/1.1\r\n\r\n')
  await once(http, 'close')
})

test('a further port that was asked for and is taken is an error', async () => {
  const further = createServer().listen(0, '127.0.0.1')
  afterThis(() => further.close())
  await once(further, 'listening')
  const address = further.address()
  const port = typeof address === 'object' && address ? address.port : 0
  await expect(start({ stunPort: String(port) })).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    message: expect.stringContaining('--stun-port'),
  })
})

test('a further port that nobody asked for and that is taken is a note', async () => {
  const taken = createSocket('udp4')
  afterThis(() => taken.close())
  taken.bind(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address()
  const tcp = new TcpPort({
    identity: undefined,
    limits: defaultServerLimits,
    trustedProxies: new TrustedProxies(),
    http: undefined,
    stun: () => undefined,
  })
  const service = relayService()
  afterThis(() => {
    tcp.close()
    service.close()
  })
  const wanted = { kind: 'port', port, isRequired: false } as const
  const opened = await openStunPort({ tcp, udp: service.ports, hosts: ['127.0.0.1', '::1'] }, wanted, 8443)
  expect(opened.port).toBe(port)
  expect(opened.notes).toEqual([
    `Port ${port} is not free (UDP at 127.0.0.1): STUN answers there on port 8443 only, which is enough.`,
  ])
})

test('a port that is not had takes no other with it', async () => {
  const tcp = new TcpPort({
    identity: undefined,
    limits: defaultServerLimits,
    trustedProxies: new TrustedProxies(),
    http: undefined,
    stun: (socket, transport) => service.accept(socket, transport),
  })
  const service = relayService()
  const taken = createSocket('udp4')
  afterThis(() => {
    tcp.close()
    service.close()
    taken.close()
  })
  const parts = { tcp, udp: service.ports, hosts: ['127.0.0.1'] }
  const first = await openPort(parts, 0, '--listen')
  taken.bind(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address()
  await expect(openPort(parts, port, '--listen')).rejects.toMatchObject({ code: 'PORT_TAKEN' })
  expect((await askUdp(first, '127.0.0.1')).answeredBy).toBe(`127.0.0.1 ${first}`)
  const socket = await dial(first)
  expect(await askStream(socket)).toBe(`127.0.0.1:${socket.localPort}`)
  await expect(dial(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('addresses that come and go are followed', async () => {
  const service = relayService()
  afterThis(() => service.close())
  const port = await freePort()
  let addresses = ['127.0.0.1']
  expect(await service.ports.open({ port, addresses: () => addresses })).toEqual([])
  addresses = ['127.0.0.2', '127.0.0.3']
  await service.ports.rescan()
  expect(service.ports.sockets.map(({ address }) => address)).toEqual(addresses)
  const answers = await Promise.all(addresses.map((address) => askUdp(port, address, '127.0.0.1')))
  expect(answers.map(({ answeredBy }) => answeredBy)).toEqual(
    addresses.map((address) => `${address} ${port}`),
  )
})

test('what a socket can not send is counted, and logged', async () => {
  const lines: string[] = []
  const service = relayService(pino({ level: 'debug' }, { write: (line: string) => lines.push(line) }))
  afterThis(() => service.close())
  const port = await freePort()
  let addresses = ['127.0.0.1', '127.0.0.2']
  await service.ports.open({ port, addresses: () => addresses })
  const one = await RelayClient.overUdp(port, login)
  const other = await RelayClient.overUdp(port, login, '127.0.0.2')
  expect([await one.allocate(), await other.allocate()]).toEqual([200, 200])
  if (!one.relayed || !other.relayed) throw new TypeError('no relayed address')
  expect([await one.permit(other.relayed), await other.permit(one.relayed)]).toEqual([200, 200])
  addresses = ['127.0.0.1']
  await service.ports.rescan()
  one.send(other.relayed, 'to an address that the server has no more')
  await expect.poll(() => service.counters.droppedBySockets).toEqual({ udp: 1, streams: 0, relays: 0 })
  service.close()
  expect(lines.join('')).toContain('"droppedBySockets":{"udp":1}')
})

test('an address that is not there yet is no failure, and one that is taken is', async () => {
  const service = relayService()
  afterThis(() => service.close())
  const other = createSocket('udp4')
  afterThis(() => other.close())
  other.bind(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address()
  const failures = await service.ports.open({
    port,
    addresses: () => ['127.0.0.1', '127.0.0.2', '203.0.113.9'],
  })
  expect(failures).toEqual([{ address: '127.0.0.1', port, code: 'EADDRINUSE' }])
  expect(service.ports.sockets.map(({ address }) => address)).toEqual(['127.0.0.2'])
})
