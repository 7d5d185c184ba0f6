import { once } from 'node:events'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { parseSettings } from './settings.ts'
import { startServer } from './start-server.ts'
import { afterThis, start, temporaryFolder, testFlags } from './testing/running.ts'

type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: Buffer }

async function ask(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Answer> {
  const asked = request({ port, host: '127.0.0.1', path, headers, method, agent: false })
  asked.end()
  const [response] = await once(asked, 'response')
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }
}

test('the app answers at the root, at a nameplate and at the name of a room', async () => {
  const { port } = await start()
  for (const path of ['/', '/4821', '/000000000', '/kitchen', '/k%C3%BCche', '/?x=1', '/4821?utm=1']) {
    const { status, headers, body } = await ask(port, path)
    expect([path, status]).toEqual([path, 200])
    expect(body.toString()).toContain('<title>Crowfly</title>')
    expect(headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' })
  }
})

test('a code that is none is the app with a status that says so', async () => {
  const { port } = await start()
  for (const path of ['/482', '/0123456789', `/${'x'.repeat(193)}`]) {
    const { status, body } = await ask(port, path)
    expect([path, status]).toEqual([path, 404])
    expect(body.toString()).toContain('<title>Crowfly</title>')
  }
})

test.each([
  '/favicon.ico',
  '/a/b',
  '/assets/none.js',
  '/assets/',
  '/../package.json',
  '/%2e%2e/%2e%2e/etc/passwd',
])('nothing is at %s', async (path) => {
  const { port } = await start()
  const { status, body } = await ask(port, path)
  expect(status).toBe(404)
  expect(body.toString()).toBe('There is nothing at this address.\n')
})

test('a path that cannot be decoded is refused', async () => {
  const { port } = await start()
  expect((await ask(port, '/%ff%')).status).toBe(400)
})

test('only GET and HEAD are answered, and HEAD without a body', async () => {
  const { port } = await start()
  expect(await ask(port, '/', {}, 'POST')).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
  const head = await ask(port, '/', {}, 'HEAD')
  expect(head.status).toBe(200)
  expect(head.body.length).toBe(0)
  expect(Number(head.headers['content-length'])).toBeGreaterThan(0)
})

test('hashed assets may be kept for ever, and come compressed to who takes it', async () => {
  const { port } = await start()
  const plain = await ask(port, '/assets/app-1a2b3c.js')
  expect(plain.headers).toMatchObject({
    'cache-control': 'public, max-age=31536000, immutable',
    'content-type': 'text/javascript; charset=utf-8',
    vary: 'Accept-Encoding',
  })
  expect(plain.headers['content-encoding']).toBeUndefined()
  const packed = await ask(port, '/assets/app-1a2b3c.js', { 'accept-encoding': 'gzip, deflate, br, zstd' })
  expect(packed.headers['content-encoding']).toBe('br')
  expect(brotliDecompressSync(packed.body)).toEqual(plain.body)
  const refused = await ask(port, '/assets/app-1a2b3c.js', { 'accept-encoding': 'br;q=0, gzip' })
  expect(refused.headers['content-encoding']).toBe('gzip')
})

test('what a client has already is not sent again', async () => {
  const { port } = await start()
  const { headers } = await ask(port, '/')
  const again = await ask(port, '/', { 'if-none-match': String(headers['etag']) })
  expect(again.status).toBe(304)
  expect(again.body.length).toBe(0)
})

test.each([
  ['bytes=2-4', 206, 'cde', 'bytes 2-4/10'],
  ['bytes=7-', 206, 'hij', 'bytes 7-9/10'],
  ['bytes=8-99', 206, 'ij', 'bytes 8-9/10'],
  ['bytes=5-2', 200, 'abcdefghij', undefined],
  ['bytes=99-', 200, 'abcdefghij', undefined],
  ['bytes=0-1,3-4', 200, 'abcdefghij', undefined],
  ['bytes=-', 200, 'abcdefghij', undefined],
])('the range %s is answered %i', async (range, status, body, contentRange) => {
  const { port } = await start()
  const answer = await ask(port, '/ring.mp3', { range })
  expect([answer.status, answer.body.toString(), answer.headers['content-range']]).toEqual([
    status,
    body,
    contentRange,
  ])
})

test('every answer carries the security headers, with the host that was asked for and no other', async () => {
  const { port } = await start()
  for (const path of ['/', '/healthz', '/assets/app-1a2b3c.js', '/nothing/here']) {
    const { headers } = await ask(port, path, { host: 'call.example.org:8443' })
    const policy = String(headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';")
    expect(policy).toContain("connect-src 'self' ws://call.example.org:8443 wss://call.example.org:8443;")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe')
    expect(headers).toMatchObject({
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cross-origin-opener-policy': 'same-origin',
    })
    expect(headers['permissions-policy']).toContain('camera=(self)')
    expect(headers['strict-transport-security']).toBeUndefined()
  }
  for (const host of ["x'; script-src *", '[::1]:8443']) {
    const { headers } = await ask(port, '/', { host })
    expect(headers['content-security-policy']).toContain("connect-src 'self';")
  }
})

test('without a built app the server runs and its page says what to do', async () => {
  const settings = parseSettings(await testFlags())
  const server = await startServer(settings, {
    log: pino({ level: 'silent' }),
    appFolder: join(await temporaryFolder(), 'dist'),
  })
  afterThis(() => server.close())
  const { status, body } = await ask(server.port, '/')
  expect(status).toBe(503)
  expect(body.toString()).toContain('npm run build')
  expect((await ask(server.port, '/healthz')).status).toBe(200)
  expect(server.notes).toEqual([expect.stringContaining('npm run build')])
})

test('a port that another program has is told with a way out', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  afterThis(() => other.close())
  await once(other, 'listening')
  const address = other.address()
  const port = typeof address === 'object' && address ? address.port : 0
  await expect(start({ port: String(port), host: ['127.0.0.1'] })).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    message: expect.stringContaining(`TCP port ${port} of 127.0.0.1 is taken`),
  })
})

test('a page on this machine learns by which origins others reach it, and nobody else does', async () => {
  const { port } = await start()
  const here = await ask(port, '/origins.json', { host: `localhost:${port}` })
  expect(here.status).toBe(200)
  expect(here.headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  })
  expect(JSON.parse(here.body.toString())).toBeInstanceOf(Array)
  const elsewhere = await ask(port, '/origins.json', { host: 'call.example' })
  expect(elsewhere.status).toBe(404)
})
