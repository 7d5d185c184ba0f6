import { once } from 'node:events'
import { clientFrame, decode, encode, type ServerFrame, serverFrame } from '@crowfly/signaling/wire'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { member } from './testing/member.ts'
import { afterThis, start } from './testing/running.ts'

const join = (nameplate: string) => ({ kind: 'join', nameplate, ifEmpty: 'refuse' }) as const

/** A connection that has said hello, and what the server says on it. */
async function greeted(port: number): Promise<{ webSocket: WebSocket; said: ServerFrame[] }> {
  const webSocket = new WebSocket(`ws://localhost:${port}/signal`, 'crowfly.1', { perMessageDeflate: false })
  afterThis(() => webSocket.terminate())
  const said: ServerFrame[] = []
  webSocket.on('message', (bytes: Buffer) => {
    const frame = decode(serverFrame, new Uint8Array(bytes))
    if (typeof frame !== 'string') said.push(frame)
  })
  await once(webSocket, 'open')
  const session = crypto.getRandomValues(new Uint8Array(16))
  webSocket.send(encode(clientFrame, { type: 'hello', version: 2, session, received: 0 }))
  await expect.poll(() => said.map(({ type }) => type)).toContain('welcome')
  return { webSocket, said }
}

/** The code of the goodbye that ends a connection. */
async function goodbyeOf({
  webSocket,
  said,
}: Awaited<ReturnType<typeof greeted>>): Promise<string | undefined> {
  await once(webSocket, 'close')
  return said.map((frame) => (frame.type === 'goodbye' ? frame.code : undefined)).at(-1)
}

test('a flood of frames is sent away, and others are served on', async () => {
  const { port } = await start()
  const flooder = await greeted(port)
  const ping = encode(clientFrame, { type: 'ping', ack: 0 })
  for (let count = 0; count < 1_500; count++) flooder.webSocket.send(ping)
  expect(await goodbyeOf(flooder)).toBe('tooFast')
  await member(() => port, { kind: 'create' }).event('joined')
})

test('an envelope larger than the protocol has ends the connection that brings it', async () => {
  const { port } = await start()
  const giant = await greeted(port)
  const head = encode(clientFrame, {
    type: 'item',
    seq: 1,
    ack: 0,
    message: { type: 'send', to: 'A'.repeat(22), envelope: new Uint8Array(0) },
  })
  giant.webSocket.send(Buffer.concat([head, Buffer.alloc(65_537)]))
  expect(await goodbyeOf(giant)).toBe('malformed')
})

test('whoever counts through nameplates is stopped after ten unknown ones, known or not from then on', async () => {
  const { port } = await start()
  const { nameplate } = await member(() => port, { kind: 'create' }).event('joined')
  const others = Array.from({ length: 11 }, (_, count) => String(100_000 + count))
  for (const unknown of others.slice(0, 10)) {
    expect((await member(() => port, join(unknown)).event('refused')).code).toBe('unknownNameplate')
  }
  for (const any of [...others.slice(10), nameplate]) {
    expect(await member(() => port, join(any)).event('refused')).toMatchObject({
      code: 'tooManyTries',
      retryAfterMs: expect.any(Number),
    })
  }
})

test('an address whose wrong codes were reported joins nothing any more', async () => {
  const { port } = await start({ limit: ['guessesPerHour=3'] })
  const ann = member(() => port, { kind: 'create' })
  const { nameplate } = await ann.event('joined')
  for (let guess = 0; guess < 3; guess++) {
    const eve = member(() => port, join(nameplate))
    await eve.event('joined')
    ann.act((session) => session.reportGuess(eve.id))
    eve.leave()
    await expect
      .poll(() => ann.events.some((event) => event.type === 'memberLeft' && event.member === eve.id))
      .toBe(true)
  }
  const refused = await member(() => port, join(nameplate)).event('refused')
  expect(refused.code).toBe('tooManyTries')
})

test.each([
  ['looksPerMinute', 'lookRefused'],
  ['roomsPerHour', 'refused'],
] as const)('%s is a setting that holds', async (limit, outcome) => {
  const { port } = await start({ limit: [`${limit}=3`] })
  const { nameplate } = await member(() => port, { kind: 'create' }).event('joined')
  const act = (): ReturnType<typeof member> => {
    if (outcome === 'refused') return member(() => port, { kind: 'create' })
    const looker = member(() => port, 'outside')
    looker.act((session, now) => session.look(nameplate, now))
    return looker
  }
  const granted = outcome === 'refused' ? 2 : 3
  for (let count = 0; count < granted; count++) await act().event(outcome === 'refused' ? 'joined' : 'looked')
  expect(await act().event(outcome)).toMatchObject({ code: 'tooManyTries' })
})
