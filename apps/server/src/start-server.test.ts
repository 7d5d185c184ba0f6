import { once } from 'node:events'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type Member, member } from './testing/member.ts'
import { afterThis, dial, hear, start, testFlags } from './testing/running.ts'
import { askUdp } from './testing/stun-question.ts'

const hello = Uint8Array.of(1, 2, 3)

async function pair(port: () => number): Promise<{ ann: Member; bob: Member }> {
  const ann = member(port, { kind: 'create' })
  const { nameplate } = await ann.event('joined')
  const bob = member(port, { kind: 'join', nameplate, ifEmpty: 'refuse' })
  await bob.event('joined')
  return { ann, bob }
}

test('two members meet and messages pass', async () => {
  const { port } = await start()
  const { ann, bob } = await pair(() => port)
  expect((await ann.event('memberJoined')).member).toBe(bob.id)
  bob.send(ann.id, hello)
  expect(await ann.event('envelope')).toMatchObject({ from: bob.id, envelope: hello })
})

test('members are given the STUN address of this server, by the host they asked for', async () => {
  const { port } = await start()
  const { iceServers } = await member(() => port, { kind: 'create' }).event('joined')
  expect(iceServers[0]).toEqual({ urls: [`stun:localhost:${port}`] })
})

test('members are given the STUN address that --stun-url names', async () => {
  const { port } = await start({ stunUrl: 'stun:stun.example.org:3478' })
  const { iceServers } = await member(() => port, { kind: 'create' }).event('joined')
  expect(iceServers[0]).toEqual({ urls: ['stun:stun.example.org:3478'] })
})

test('a cut connection comes back and loses nothing', async () => {
  const { port } = await start()
  const { ann, bob } = await pair(() => port)
  ann.cut()
  bob.send(ann.id, hello)
  expect(await ann.event('envelope')).toMatchObject({ from: bob.id, envelope: hello })
})

test('a stop tells members, and a server with the same state folder takes them back', async () => {
  const flags = await testFlags()
  let server = await start(flags)
  const { ann, bob } = await pair(() => server.port)
  bob.send(ann.id, hello)
  await ann.event('envelope')
  await server.close()
  expect(await ann.event('connectionLost')).toMatchObject({ isServerStopping: true })
  expect(await bob.event('connectionLost')).toMatchObject({ isServerStopping: true })
  server = await start({ ...flags, port: String(server.port) })
  await ann.event('connectionRestored')
  await bob.event('connectionRestored')
  ann.send(bob.id, hello)
  expect(await bob.event('envelope')).toMatchObject({ from: ann.id, envelope: hello })
})

test('a stop ends everything within two seconds, whoever does not answer', async () => {
  const server = await start()
  const deaf = new WebSocket(`ws://localhost:${server.port}/signal`, 'crowfly.1')
  afterThis(() => deaf.terminate())
  await once(deaf, 'open')
  deaf.pause()
  const half = await dial(server.port)
  half.write('GET / HTTP/1.1\r\n')
  const silent = await dial(server.port)
  const began = performance.now()
  await server.close()
  expect(performance.now() - began).toBeLessThan(2_000)
  await Promise.all([hear(half, () => false), hear(silent, () => false)])
  await expect(dial(server.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('a stopped server lets go of its ports', async () => {
  const first = await start()
  await first.close()
  const second = await start({ port: String(first.port) })
  expect((await askUdp(second.port, '127.0.0.1')).answeredBy).toBe(`127.0.0.1 ${first.port}`)
})

test('a host that is no address of this machine is refused with those that are', async () => {
  await expect(start({ host: ['192.0.2.213'] })).rejects.toMatchObject({
    code: 'ADDRESS_NOT_AVAILABLE',
    message: expect.stringMatching(/^192\.0\.2\.213 is no address of this machine\. .*127\.0\.0\.1/),
  })
  await expect(start({ host: ['no-such-name.invalid'] })).rejects.toMatchObject({
    code: 'ADDRESS_NOT_AVAILABLE',
    message: expect.stringContaining('no-such-name.invalid'),
  })
})

test('a server on all addresses answers at each, by STUN too', async () => {
  const server = await start({ host: [] })
  const hosts = server.addresses().filter(({ reach }) => reach !== 'linkLocal')
  for (const { address } of hosts) {
    const { answeredBy } = await askUdp(server.port, address)
    expect(answeredBy).toBe(`${address} ${server.port}`)
    const socket = await dial(server.port, address)
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(String(await hear(socket, (heard) => heard.includes('ok\n')))).toMatch(/^HTTP\/1\.1 200 OK/)
  }
})
