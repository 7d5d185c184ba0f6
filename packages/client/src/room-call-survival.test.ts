import { describe, expect, test } from 'vitest'
import { CallWorld, type FakePage } from './testing/call-world.ts'

function peerOf(page: FakePage) {
  return page.snapshot.peers[0]
}

describe('the server goes away in mid-call', () => {
  test('media, chat and mute go on, and signaling comes back by itself', async () => {
    const world = new CallWorld()
    const { host, caller } = await world.pair()
    await host.media.setMicrophone(true)
    world.killServer()
    await world.until(
      () => host.snapshot.server === 'reconnecting' && caller.snapshot.server === 'reconnecting',
    )
    await host.media.setMicrophone(false)
    expect(host.call.sendChat('still here')).toBe(true)
    await world.until(() => caller.snapshot.chat.length === 1)
    expect(peerOf(caller)?.media.microphone).toBe('muted')
    await world.advance(60_000)
    expect([host.connected, caller.connected]).toEqual([['Bob'], ['Ann']])
    world.startServer()
    await world.until(() => host.snapshot.server === 'online' && caller.snapshot.server === 'online')
    await world.advance(60_000)
    expect([host.connected, caller.connected]).toEqual([['Bob'], ['Ann']])
    expect(host.notices).toEqual(['peerJoined Bob', 'serverLost', 'serverBack'])
    expect([host.call.failures, caller.call.failures]).toEqual([0, 0])
  })

  test('hanging up reaches the other without it', async () => {
    const world = new CallWorld()
    const { host, caller } = await world.pair()
    world.killServer()
    await world.advance(1_000)
    caller.call.leave()
    await world.until(() => host.phase === 'waiting', 1_000)
  })

  test('a room made anew by its members takes newcomers in', async () => {
    const world = new CallWorld()
    const { host, code } = await world.pair()
    world.killServer()
    await world.advance(2_000)
    world.startServer()
    await world.until(() => host.snapshot.server === 'online')
    await world.advance(3_000)
    const cat = world.join('Cat', code)
    await world.until(() => cat.connected.length === 2)
  })

  test('a server that was never there ends the call, and that is said', async () => {
    const world = new CallWorld()
    world.killServer()
    const page = world.create('Ann')
    await world.until(() => page.phase === 'ended')
    expect(page.status).toEqual({ phase: 'ended', reason: 'serverUnreachable' })
  })
})

describe('the network changes in mid-call', () => {
  test('ICE is restarted as soon as the page hears of it, and the peer is there again', async () => {
    const world = new CallWorld()
    const { host, caller } = await world.pair()
    const before = world.network.on('Bob')[0]?.fragments
    world.network.roam('Bob')
    caller.tell('networkChanged')
    // Sooner than ICE itself would have noticed.
    await world.advance(1_000)
    expect(world.network.on('Bob')[0]?.fragments?.local).not.toBe(before?.local)
    expect(peerOf(host)?.connection).toBe('connected')
    await world.until(() => host.connected.length === 1 && caller.connected.length === 1)
    await world.advance(30_000)
    expect([host.connected, caller.connected]).toEqual([['Bob'], ['Ann']])
  })

  test('a page that hears nothing restarts it two seconds after the path broke', async () => {
    const world = new CallWorld()
    const { host, caller } = await world.pair()
    world.network.roam('Bob')
    await world.until(() => peerOf(caller)?.connection === 'reconnecting')
    const brokeAt = world.clock.now()
    await world.until(() => caller.connected.length === 1)
    expect(world.clock.now() - brokeAt).toBeLessThan(3_000)
    await world.until(() => host.connected.length === 1)
  })

  test('both sides at once come to one connection', async () => {
    const world = new CallWorld()
    const { host, caller } = await world.pair()
    world.network.roam('Ann')
    world.network.roam('Bob')
    caller.tell('networkChanged')
    host.tell('networkChanged')
    await world.advance(3_000)
    expect([host.connected, caller.connected]).toEqual([['Bob'], ['Ann']])
    expect([host.call.failures, caller.call.failures]).toEqual([0, 0])
  })

  test('a long outage is waited out with growing pauses', async () => {
    const world = new CallWorld()
    const { host, caller } = await world.pair()
    world.network.cut('Bob')
    await world.advance(120_000)
    expect(peerOf(caller)?.connection).toBe('reconnecting')
    const restarts = world.network.connections.reduce((sum, { restarts }) => sum + restarts, 0)
    // By two sides, who do not wait for each other.
    expect(restarts).toBeGreaterThan(6)
    expect(restarts).toBeLessThan(16)
    world.network.plug('Bob')
    await world.until(() => host.connected.length === 1 && caller.connected.length === 1)
  })

  test.for(['Ann', 'Bob'] as const)('a connection of %s that no restart mends is replaced', async (name) => {
    const world = new CallWorld()
    const { host, caller } = await world.pair()
    const [broken] = world.network.on(name)
    await world.advance(500)
    host.call.sendChat('before')
    if (broken) world.network.wedge(broken)
    host.call.sendChat('on the way')
    await world.until(() => peerOf(caller)?.connection === 'reconnecting')
    host.call.sendChat('while it is broken')
    const camera = peerOf(host)?.camera
    const watched: string[] = []
    host.call.subscribe(() => watched.push(`${host.phase} ${peerOf(host)?.connection}`))
    await world.until(() => host.connected.length === 1 && caller.connected.length === 1)
    expect(world.network.on(name)).not.toContain(broken)
    // Nobody left, nobody rang, and the chat goes on.
    expect([host.notices, caller.notices]).toEqual([['peerJoined Bob'], ['peerJoined Ann']])
    expect(watched.filter((line) => !line.startsWith('inCall'))).toEqual([])
    expect(watched).not.toContain('inCall connecting')
    expect(peerOf(host)?.camera).toBe(camera)
    expect(peerOf(host)?.camera.getTracks()).toHaveLength(1)
    await world.advance(1_000)
    host.call.sendChat('there you are')
    await world.advance(1_000)
    const texts = caller.snapshot.chat.map(({ text }) => text)
    expect(texts).toEqual(['before', 'on the way', 'while it is broken', 'there you are'])
  })

  test.for(['Ann', 'Bob'] as const)(
    'a connection of %s that stands and is deaf is replaced',
    async (name) => {
      const world = new CallWorld()
      const { host, caller } = await world.pair()
      for (const page of [host, caller]) await page.media.setMicrophone(true)
      await world.advance(5_000)
      const [deaf] = world.network.on(name)
      if (deaf) deaf.isDeaf = true
      await world.until(() => !world.network.on(name).some((connection) => connection === deaf))
      await world.until(() => host.connected.length === 1 && caller.connected.length === 1)
      expect([host.notices, caller.notices]).toEqual([['peerJoined Bob'], ['peerJoined Ann']])
    },
  )
})

describe('between a Chromium and a Firefox', () => {
  test.for(['Ann', 'Bob'] as const)(
    'when %s changes the network, both hear each other afterwards',
    async (name) => {
      const world = new CallWorld()
      world.network.firefoxes.add('Ann')
      const { host, caller } = await world.pair()
      for (const page of [host, caller]) await page.media.setMicrophone(true)
      for (let changes = 0; changes < 3; changes++) {
        world.network.roam(name)
        ;(name === 'Ann' ? host : caller).tell('networkChanged')
        await world.advance(2_000)
        expect([host.connected, caller.connected]).toEqual([['Bob'], ['Ann']])
        expect(world.network.on('Ann').map(({ isDeaf }) => isDeaf)).toEqual([false])
      }
      expect([host.notices, caller.notices]).toEqual([['peerJoined Bob'], ['peerJoined Ann']])
    },
  )

  test('a path that dies while the server is away is replaced when both are back', async () => {
    const world = new CallWorld()
    world.network.firefoxes.add('Ann')
    const { host, caller } = await world.pair()
    world.killServer()
    world.network.roam('Bob')
    await world.until(() => peerOf(host)?.connection === 'reconnecting')
    await world.advance(20_000)
    world.startServer()
    await world.until(() => host.connected.length === 1 && caller.connected.length === 1)
    expect(world.network.on('Ann').map(({ isDeaf }) => isDeaf)).toEqual([false])
  })
})

describe('a peer that the server has given up', () => {
  test('stays while its media flows', async () => {
    const world = new CallWorld()
    const { host, caller } = await world.pair()
    caller.silence()
    await world.until(() => peerOf(host)?.isAway === true)
    await world.advance(120_000)
    expect(host.connected).toEqual(['Bob'])
    caller.unsilence()
    await world.until(() => peerOf(host)?.isAway === false)
    expect(host.connected).toEqual(['Bob'])
  })

  test('is gone fifteen seconds after its media stopped', async () => {
    const world = new CallWorld()
    const { host, caller } = await world.pair()
    caller.silence()
    world.network.cut('Bob')
    await world.until(() => host.phase === 'waiting', 90_000)
    expect(host.notices.at(-1)).toBe('peerLeft Bob')
  })

  test('is back without ringing when its network is', async () => {
    const world = new CallWorld()
    const { host, caller } = await world.pair()
    caller.silence()
    world.network.cut('Bob')
    await world.until(() => host.phase === 'waiting', 90_000)
    world.network.plug('Bob')
    caller.unsilence()
    await world.until(() => host.connected.length === 1 && caller.connected.length === 1, 120_000)
    expect(host.notices).not.toContain('missedCall Bob')
  })

  test('is not called again by a browser that makes no connections any more: the call ends', async () => {
    const world = new CallWorld()
    const { host, caller } = await world.pair()
    host.silence()
    world.network.cut('Ann')
    await world.until(() => caller.phase === 'waiting', 90_000)
    world.network.forbidding.add('Bob')
    world.network.plug('Ann')
    host.unsilence()
    await world.until(() => caller.phase !== 'waiting', 120_000)
    expect(caller.status).toMatchObject({ phase: 'ended', reason: 'webRtcMissing' })
  })
})

describe('a connection that does not come about', () => {
  test('is called failed after twenty seconds, and still tried', async () => {
    const world = new CallWorld()
    const { page: ann, code } = await world.host('Ann')
    world.network.cut('Bob')
    const bob = world.join('Bob', code)
    await world.until(() => ann.snapshot.callers.length === 1)
    ann.call.accept(bob.snapshot.selfId ?? '')
    await world.until(() => bob.phase === 'inCall')
    await world.advance(19_000)
    expect(peerOf(bob)?.connection).toBe('connecting')
    await world.advance(1_500)
    expect([peerOf(ann)?.connection, peerOf(bob)?.connection]).toEqual(['failed', 'failed'])
    world.network.plug('Bob')
    await world.until(() => ann.connected.length === 1 && bob.connected.length === 1)
  })
})
