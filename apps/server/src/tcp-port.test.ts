import { once } from 'node:events'
import { get } from 'node:https'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { expect, test } from 'vitest'
import { dial, dialTls, hear, hearAll, start } from './testing/running.ts'
import { askStream, bindingRequest } from './testing/stun-question.ts'

const request = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'

/** Long enough for nothing that a test awaits. */
const shortMs = '50'

test('plain HTTP is answered', async () => {
  const { port } = await start()
  const socket = await dial(port)
  socket.write(request)
  expect(await hearAll(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\nok\n$/)
})

test('a request is answered whose client has ended its side already', async () => {
  const { port } = await start()
  const socket = await dial(port)
  socket.end(request)
  expect(await hearAll(socket)).toMatch(/^HTTP\/1\.1 200 OK/)
})

test('HTTPS is answered on the same port, by an agent that keeps its connection', async () => {
  const { port } = await start()
  for (let i = 0; i < 2; i++) {
    const [response] = await once(
      get({ port, host: '::1', path: '/healthz', rejectUnauthorized: false }),
      'response',
    )
    expect(response.statusCode).toBe(200)
    response.resume()
    await once(response, 'end')
  }
})

test.each([
  ['nothing', undefined],
  ['stun.turn', ['stun.turn']],
  ['h2 and http/1.1', ['h2', 'http/1.1']],
  ['a name nobody knows', ['carrier-pigeon']],
])('TLS is established when the client offers %s by ALPN', async (_name, protocols) => {
  const { port } = await start()
  const socket = await dialTls(port, protocols)
  expect(socket.alpnProtocol).toBe(false)
  socket.write(request)
  expect(await hearAll(socket)).toMatch(/^HTTP\/1\.1 200 OK/)
})

test.each(['127.0.0.1', '::1'])('STUN over TCP is answered at %s', async (host) => {
  const { port } = await start()
  const socket = await dial(port, host)
  const own = host === '::1' ? `[::1]:${socket.localPort}` : `${host}:${socket.localPort}`
  expect(await askStream(socket)).toBe(own)
  expect(await askStream(socket)).toBe(own)
})

// RFC 8489 §6.2.3, RFC 9325 §3.1.1 and §4.1
test.each<[string, ConnectionOptions, string]>([
  ['TLS 1.1', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }, 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'],
  ['TLS 1.0', { minVersion: 'TLSv1', maxVersion: 'TLSv1' }, 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'],
  ['a cipher that is known to be weak', { maxVersion: 'TLSv1.2', ciphers: 'NULL' }, 'HANDSHAKE_FAILURE'],
])('TLS is refused to a client that has only %s', async (_name, offer, reason) => {
  const { port } = await start()
  const ciphers = `${offer.ciphers ?? 'ALL'}@SECLEVEL=0`
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ...offer, ciphers })
  const [error] = await once(socket, 'error')
  expect(error.code).toContain(reason)
})

test('TLS 1.2 and 1.3 are spoken, with forward secrecy', async () => {
  const { port } = await start()
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const socket = connectTls({
      ...{ port, host: '127.0.0.1', rejectUnauthorized: false },
      ...{ minVersion: version, maxVersion: version },
    })
    await once(socket, 'secureConnect')
    expect(socket.getProtocol()).toBe(version)
    expect(socket.getEphemeralKeyInfo()).toMatchObject({ type: 'ECDH' })
    socket.destroy()
  }
})

test('STUN within TLS is answered', async () => {
  const { port } = await start()
  const socket = await dialTls(port, ['stun.turn'])
  expect(await askStream(socket)).toBe(`127.0.0.1:${socket.localPort}`)
})

test('bytes that come one by one are told apart all the same', async () => {
  const { port } = await start()
  const plain = await dial(port)
  expect(await askStream(plain, 1)).toBe(`127.0.0.1:${plain.localPort}`)
  const within = await dialTls(port)
  expect(await askStream(within, 1)).toBe(`127.0.0.1:${within.localPort}`)
  const http = await dial(port)
  const answer = hearAll(http)
  for (const character of request) {
    http.write(character)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(await answer).toMatch(/^HTTP\/1\.1 200 OK/)
})

test('a TLS handshake that comes byte by byte is established', async () => {
  const { port } = await start()
  const { createServer } = await import('node:net')
  // A relay that passes the client's bytes on one at a time.
  const relay = createServer(async (client) => {
    const upstream = await dial(port)
    upstream.pipe(client)
    client.on('error', () => undefined)
    for await (const chunk of client) {
      for (const byte of chunk) {
        upstream.write(new Uint8Array([byte]))
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
  })
  relay.listen(0, '127.0.0.1')
  await once(relay, 'listening')
  const address = relay.address()
  const socket = await dialTls(typeof address === 'object' && address ? address.port : 0)
  expect(await askStream(socket)).toMatch(/^127\.0\.0\.1:\d+$/)
  relay.close()
})

test('garbage is refused as HTTP, and closed', async () => {
  const { port } = await start()
  const garbage = await dial(port)
  garbage.write('\u0000\u0001\u0000\u0000garbage')
  expect(await hearAll(garbage)).toMatch(/^HTTP\/1\.1 400 Bad Request/)
  const within = await dialTls(port)
  within.write(new Uint8Array([0x16, 3, 1, 0, 5]))
  expect(await hearAll(within)).toMatch(/^HTTP\/1\.1 400 Bad Request/)
})

test('a handshake that is none ends its connection alone', async () => {
  const { port } = await start()
  const broken = await dial(port)
  broken.write(new Uint8Array([0x16, 3, 1, 0, 4, 9, 0, 0, 0]))
  await hearAll(broken)
  const sound = await dial(port)
  sound.write(request)
  expect(await hearAll(sound)).toMatch(/^HTTP\/1\.1 200 OK/)
})

test('what is no STUN behind a STUN message ends the stream', async () => {
  const { port } = await start()
  const socket = await dial(port)
  await askStream(socket)
  socket.write('GET / HTTP/1.1\r\n\r\n')
  expect(await hearAll(socket)).toBe('')
})

test.each([
  ['nothing', ''],
  ['half of the deciding bytes', bindingRequest().subarray(0, 6)],
  ['half a handshake', new Uint8Array([0x16, 3, 1])],
])('a connection that says %s is closed after a while', async (_name, bytes) => {
  const { port } = await start({ limit: [`firstBytesTimeoutMs=${shortMs}`] })
  const socket = await dial(port)
  if (bytes.length > 0) socket.write(bytes)
  expect(await hearAll(socket)).toBe('')
})

test('a TLS connection that says nothing after its handshake is closed', async () => {
  const { port } = await start({ limit: [`firstBytesTimeoutMs=500`] })
  expect(await hearAll(await dialTls(port))).toBe('')
})

test('headers that do not end are answered 408 and closed, within TLS too', async () => {
  const { port } = await start({ limit: [`headersTimeoutMs=${shortMs}`] })
  for (const socket of [await dial(port), await dialTls(port)]) {
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n')
    expect(await hearAll(socket)).toMatch(/^HTTP\/1\.1 408 Request Timeout/)
  }
})

test('connections over the limit of one address are closed, and others are taken once there is room', async () => {
  const { port } = await start({ limit: ['maxTcpConnectionsPerAddress=2'] })
  const first = await dial(port)
  await askStream(first)
  const second = await dial(port)
  await askStream(second)
  expect(await hearAll(await dial(port))).toBe('')
  const elsewhere = await dial(port, '::1')
  expect(await askStream(elsewhere)).toMatch(/^\[::1\]/)
  first.end()
  await hear(first, () => false)
  await expect
    .poll(async () => {
      const socket = await dial(port)
      socket.write(request)
      return hearAll(socket)
    })
    .toMatch(/^HTTP\/1\.1 200 OK/)
})

test('connections over the limit in all are closed', async () => {
  const { port } = await start({ limit: ['maxTcpConnections=1'] })
  await askStream(await dial(port))
  expect(await hearAll(await dial(port, '::1'))).toBe('')
})
