import { describe, expect, it, vi } from 'vitest'
import { arriveByRelay, foxArrivesByRelay } from './harness/relay-way.ts'
import { openStage } from './harness/stage.ts'
import { until } from './harness/until.ts'

// Calls in which something happens after a while: they wait for it side by side.
vi.setConfig({ testTimeout: 120_000 })

describe.concurrent('a connection that no restart of ICE mends', () => {
  it('is replaced, and the call goes on', async (test) => {
    const stage = await openStage(test)
    const { ann, bob } = await stage.annAndBob()
    await ann.say('Before')
    await bob.openChat()
    await bob.reads('Before')
    // Behind the SDK's back: the browser tells nobody, and what the connection is asked from now on fails.
    await bob.page.evaluate(() => window.madePeerConnections?.[0]?.close())
    await ann.seesText(/reconnecting/i, 30_000)
    await ann.seesVideoOf('Bob', 10, 60_000)
    await bob.seesVideoOf('Ann', 10, 60_000)
    await ann.say('After')
    await bob.reads('After')
  })
})

/** Runs in a page: the usernames that its living connections have for the relay, and how often they have gathered. */
function readCredentials(): { usernames: string[]; fragments: string[]; states: string[] } {
  const living = (window.madePeerConnections ?? []).filter((one) => one.connectionState !== 'closed')
  return {
    usernames: living.flatMap((one) =>
      (one.getConfiguration().iceServers ?? []).flatMap(({ username }) => (username ? [username] : [])),
    ),
    fragments: living.map((one) => /a=ice-ufrag:(\S+)/.exec(one.localDescription?.sdp ?? '')?.[1] ?? ''),
    states: living.map((one) => one.connectionState),
  }
}

describe.concurrent('credentials of the relay', () => {
  // Asked for anew every ten seconds, the shortest time; the old ones make no allocation after thirty.
  const short = { flags: ['--limit', 'relayCredentialSeconds=20'] }

  it('are renewed in a call that stands, which goes on undisturbed, and serve its next restart', async (test) => {
    const stage = await openStage(test, short)
    const [ann, bob] = await Promise.all([
      arriveByRelay(stage, 'any', 'Ann'),
      arriveByRelay(stage, 'any', 'Bob'),
    ])
    await bob.connect(await ann.startCall())
    await ann.isCalledBy('Bob')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
    const first = await ann.page.evaluate(readCredentials)
    // So late that those of the beginning have expired.
    const expiry = Number(first.usernames[0]?.split(':')[0]) * 1000
    await until('the first credentials have expired', () => Date.now() > expiry, 40_000)
    const now = await until('others are there', async () => {
      const read = await ann.page.evaluate(readCredentials)
      return Number(read.usernames[0]?.split(':')[0]) * 1000 > Date.now() && read
    })
    expect(now.usernames).not.toEqual(first.usernames)
    expect(now.fragments).toEqual(first.fragments)
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
    // Chromium calls the network changed, and ICE is restarted.
    const before = await bob.page.evaluate(readCredentials)
    await bob.page.context().setOffline(true)
    await bob.page.context().setOffline(false)
    await until(
      'it goes by an allocation of the restart',
      async () => {
        const { fragments, states } = await bob.page.evaluate(readCredentials)
        const [received] = await bob.received()
        const isNew = fragments[0] !== before.fragments[0] && received?.usernameFragment === fragments[0]
        return isNew && states[0] === 'connected'
      },
      30_000,
    )
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
    const [received] = await ann.received()
    expect([received?.localCandidateType, received?.remoteCandidateType]).toEqual(['relay', 'relay'])
    ann.hasNoErrors()
  })

  it('are renewed in Firefox too', async (test) => {
    const stage = await openStage(test, short)
    const ann = await stage.arrive('Ann')
    const code = await ann.startCall()
    const fox = await foxArrivesByRelay(stage, 'any')
    await fox.connect(code)
    await ann.isCalledBy('Fox')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Fox'), fox.isInCallWith('Ann')])
    const page = fox.page
    const first = await page.evaluate(readCredentials)
    await until(
      'others are there',
      async () => {
        const { usernames } = await page.evaluate(readCredentials)
        return usernames.length > 0 && usernames[0] !== first.usernames[0]
      },
      30_000,
    )
    expect((await page.evaluate(readCredentials)).fragments).toEqual(first.fragments)
    await Promise.all([ann.isInCallWith('Fox'), fox.isInCallWith('Ann')])
  })
})
