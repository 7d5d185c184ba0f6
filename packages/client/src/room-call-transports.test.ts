import { describe, expect, it } from 'vitest'
import { CallWorld, type FakePage } from './testing/call-world.ts'
import type { RoadKeeper } from './testing/fake-socket.ts'

/** Connections of a page that stand: WebSockets, and polls. */
function standing(page: FakePage): readonly number[] {
  return page.roads.map((road) => road.standing)
}

/** Two who talk: Ann over a WebSocket, Bob past what keeps his WebSockets. */
async function behind(keeper: RoadKeeper): Promise<{ world: CallWorld; ann: FakePage; bob: FakePage }> {
  const world = new CallWorld()
  const { page: ann, code } = await world.host('Ann')
  const bob = world.join('Bob', code)
  bob.roads[0].keeper = keeper
  await world.until(() => ann.snapshot.callers.length === 1)
  ann.call.accept(bob.snapshot.selfId ?? '')
  await world.until(() => ann.connected.length === 1 && bob.connected.length === 1)
  return { world, ann, bob }
}

/** Every state of the connection to the server that a page shows from now on. */
function watchServer(page: FakePage): ReadonlySet<string> {
  const seen = new Set<string>([page.snapshot.server])
  page.call.subscribe(() => seen.add(page.snapshot.server))
  return seen
}

describe('a call whose WebSockets do not get through', () => {
  it.each(['refuses', 'hangs', 'swallows'] as const)('goes by polls when something %s', async (keeper) => {
    const { ann, bob } = await behind(keeper)
    expect([standing(ann), standing(bob)]).toEqual([
      [1, 0],
      [0, 1],
    ])
    expect(bob.snapshot.server).toBe('online')
    expect(bob.notices).not.toContain('serverLost')
  })

  it('goes over to a WebSocket after 30 s once one gets through, and shows nothing of it', async () => {
    const { world, ann, bob } = await behind('refuses')
    const seen = watchServer(bob)
    bob.roads[0].keeper = 'open'
    await world.until(() => standing(bob)[0] === 1, 30_000)
    await world.until(() => standing(bob)[1] === 0)
    await world.advance(60_000)
    expect(standing(bob)).toEqual([1, 0])
    expect([...seen]).toEqual(['online'])
    expect(ann.snapshot.peers[0]?.isAway).toBe(false)
    expect([...ann.notices, ...bob.notices].filter((notice) => /server|peerLeft/.test(notice))).toEqual([])
  })

  it('does so at once after a change of network', async () => {
    const { world, bob } = await behind('hangs')
    const seen = watchServer(bob)
    bob.roads[0].keeper = 'open'
    bob.tell('networkChanged')
    await world.until(() => standing(bob).join() === '1,0', 1_000)
    expect([...seen]).toEqual(['online'])
  })

  it.each(['refuses', 'hangs', 'swallows'] as const)(
    'stays with polls while something %s, for hours',
    async (keeper) => {
      const { world, bob } = await behind(keeper)
      const seen = watchServer(bob)
      await world.advance(2 * 3_600_000)
      expect(standing(bob)).toEqual([0, 1])
      expect([...seen]).toEqual(['online'])
    },
  )

  it('stays with polls when they are lost and come back', async () => {
    const { world, bob } = await behind('refuses')
    world.killServer()
    await world.until(() => bob.snapshot.server === 'reconnecting')
    world.startServer()
    await world.until(() => bob.snapshot.server === 'online')
    expect(standing(bob)).toEqual([0, 1])
  })
})

describe('a call whose WebSockets got through before', () => {
  it('is back on them soon after the server was away', async () => {
    const { world, ann, bob } = await behind('open')
    world.killServer()
    await world.until(() => bob.snapshot.server === 'reconnecting')
    await world.advance(20_000)
    world.startServer()
    await world.until(() => [ann, bob].every((page) => page.snapshot.server === 'online'))
    await world.advance(5_000)
    expect([standing(ann), standing(bob)]).toEqual([
      [1, 0],
      [1, 0],
    ])
  })

  it('goes by polls when they stop getting through, and what was said meanwhile arrives', async () => {
    const { world, ann, bob } = await behind('open')
    bob.roads[0].isBlocked = true
    bob.roads[0].keeper = 'hangs'
    await world.until(() => standing(bob)[1] === 1 && bob.snapshot.server === 'online')
    expect(ann.notices).not.toContain('peerLeft Bob')
    await world.until(() => ann.snapshot.peers[0]?.isAway === false)
  })
})

describe('the transports of a call', () => {
  it('are those that its options name', async () => {
    const world = new CallWorld()
    const opened: string[] = []
    const page = world.create('Ann', {
      transports: [
        {
          open(server, listener) {
            opened.push(server.href)
            queueMicrotask(() => listener.closed())
            return { send: () => {}, close: () => {} }
          },
        },
      ],
    })
    await world.until(() => page.phase === 'ended')
    expect(page.status).toEqual({ phase: 'ended', reason: 'serverUnreachable' })
    expect(new Set(opened)).toEqual(new Set(['https://call.example/']))
    expect(standing(page)).toEqual([0, 0])
  })
})
