import { pino } from 'pino'
import { expect, test } from 'vitest'
import { framesOf, octets, PolledConnection, post } from './testing/polls.ts'
import { dial, hearAll, start } from './testing/running.ts'

const empty = new Uint8Array(0)

test('a session begins over polls, and is pinged more rarely', async () => {
  const server = await start()
  const polled = new PolledConnection(server.port)
  const sent = await polled.hello()
  expect(sent).toMatchObject({ status: 200, said: { type: 'taken', number: 1 } })
  const reply = await polled.poll(0)
  expect(framesOf(reply)).toMatchObject([{ type: 'welcome', pingEveryMs: 10_000, deadAfterMs: 22_500 }])
  expect(reply.headers).toMatchObject({
    'cache-control': 'no-store',
    'content-length': expect.stringMatching(/^\d+$/),
    'content-type': 'application/octet-stream',
  })
  expect(reply.headers['transfer-encoding']).toBeUndefined()
  expect(server.signalConnections).toBe(1)
})

test('a send with a number that was taken already changes nothing', async () => {
  const { port } = await start()
  const polled = new PolledConnection(port)
  await polled.hello()
  // A second hello on a connection would end it.
  expect((await polled.hello()).said).toEqual({ type: 'taken', number: 1 })
  await polled.poll(0)
  await polled.send(2, [{ type: 'ping', ack: 0 }])
  await polled.send(2, [{ type: 'ping', ack: 0 }])
  expect(framesOf(await polled.poll(1))).toMatchObject([{ type: 'pong' }])
})

test('what a lost answer carried is said again', async () => {
  const { port } = await start()
  const polled = new PolledConnection(port)
  await polled.hello()
  const first = await polled.poll(0)
  expect(await polled.poll(0)).toMatchObject({ said: first.said })
})

test('a second poll ends the first, which is answered with nothing', async () => {
  const { port } = await start()
  const polled = new PolledConnection(port)
  await polled.hello()
  await polled.poll(0)
  const { ended, waiting } = await polled.pollTwice(1)
  expect(framesOf(ended)).toEqual([])
  await polled.send(2, [{ type: 'ping', ack: 0 }])
  expect(framesOf(await waiting)).toMatchObject([{ type: 'pong' }])
})

test('a poll is answered when its time is over', async () => {
  const { port } = await start({ limit: ['pollAnswerMs=100'] })
  const polled = new PolledConnection(port)
  await polled.hello()
  await polled.poll(0)
  expect(framesOf(await polled.poll(1))).toEqual([])
})

test('no setting lets a poll wait for more than 25 s', async () => {
  await expect(start({ limit: ['pollAnswerMs=25001'] })).rejects.toThrow('25000')
})

test('a connection that is polled no more is closed', async () => {
  const server = await start({ limit: ['pollLapseMs=100'] })
  const polled = new PolledConnection(server.port)
  await polled.hello()
  await expect.poll(() => server.signalConnections).toBe(0)
  expect((await polled.poll(0)).status).toBe(410)
})

test('a poll whose client goes away is none', async () => {
  const server = await start({ limit: ['pollLapseMs=100'] })
  const polled = new PolledConnection(server.port)
  await polled.hello()
  await polled.poll(0)
  const gone = new AbortController()
  const poll = polled.poll(1, gone.signal)
  gone.abort()
  await expect(poll).rejects.toThrow()
  await expect.poll(() => server.signalConnections).toBe(0)
})

test('the last send closes the connection, and what it carries counts', async () => {
  const server = await start()
  const polled = new PolledConnection(server.port)
  await polled.hello()
  const poll = polled.poll(0).then(() => polled.poll(1))
  await polled.send(2, [{ type: 'ping', ack: 0 }], true)
  await poll
  expect(server.signalConnections).toBe(0)
  expect((await polled.hello()).status).toBe(410)
})

test.each([
  ['garbage', Uint8Array.of(1, 2, 3), {}, 400],
  ['an empty body', empty, {}, 400],
  ['another type of content', empty, { headers: { 'Content-Type': 'text/plain' } }, 415],
  ['no type of content', empty, { headers: {} }, 415],
  ['a body that is too long', new Uint8Array(262_145), {}, 413],
  ['another method', empty, { method: 'PUT' }, 405],
  ['a Host header that is none', empty, { headers: { ...octets, Host: 'a b' } }, 400],
])('%s is refused', async (_, body, asking, status) => {
  const { port } = await start()
  const reply = await post(port, body, asking)
  expect(reply.status).toBe(status)
  expect(reply.said).toMatch(/^[A-Z].*\.\n$/)
})

test('a body that grows too long without having said so is refused before it ends', async () => {
  const { port } = await start()
  const socket = await dial(port)
  socket.write('POST /signal HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n')
  socket.write('Transfer-Encoding: chunked\r\n\r\n')
  for (let i = 0; i < 5; i++) socket.write(`10000\r\n${'x'.repeat(65_536)}\r\n`)
  expect(await hearAll(socket)).toMatch(/^HTTP\/1\.1 413 /)
})

test('bodies that do not come to an end are held for one address up to a bound', async () => {
  const { port } = await start()
  const head = 'POST /signal HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n'
  const sockets = await Promise.all(Array.from({ length: 32 }, () => dial(port)))
  for (const socket of sockets) socket.write(`${head}Content-Length: 100\r\n\r\nx`)
  await expect.poll(async () => (await new PolledConnection(port).hello()).status).toBe(429)
  for (const socket of sockets) socket.destroy()
  await expect.poll(async () => (await new PolledConnection(port).hello()).status).toBe(200)
})

test('a skipped number is refused', async () => {
  const { port } = await start()
  const polled = new PolledConnection(port)
  await polled.hello()
  expect((await polled.send(3, [])).status).toBe(400)
  expect((await polled.poll(7)).status).toBe(400)
})

test('what is no frame of the protocol ends the connection', async () => {
  const server = await start()
  const polled = new PolledConnection(server.port)
  await polled.ask({
    type: 'send',
    connection: polled.id,
    number: 1,
    isLast: false,
    frames: [Uint8Array.of(255)],
  })
  const reply = await polled.poll(0)
  expect(framesOf(reply)).toMatchObject([{ type: 'goodbye', code: 'malformed' }])
  expect(reply.said).toMatchObject({ isLast: true })
  expect(server.signalConnections).toBe(0)
})

test('connections over the limit of one address are sent away, also behind a trusted proxy', async () => {
  const limit = ['maxConnectionsPerAddress=1']
  const server = await start({ limit, trustProxy: ['127.0.0.1'] })
  const behind = (address: string): PolledConnection =>
    new PolledConnection(server.port, { 'X-Forwarded-For': address })
  const [ann, bob, cat] = [behind('198.51.100.1'), behind('198.51.100.2'), behind('198.51.100.2')]
  for (const one of [ann, bob, cat]) await one.hello()
  for (const one of [ann, bob]) expect(framesOf(await one.poll(0))).toMatchObject([{ type: 'welcome' }])
  expect(framesOf(await cat.poll(0))).toMatchObject([{ type: 'goodbye', code: 'tooManyConnections' }])
})

test('connections over the limit in all are refused', async () => {
  const { port } = await start({ limit: ['maxConnections=1'] })
  await new PolledConnection(port).hello()
  expect(await new PolledConnection(port).hello()).toMatchObject({ status: 503 })
})

test('a page of another server is refused, and the operator is told', async () => {
  const lines: string[] = []
  const log = pino({ level: 'warn' }, { write: (line) => lines.push(line) })
  const { port } = await start({}, log)
  const headers = { ...octets, Origin: 'https://evil.example' }
  for (const method of ['POST', 'OPTIONS']) {
    const reply = await post(port, empty, { method, headers })
    expect(reply.status).toBe(403)
    expect(reply.headers['access-control-allow-origin']).toBeUndefined()
  }
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('--origin https://evil.example')
})

test('a page that --origin allows may ask, and read what it is answered', async () => {
  const origin = 'https://friend.example'
  const { port } = await start({ origin: [origin] })
  const preflight = await post(port, empty, {
    method: 'OPTIONS',
    headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' },
  })
  expect(preflight).toMatchObject({
    status: 204,
    headers: {
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'Content-Type',
      vary: 'Origin',
    },
  })
  const allowed = { 'access-control-allow-origin': origin }
  expect((await new PolledConnection(port, { Origin: origin }).hello()).headers).toMatchObject(allowed)
  expect((await new PolledConnection(port, { Origin: origin }).poll(0)).headers).toMatchObject(allowed)
})

test('a page of this server may ask', async () => {
  const { port } = await start()
  const own = new PolledConnection(port, { Origin: `http://127.0.0.1:${port}` })
  expect((await own.hello()).status).toBe(200)
})

test('who polls is told that the server stops', async () => {
  const server = await start()
  const polled = new PolledConnection(server.port)
  await polled.hello()
  await polled.poll(0)
  const { waiting } = await polled.pollTwice(1)
  await server.close()
  const reply = await waiting
  expect(framesOf(reply)).toMatchObject([{ type: 'goodbye', code: 'restarting' }])
  expect(reply.said).toMatchObject({ isLast: true })
})

test('a session moves from one connection to another', async () => {
  const server = await start()
  const session = crypto.getRandomValues(new Uint8Array(16))
  const [old, next] = [new PolledConnection(server.port), new PolledConnection(server.port)]
  await old.hello(session)
  await old.send(2, [
    {
      type: 'item',
      seq: 1,
      ack: 0,
      message: { type: 'create', memberId: Buffer.from(session).toString('base64url') },
    },
  ])
  const said = framesOf(await old.poll(0))
  await next.hello(session)
  expect(framesOf(await old.poll(1))).toMatchObject([{ type: 'goodbye', code: 'replaced' }])
  const again = framesOf(await next.poll(0))
  expect(again).toMatchObject([{ type: 'welcome', isResumed: true, received: 1 }, ...said.slice(1)])
})
