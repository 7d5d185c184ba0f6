import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { member } from './testing/member.ts'
import { afterThis, dial, hearAll, start, temporaryFolder } from './testing/running.ts'

const handshake = [
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
]

/** What the server answers to a handshake with these headers and no others. */
async function shake(port: number, headers: readonly string[], path = '/signal'): Promise<string> {
  const socket = await dial(port)
  socket.write(`${[`GET ${path} HTTP/1.1`, ...handshake, ...headers].join('\r\n')}\r\n\r\n`)
  return hearAll(socket)
}

function client(port: number, options: { origin?: string; secure?: boolean } = {}): WebSocket {
  const url = `${options.secure ? 'wss' : 'ws'}://localhost:${port}/signal`
  const webSocket = new WebSocket(url, 'crowfly.1', {
    rejectUnauthorized: false,
    ...(options.origin && { origin: options.origin }),
  })
  webSocket.on('error', () => undefined)
  afterThis(() => webSocket.terminate())
  return webSocket
}

test('a page of this server is taken in, over TLS and without', async () => {
  const server = await start()
  for (const secure of [true, false]) {
    const origin = `${secure ? 'https' : 'http'}://localhost:${server.port}`
    const webSocket = client(server.port, { origin, secure })
    await once(webSocket, 'open')
    expect(webSocket.protocol).toBe('crowfly.1')
    expect(webSocket.extensions).toBe('')
  }
  expect(server.signalConnections).toBe(2)
})

test('a page of another server is refused with a sentence', async () => {
  const { port } = await start()
  const own = ['Host: call.example.org', 'Sec-WebSocket-Protocol: crowfly.1']
  const answer = await shake(port, [...own, 'Origin: https://evil.example'])
  expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/)
  expect(answer).toContain('Pages of https://evil.example may not connect here.')
})

test('the operator is told once of each origin that is refused, of a few at most, and how to allow it', async () => {
  const lines: string[] = []
  const log = pino({ level: 'warn' }, { write: (line) => lines.push(line) })
  const { port } = await start({}, log)
  const own = ['Host: call.example.org', 'Sec-WebSocket-Protocol: crowfly.1']
  const refusedFrom = (origin: string): Promise<string> => shake(port, [...own, `Origin: ${origin}`])
  for (const origin of ['https://a.example', 'https://a.example', 'null', 'https://b.example/x'])
    expect(await refusedFrom(origin)).toMatch(/^HTTP\/1\.1 403 /)
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('--origin https://a.example')
  await Promise.all(Array.from({ length: 40 }, (_, index) => refusedFrom(`https://${index}.a.example`)))
  expect(lines).toHaveLength(32)
})

test('a page that --origin allows is taken in', async () => {
  const { port } = await start({ origin: ['https://friend.example'] })
  await once(client(port, { origin: 'https://friend.example' }), 'open')
})

test.each([
  ['no subprotocol', 400, ['Host: localhost']],
  ['another subprotocol', 400, ['Host: localhost', 'Sec-WebSocket-Protocol: chat, crowfly.2']],
  ['a Host header that is none', 400, ['Host: a b', 'Sec-WebSocket-Protocol: crowfly.1']],
])('a handshake with %s is refused', async (_name, status, headers) => {
  const { port } = await start()
  expect(await shake(port, headers)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
})

test('another path is refused', async () => {
  const { port } = await start()
  const answer = await shake(port, ['Host: localhost', 'Sec-WebSocket-Protocol: crowfly.1'], '/other')
  expect(answer).toMatch(/^HTTP\/1\.1 404 /)
})

test('a handshake without a key is refused', async () => {
  const { port } = await start()
  const socket = await dial(port)
  const headers = [
    'Host: localhost',
    'Sec-WebSocket-Protocol: crowfly.1',
    'Upgrade: websocket',
    'Connection: Upgrade',
  ]
  socket.write(`GET /signal HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`)
  expect(await hearAll(socket)).toMatch(/^HTTP\/1\.1 400 /)
})

test.each([true, false])('a text message ends the connection; over TLS: %s', async (secure) => {
  const { port } = await start()
  const webSocket = client(port, { secure })
  await once(webSocket, 'open')
  webSocket.send('text')
  const [code] = await once(webSocket, 'close')
  expect(code).toBe(1003)
})

test('a message that is too long ends the connection', async () => {
  const { port } = await start()
  const webSocket = client(port)
  await once(webSocket, 'open')
  webSocket.send(new Uint8Array(200_000))
  const [code] = await once(webSocket, 'close')
  expect(code).toBe(1009)
})

test('what is no frame of the protocol ends the connection', async () => {
  const server = await start()
  const webSocket = client(server.port)
  await once(webSocket, 'open')
  webSocket.send(new Uint8Array([255, 255, 255]))
  await once(webSocket, 'close')
  await expect.poll(() => server.signalConnections).toBe(0)
})

test('a connection that never says hello is ended', async () => {
  const { port } = await start({ limit: ['helloTimeoutMs=50'] })
  const webSocket = client(port)
  await once(webSocket, 'close')
})

test('a client that does not answer the closing handshake is cut', async () => {
  const server = await start({ limit: ['helloTimeoutMs=50'] })
  const webSocket = client(server.port)
  await once(webSocket, 'open')
  webSocket.pause()
  await expect.poll(() => server.signalConnections, { timeout: 3_000 }).toBe(0)
})

test('connections over the limit of one address are sent away', async () => {
  const { port } = await start({ limit: ['maxConnectionsPerAddress=1'] })
  await once(client(port), 'open')
  await once(client(port), 'close')
})

test('behind a trusted proxy the limits count people, not the proxy', async () => {
  const limit = ['maxConnectionsPerAddress=1']
  const behind = (port: number, forwarded: string): WebSocket => {
    const headers = { 'X-Forwarded-For': forwarded }
    const webSocket = new WebSocket(`ws://127.0.0.1:${port}/signal`, 'crowfly.1', { headers })
    webSocket.on('error', () => undefined)
    afterThis(() => webSocket.terminate())
    return webSocket
  }
  const trusting = await start({ limit, trustProxy: ['127.0.0.1'] })
  const [first, second] = [behind(trusting.port, '198.51.100.1'), behind(trusting.port, '198.51.100.2')]
  await Promise.all([once(first, 'open'), once(second, 'open')])
  await once(behind(trusting.port, '198.51.100.2'), 'close')
  expect([first.readyState, second.readyState]).toEqual([WebSocket.OPEN, WebSocket.OPEN])

  const wary = await start({ limit })
  await once(behind(wary.port, '198.51.100.1'), 'open')
  await once(behind(wary.port, '198.51.100.2'), 'close')
})

test('a client that does not read is cut', async () => {
  const lines: string[] = []
  const log = pino({ level: 'debug' }, { write: (line) => lines.push(line) })
  // Nothing but the bound on what waits may end the connection; the system itself takes in some megabytes.
  const limits = [
    'deadAfterMs=60000',
    'maxOutboxBytes=100000000',
    'maxOutboxMessages=10000',
    'maxMembersPerRoom=40',
    'maxPendingPerRoom=40',
    'joinsPerMinutePerRoom=1000',
  ]
  const server = await start({ limit: [...limits, 'maxBufferedBytes=100000'] }, log)
  const ann = member(() => server.port, { kind: 'create' })
  const { nameplate } = await ann.event('joined')
  ann.pause()
  const envelope = new Uint8Array(30_000)
  for (let sender = 0; sender < 30; sender++) {
    const bob = member(() => server.port, { kind: 'join', nameplate, ifEmpty: 'refuse' })
    await bob.event('joined')
    for (let i = 0; i < 30; i++) bob.send(ann.id, envelope)
  }
  await expect.poll(() => lines.join(''), { timeout: 10_000 }).toContain('client does not read')
})

test('the application is asked before anybody enters, where the operator wants that', async () => {
  const file = join(await temporaryFolder(), 'authorize.mjs')
  await writeFile(file, "export default async ({ authorization }) => authorization.startsWith('friend ')")
  const { port } = await start({ authorize: file })
  const ann = member(() => port, { kind: 'create' }, 'friend ann')
  const { nameplate } = await ann.event('joined')
  const eve = member(() => port, { kind: 'join', nameplate, ifEmpty: 'refuse' }, 'stranger eve')
  expect(await eve.event('refused')).toEqual({ type: 'refused', code: 'notAllowed' })
  const nobody = member(() => port, { kind: 'create' })
  expect(await nobody.event('refused')).toEqual({ type: 'refused', code: 'notAllowed' })
  const bob = member(() => port, { kind: 'join', nameplate, ifEmpty: 'refuse' }, 'friend bob')
  await bob.event('joined')
  expect((await ann.event('memberJoined')).member).toBe(bob.id)
})
