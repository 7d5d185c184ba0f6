import { describe, expect, it, onTestFinished } from 'vitest'
import { BadProxy, type ProxyManners } from './harness/bad-proxy.ts'
import type { Person } from './harness/person.ts'
import { useStage } from './harness/stage.ts'
import { until } from './harness/until.ts'

const stage = useStage()
const lost = /Connection to the server lost/

/** A proxy before the stage's server, which goes with the test. */
async function proxy(manners: Partial<ProxyManners>): Promise<BadProxy> {
  const started = await BadProxy.start(stage.server.port, manners)
  onTestFinished(() => started.close())
  return started
}

/** Ann waits, Bob calls, she accepts; each comes by an origin of their own. */
async function callBetween(
  ofAnn: string,
  ofBob: string,
): Promise<{ ann: Person; bob: Person; code: string }> {
  const [ann, bob] = await Promise.all([
    stage.arrive('Ann', { origin: ofAnn }),
    stage.arrive('Bob', { origin: ofBob }),
  ])
  const code = await ann.startCall()
  await bob.connect(code)
  await ann.isCalledBy('Bob')
  await ann.accept()
  await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
  return { ann, bob, code }
}

/** Reloads the page of `who`, which takes signaling on both sides. */
async function comesBack(who: Person, other: Person): Promise<void> {
  await who.page.reload()
  await Promise.all([who.isInCallWith(other.name), other.isInCallWith(who.name)])
}

describe('a call of two behind a proxy', () => {
  it('that never answers a WebSocket, and passes answers on only as a whole', async () => {
    const between = await proxy({ upgrades: 'ignore', buffers: true })
    await callBetween(between.origin, between.origin)
    expect(between.polls).toBeGreaterThan(8)
  })

  it('that answers a WebSocket as an ordinary request, and cuts every connection after a while', async () => {
    const between = await proxy({ upgrades: 'answer 200', cutAfterMs: 2_000 })
    const { ann, bob } = await callBetween(between.origin, between.origin)
    const { cuts } = between
    await until('connections were cut', () => between.cuts > cuts + 4)
    await comesBack(bob, ann)
    for (const person of [ann, bob]) expect(await person.page.getByText(lost).count()).toBe(0)
  })

  it('that opens a WebSocket and lets nothing through it', async () => {
    const between = await proxy({ upgrades: 'keep' })
    await callBetween(between.origin, between.origin)
    expect(between.polls).toBeGreaterThan(8)
  })
})

describe('a call by long polls', () => {
  it('connects one who polls with one who has a WebSocket, and goes over to one when the proxy mends', async () => {
    const between = await proxy({ upgrades: 'answer 400' })
    const { ann, bob } = await callBetween(between.origin, stage.server.origin)
    expect(between.webSockets).toBe(0)
    between.manners.upgrades = 'pass'
    await ann.page.evaluate(() => window.dispatchEvent(new Event('online')))
    await until('a WebSocket passes', () => between.webSockets === 1)
    await comesBack(bob, ann)
    expect(await ann.page.getByText(lost).count()).toBe(0)
    expect([between.webSockets, between.pendingPolls]).toEqual([1, 0])
  })

  it('takes four people', async () => {
    const between = await proxy({ upgrades: 'answer 400', buffers: true })
    const { ann, bob, code } = await callBetween(between.origin, between.origin)
    const [cat, dan] = await Promise.all([
      stage.arrive('Cat', { origin: between.origin }),
      stage.arrive('Dan', { origin: between.origin }),
    ])
    await cat.connect(code)
    await cat.isInCallWith('Ann', 'Bob')
    await dan.connect(code)
    await Promise.all([
      dan.isInCallWith('Ann', 'Bob', 'Cat'),
      ...[ann, bob, cat].map((person) => person.seesVideoOf('Dan')),
    ])
    expect(between.webSockets).toBe(0)
  })

  it('outlives the server, and comes back to it', async () => {
    const between = await proxy({ upgrades: 'answer 400' })
    const { ann, bob } = await callBetween(between.origin, between.origin)
    await stage.server.stop('SIGKILL')
    await ann.seesText(lost)
    await stage.server.start()
    await Promise.all([ann.isOnline(), bob.isOnline()])
    await comesBack(bob, ann)
    expect(between.webSockets).toBe(0)
  })

  it('is the same from Firefox', async () => {
    const between = await proxy({ upgrades: 'answer 400', buffers: true })
    const ann = await stage.arrive('Ann')
    const code = await ann.startCall()
    const fox = await stage.arriveBy({ browser: 'firefox' }, 'Fox', between.origin)
    await fox.connect(code)
    await ann.isCalledBy('Fox')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Fox'), fox.isInCallWith('Ann')])
    expect(between.polls).toBeGreaterThan(4)
  })
})
