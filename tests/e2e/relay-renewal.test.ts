import { afterEach, describe, expect, it } from 'vitest'
import { onlyRelay } from './harness/ice-policy.ts'
import { PuppeteerPerson } from './harness/puppeteer-person.ts'
import { useStage } from './harness/stage.ts'
import { until } from './harness/until.ts'

// Asked for anew every ten seconds, the shortest time; the old ones make no allocation after thirty.
const stage = useStage({ flags: ['--limit', 'relayCredentialSeconds=20'] })
let fox: PuppeteerPerson | null = null

afterEach(async () => {
  await fox?.close()
  fox = null
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

describe('credentials of the relay', () => {
  it('are renewed in a call that stands, which goes on undisturbed, and serve its next restart', async () => {
    const [ann, bob] = await Promise.all([stage.seat('Ann'), stage.seat('Bob')])
    for (const person of [ann, bob]) {
      await person.page.addInitScript(onlyRelay)
      await person.visit()
    }
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
      'ICE has been restarted',
      async () => {
        const { fragments, states } = await bob.page.evaluate(readCredentials)
        return fragments[0] !== before.fragments[0] && states[0] === 'connected'
      },
      30_000,
    )
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
    const [received] = await ann.received()
    expect([received?.localCandidateType, received?.remoteCandidateType]).toEqual(['relay', 'relay'])
    ann.hasNoErrors()
  })

  it('are renewed in Firefox too', async () => {
    const ann = await stage.arrive('Ann')
    const code = await ann.startCall()
    fox = await PuppeteerPerson.arrive('Fox', stage.server.origin, {
      browser: 'firefox',
      beforePage: onlyRelay,
      preferences: { 'media.peerconnection.ice.loopback': true },
    })
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
