import { generateWordsCode } from '@crowfly/pairing'
import { describe, expect, test } from 'vitest'
import { CallWorld, type FakePage } from './testing/call-world.ts'

const peerOf = (page: FakePage) => page.snapshot.peers[0]

/** Bob has called Ann, who has just accepted: the connection is about to be made. */
async function accepted(world: CallWorld): Promise<{ host: FakePage; caller: FakePage }> {
  const { page: host, code } = await world.host('Ann')
  const caller = world.join('Bob', code)
  await world.until(() => host.snapshot.callers.length === 1)
  host.call.accept(caller.snapshot.selfId ?? '')
  await world.until(() => world.network.on('Bob').length === 1 && world.network.on('Ann').length === 1)
  return { host, caller }
}

/** What Bob says on his data channel is lost. */
function mute(world: CallWorld): void {
  const [connection] = world.network.on('Bob')
  if (connection?.channel) connection.channel.send = () => {}
}

describe('what is known of a peer', () => {
  test('is that they know the code, once both have shown it on their own connection', async () => {
    const world = new CallWorld()
    const { host, caller } = await world.pair()
    await world.until(() => [host, caller].every((page) => peerOf(page)?.trust === 'code'))
    expect(peerOf(host)?.emoji).toHaveLength(7)
    expect(peerOf(host)?.emoji).toEqual(peerOf(caller)?.emoji)
  })

  test('is nothing before that', async () => {
    const world = new CallWorld()
    const { host } = await accepted(world)
    expect(peerOf(host)).toMatchObject({ trust: 'pending', emoji: [] })
  })

  test('is that they are who they are when the person has compared the emoji, over a connection that replaces another', async () => {
    const world = new CallWorld()
    const { host, caller } = await world.pair()
    await world.until(() => peerOf(host)?.trust === 'code')
    host.call.setVerified(caller.snapshot.selfId ?? '', true)
    expect(peerOf(host)?.trust).toBe('verified')
    const [connection] = world.network.on('Bob')
    if (connection !== undefined) world.network.wedge(connection)
    await world.until(() => world.network.on('Bob')[0] !== connection)
    await world.until(() => peerOf(host)?.trust !== 'pending' && peerOf(caller)?.trust === 'code')
    expect(peerOf(host)?.trust).toBe('verified')
    host.call.setVerified(caller.snapshot.selfId ?? '', false)
    expect(peerOf(host)?.trust).toBe('code')
  })

  test('is asked anew after a reload', async () => {
    const world = new CallWorld()
    const { host, caller } = await world.pair()
    await world.until(() => peerOf(host)?.trust === 'code')
    host.call.setVerified(caller.snapshot.selfId ?? '', true)
    caller.reload()
    await world.until(() => host.phase === 'waiting')
    await world.until(() => peerOf(host)?.trust === 'code')
  })
})

describe('a connection that does not show whose it is', () => {
  test('is cut when it shows something else, and that is said', async () => {
    const world = new CallWorld()
    const { host } = await accepted(world)
    const [connection] = world.network.on('Bob')
    // As if the other end of the DTLS connection were somebody else.
    const channel = connection?.channel
    if (channel) channel.send = () => world.network.carry(connection, new ArrayBuffer(64))
    await world.until(() => host.notices.includes('peerUnproven Bob'))
    expect(host.phase).toBe('waiting')
    expect(host.notices).not.toContain('peerLeft Bob')
  })

  test('neither gets nor shows a picture when it shows nothing for five seconds, until it does', async () => {
    const world = new CallWorld()
    const { host } = await accepted(world)
    await host.media.setCamera(true)
    mute(world)
    const [here] = world.network.on('Ann')
    const camera = () => here?.getTransceivers()[1]
    await world.until(() => camera()?.sender.track !== null && camera()?.sender.track !== undefined)
    await world.until(() => camera()?.receiver.track.enabled === false)
    expect(camera()?.sender.track).toBeNull()
    expect(peerOf(host)?.trust).toBe('pending')
    // The connection is replaced, and the new one shows it.
    await world.until(() => peerOf(host)?.trust === 'code')
    const after = world.network.on('Ann').at(-1)?.getTransceivers()[1]
    await world.until(() => after?.receiver.track.enabled === true && after.sender.track !== null)
  })

  test('takes chat only when it has shown it', async () => {
    const world = new CallWorld()
    const { host, caller } = await accepted(world)
    mute(world)
    await world.until(() => host.connected.length === 1)
    expect(host.call.sendChat('for Bob only')).toBe(true)
    await world.advance(1_000)
    expect(caller.snapshot.chat).toEqual([])
    await world.until(() => caller.snapshot.chat.length === 1)
    expect(peerOf(host)?.trust).toBe('code')
  })
})

describe('a wrong code', () => {
  test('ends the call, and nobody rings', async () => {
    const world = new CallWorld()
    const { page: host, code } = await world.host('Ann')
    const caller = world.join('Bob', generateWordsCode(code.nameplate, world.random))
    await world.until(() => caller.phase === 'ended')
    expect(caller.status).toEqual({ phase: 'ended', reason: 'wrongCode' })
    expect(host.snapshot.callers).toEqual([])
    expect(host.notices).toEqual([])
    expect(host.snapshot.guessing).toBe('none')
  })

  test('is left with a goodbye: the next to try does not wait for who was turned away', async () => {
    const world = new CallWorld()
    const { code } = await world.host('Ann')
    const first = world.join('Bob', generateWordsCode(code.nameplate, world.random))
    await world.until(() => first.phase === 'ended')
    const second = world.join('Bob', generateWordsCode(code.nameplate, world.random))
    await world.advance(5_000)
    expect(second.status).toEqual({ phase: 'ended', reason: 'wrongCode' })
  })

  test('is told of by the fifth time', async () => {
    const world = new CallWorld()
    const { page: host, code } = await world.host('Ann')
    for (let count = 0; count < 5; count++) {
      const caller = world.join('Eve', generateWordsCode(code.nameplate, world.random))
      await world.until(() => caller.phase === 'ended')
    }
    expect(host.snapshot.guessing).toBe('guessing')
    const friend = world.join('Bob', code)
    await world.until(() => host.snapshot.callers.length === 1)
    host.call.accept(friend.snapshot.selfId ?? '')
    await world.until(() => host.connected.length === 1)
  })
})

describe('a room that was looked at', () => {
  test('is called without waiting for the server, and nobody there has heard of the look', async () => {
    const world = new CallWorld()
    const { page: host, code } = await world.host('Ann')
    const prepared = world.prepare(code)
    await world.advance(2_000)
    expect(host.notices).toEqual([])
    const caller = world.join('Bob', code, { prepared })
    const pressedAt = world.clock.now()
    await world.until(() => caller.phase === 'calling')
    expect(world.clock.now() - pressedAt).toBe(0)
    await world.until(() => host.snapshot.callers.length === 1)
    // Two trips of 10 ms, and what the browser takes to make an offer.
    expect(world.clock.now() - pressedAt).toBeLessThan(40)
    host.call.accept(caller.snapshot.selfId ?? '')
    await world.until(() => host.connected.length === 1 && caller.connected.length === 1)
    expect(caller.snapshot.server).toBe('online')
  })

  test('is left alone when the look is taken back, and looked at again after a while', async () => {
    const world = new CallWorld()
    const { code } = await world.host('Ann')
    const prepared = world.prepare(code)
    await world.advance(120_000)
    expect(world.place.host?.openPaths).toHaveLength(2)
    prepared.close()
    await world.advance(1_000)
    expect(world.place.host?.openPaths).toHaveLength(1)
  })

  test('is called in spite of a reload there since', async () => {
    const world = new CallWorld()
    const { page: host, code } = await world.host('Ann')
    const prepared = world.prepare(code)
    await world.advance(2_000)
    const anew = host.reload('wait')
    await world.until(() => anew.phase === 'waiting')
    const caller = world.join('Bob', code, { prepared })
    await world.until(() => anew.snapshot.callers.length === 1)
    expect(caller.phase).toBe('calling')
  })

  test('is joined in the ordinary way when the look came to nothing', async () => {
    const world = new CallWorld()
    const { page: host, code } = await world.host('Ann')
    world.killServer()
    const prepared = world.prepare(code)
    await world.advance(5_000)
    world.startServer()
    await world.until(() => host.snapshot.server === 'online')
    const caller = world.join('Bob', code, { prepared })
    await world.until(() => host.snapshot.callers.length === 1)
    expect(caller.phase).toBe('calling')
  })
})

describe('a room that trusts the server', () => {
  test('lets in whom the server lets in, and never says that the code shows who they are', async () => {
    const world = new CallWorld()
    const host = world.create('Ann', { trust: 'server', room: { kind: 'create' } })
    await world.until(() => host.phase === 'waiting')
    expect(host.snapshot.code).toBeNull()
    const name = host.snapshot.nameplate ?? ''
    const caller = world.create('Bob', { trust: 'server', room: { kind: 'join', name, ifEmpty: 'refuse' } })
    await world.until(() => host.snapshot.callers.length === 1)
    host.call.accept(caller.snapshot.selfId ?? '')
    await world.until(() => peerOf(host)?.trust === 'server' && peerOf(caller)?.trust === 'server')
    expect(peerOf(host)?.emoji).toEqual(peerOf(caller)?.emoji)
    host.call.setVerified(caller.snapshot.selfId ?? '', true)
    expect(peerOf(host)?.trust).toBe('verified')
  })

  test('has nothing to do with a room with a code of the same name, either way', async () => {
    const world = new CallWorld()
    const { page: host, code } = await world.host('Ann')
    const name = code.nameplate
    const eve = world.create('Eve', { trust: 'server', room: { kind: 'join', name, ifEmpty: 'refuse' } })
    await world.until(() => eve.phase === 'ended')
    expect(eve.status).toEqual({ phase: 'ended', reason: 'wrongCode' })
    expect(host.snapshot.callers).toEqual([])
    const open = world.create('Ann', {
      trust: 'server',
      room: { kind: 'join', name: 'kitchen', ifEmpty: 'wait' },
    })
    await world.until(() => open.phase === 'waiting')
    const caller = world.join('Bob', { kind: 'chosen', nameplate: 'kitchen', secret: 'under the rug' })
    await world.until(() => caller.phase === 'ended')
    expect(caller.status).toEqual({ phase: 'ended', reason: 'wrongCode' })
  })
})

test('in an honest room nobody is said to be kept out of sight', async () => {
  const world = new CallWorld()
  const { host, caller, code } = await world.pair()
  const cat = world.join('Cat', code)
  const pages = [host, caller, cat]
  await world.until(() => pages.every((page) => page.connected.length === 2))
  await world.advance(60_000)
  caller.silence()
  await world.advance(60_000)
  const hidden = pages.flatMap(({ notices }) => notices).filter((notice) => notice.startsWith('memberHidden'))
  expect(hidden).toEqual([])
})
