import { describe, expect, test } from 'vitest'
import { CallWorld } from './testing/call-world.ts'

describe('a call between two', () => {
  test('a member alone rings, and accepting lets both see each other', async () => {
    const world = new CallWorld()
    const { page: ann, code } = await world.host('Ann')
    expect(ann.status).toEqual({ phase: 'waiting', alone: 'first' })
    const bob = world.join('Bob', code)
    await world.until(() => bob.status.phase === 'calling' && bob.status.ringing)
    expect(ann.snapshot.callers.map(({ name }) => name)).toEqual(['Bob'])
    // Nothing of the caller's offer is touched before somebody accepts.
    expect(world.network.on('Ann')).toHaveLength(0)
    ann.call.accept(bob.snapshot.selfId ?? '')
    await world.until(() => ann.connected[0] === 'Bob' && bob.connected[0] === 'Ann')
    expect([ann.phase, bob.phase]).toEqual(['inCall', 'inCall'])
    expect(ann.snapshot.callers).toEqual([])
    expect([ann.notices, bob.notices]).toEqual([['peerJoined Bob'], ['peerJoined Ann']])
    expect([ann.call.failures, bob.call.failures]).toEqual([0, 0])
  })

  test('the connection is made with the server named by the room and one bundle', async () => {
    const world = new CallWorld()
    const { caller } = await world.pair()
    const [connection] = world.network.on(caller.name)
    expect(connection?.configuration).toMatchObject({
      bundlePolicy: 'max-bundle',
      iceServers: [{ urls: ['stun:call.example:3478'] }],
    })
  })

  test('a connection that stands gets the servers that come later, without a restart', async () => {
    const world = new CallWorld()
    const { host, caller } = await world.pair()
    world.icePort = 3479
    await world.advance(1_900_000)
    for (const { name } of [host, caller]) {
      const connections = world.network.on(name)
      expect(connections).toHaveLength(1)
      expect(connections[0]?.configuration).toMatchObject({
        bundlePolicy: 'max-bundle',
        iceServers: [{ urls: ['stun:call.example:3479'] }],
      })
      expect(connections[0]?.restarts).toBe(0)
    }
    expect([host.call.failures, caller.call.failures]).toEqual([0, 0])
  })

  test('a server that has forgotten everything gives new servers before ICE is restarted', async () => {
    const world = new CallWorld()
    const { host } = await world.pair()
    world.killServer()
    world.icePort = 3479
    world.startServer()
    const [connection] = world.network.on(host.name)
    await world.until(() => connection?.configuration.iceServers?.[0]?.urls[0] === 'stun:call.example:3479')
    expect(host.call.failures).toBe(0)
  })

  test('declining ends the call of the other side', async () => {
    const world = new CallWorld()
    const { page: ann, code } = await world.host('Ann')
    const bob = world.join('Bob', code)
    await world.until(() => ann.snapshot.callers.length === 1)
    ann.call.decline(bob.snapshot.selfId ?? '')
    await world.until(() => bob.phase === 'ended')
    expect(bob.status).toEqual({ phase: 'ended', reason: 'declined' })
    expect(ann.status).toEqual({ phase: 'waiting', alone: 'first' })
    await world.advance(5_000)
    // Turned away is not missed.
    expect(ann.notices).toEqual([])
    expect(world.network.on('Bob')).toHaveLength(0)
  })

  test('a call that nobody answers ends after the ring time, and is missed there', async () => {
    const world = new CallWorld()
    const { page: ann, code } = await world.host('Ann')
    const bob = world.join('Bob', code, { ringTimeoutMs: 8_000 })
    await world.until(() => ann.snapshot.callers.length === 1)
    await world.until(() => bob.phase === 'ended', 8_000)
    expect(bob.status).toEqual({ phase: 'ended', reason: 'noAnswer' })
    await world.until(() => ann.snapshot.callers.length === 0)
    expect(ann.notices).toEqual(['missedCall Bob'])
  })

  test('who was missed and rings again is named as such', async () => {
    const world = new CallWorld()
    const { page: ann, code } = await world.host('Ann')
    const bob = world.join('Bob', code)
    await world.until(() => ann.snapshot.callers.length === 1)
    bob.call.leave()
    await world.until(() => ann.snapshot.callers.length === 0)
    world.join('Bob', code)
    await world.until(() => ann.snapshot.callers.length === 1)
    expect(ann.notices).toEqual(['missedCall Bob', 'callAgain Bob'])
  })

  test('hanging up leaves the other alone, where the next one rings again', async () => {
    const world = new CallWorld()
    const { host, caller, code } = await world.pair()
    caller.call.leave()
    expect(caller.status).toEqual({ phase: 'ended', reason: 'left' })
    await world.until(() => host.phase === 'waiting')
    expect(host.status).toEqual({ phase: 'waiting', alone: 'left' })
    expect(host.notices).toEqual(['peerJoined Bob', 'peerLeft Bob'])
    const again = world.join('Bob', code, {}, caller.storage)
    await world.until(() => host.snapshot.callers.length === 1)
    expect(again.phase).toBe('calling')
  })

  test('when the one who rings goes away there is nobody, or one waits in their place', async () => {
    const world = new CallWorld()
    const { page: ann, code } = await world.host('Ann')
    const bob = world.join('Bob', code)
    const cat = world.join('Cat', code, { room: { kind: 'join', code, ifEmpty: 'wait' } })
    await world.until(() => ann.snapshot.callers.length === 2)
    ann.call.leave()
    await world.until(() => bob.phase !== 'calling')
    // Bob is the elder now: Cat, whose call he could not answer before, rings at his side.
    expect(bob.status).toEqual({ phase: 'waiting', alone: 'first' })
    await world.until(() => bob.snapshot.callers.length === 1)
    expect(bob.snapshot.callers.map(({ name }) => name)).toEqual(['Cat'])
    bob.call.leave()
    await world.until(() => cat.phase === 'waiting')
    const dan = world.join('Dan', code)
    await world.until(() => cat.snapshot.callers.length === 1)
    cat.call.leave()
    await world.until(() => dan.phase === 'ended')
    expect(dan.status).toEqual({ phase: 'ended', reason: 'nobodyThere' })
  })
})

describe('a call of several', () => {
  test('once two are in, a third enters at once and is connected to both', async () => {
    const world = new CallWorld()
    const { host, caller, code } = await world.pair()
    const cat = world.join('Cat', code)
    await world.until(() => cat.connected.length === 2)
    expect([...cat.connected].sort()).toEqual(['Ann', 'Bob'])
    await world.until(() => host.connected.length === 2 && caller.connected.length === 2)
    expect(host.snapshot.callers).toEqual([])
  })

  test('accepting the first of several callers lets all of them in, to each other too', async () => {
    const world = new CallWorld()
    const { page: ann, code } = await world.host('Ann')
    const others = ['Bob', 'Cat', 'Dan'].map((name) => world.join(name, code))
    await world.until(() => ann.snapshot.callers.length === 3)
    // Each newcomer offers to those before it; they hold that until they are in themselves.
    ann.call.accept(ann.snapshot.callers[1]?.id ?? '')
    await world.until(() => [ann, ...others].every((page) => page.connected.length === 3))
  })

  test('declining one caller leaves the others ringing', async () => {
    const world = new CallWorld()
    const { page: ann, code } = await world.host('Ann')
    const bob = world.join('Bob', code)
    const cat = world.join('Cat', code)
    await world.until(() => ann.snapshot.callers.length === 2)
    ann.call.decline(bob.snapshot.selfId ?? '')
    await world.until(() => bob.phase === 'ended')
    await world.advance(2_000)
    expect(cat.status.phase).toBe('calling')
    ann.call.accept(cat.snapshot.selfId ?? '')
    await world.until(() => cat.connected[0] === 'Ann')
  })

  test('a ninth caller is told that it is busy', async () => {
    const world = new CallWorld()
    const { page: ann, code } = await world.host('Ann')
    for (let count = 1; count <= 8; count++) {
      world.join(`caller ${count}`, code)
      await world.until(() => ann.snapshot.callers.length === count)
    }
    const ninth = world.join('ninth', code)
    await world.until(() => ninth.phase === 'ended')
    expect(ninth.status).toEqual({ phase: 'ended', reason: 'declined' })
    expect(ann.snapshot.callers).toHaveLength(8)
  })
})

describe('coming back after a reload', () => {
  test.for(['host', 'caller'] as const)('the %s of a call does not ring again', async (who) => {
    const world = new CallWorld()
    const pages = await world.pair()
    const stays = who === 'host' ? pages.caller : pages.host
    const back = pages[who].reload()
    await world.until(() => back.connected.length === 1)
    expect(back.connected).toEqual([stays.name])
    await world.until(() => stays.connected.length === 1)
    expect(stays.snapshot.callers).toEqual([])
    // And once more, with the pass that the second answer gave.
    const again = back.reload()
    await world.until(() => again.connected.length === 1 && stays.connected.length === 1)
  })

  test('someone else in the same place rings', async () => {
    const world = new CallWorld()
    const { host, caller, code } = await world.pair()
    caller.tell('leaving')
    const eve = world.join('Bob', code)
    await world.until(() => host.snapshot.callers.length === 1)
    expect(eve.phase).toBe('calling')
  })

  test('does not start the clock of the one who stayed again', async () => {
    const world = new CallWorld()
    const { host, caller } = await world.pair()
    const { status } = host
    await world.advance(30_000)
    const back = caller.reload()
    await world.until(() => host.phase === 'waiting')
    await world.until(() => host.phase === 'inCall')
    expect(host.status).toEqual(status)
    // It is a new call when they hang up and ring.
    back.call.leave()
    await world.until(() => host.phase === 'waiting')
    world.join('Bob', world.codeOf(host))
    await world.until(() => host.snapshot.callers.length === 1)
    host.call.accept(host.snapshot.callers[0]?.id ?? '')
    expect(host.phase).toBe('inCall')
    expect(host.status).not.toEqual(status)
  })

  test('a minute later begins a call of its own', async () => {
    const world = new CallWorld()
    const { host, caller } = await world.pair()
    const { status } = host
    caller.tell('leaving')
    await world.until(() => host.phase === 'waiting')
    await world.advance(60_000)
    caller.reload()
    await world.until(() => host.phase === 'inCall')
    expect(host.status).not.toEqual(status)
  })

  test('a page that reloads into a room whose other member has left is alone', async () => {
    const world = new CallWorld()
    const { host, caller, code } = await world.pair()
    const other = world.join('Cat', code)
    await world.until(() => other.connected.length === 2)
    caller.call.leave()
    const back = host.reload()
    await world.until(() => back.connected.length === 1)
    expect(back.connected).toEqual(['Cat'])
  })
})
