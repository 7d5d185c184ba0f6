import { afterEach, describe, expect, it } from 'vitest'
import { keepScreen } from './harness/evidence.ts'
import type { Person } from './harness/person.ts'
import { PuppeteerPerson } from './harness/puppeteer-person.ts'
import { type RelayWay, relayBy } from './harness/relay-way.ts'
import { useStage } from './harness/stage.ts'

const stage = useStage()
let fox: PuppeteerPerson | null = null

afterEach(async () => {
  await fox?.close()
  fox = null
})

async function arrive(name: string, way: RelayWay): Promise<Person> {
  const person = await stage.seat(name)
  await person.page.addInitScript(relayBy(way))
  await person.visit()
  return person
}

async function arriveByFirefox(way: RelayWay): Promise<PuppeteerPerson> {
  return PuppeteerPerson.arrive('Fox', stage.server.origin, {
    browser: 'firefox',
    beforePage: relayBy(way),
    // It sends nothing to a relay on loopback by UDP otherwise.
    preferences: { 'media.peerconnection.ice.loopback': true },
  })
}

/** Fails unless both ends of the pair in use are relayed, and this end by the way that was asked for. */
async function goesThroughTheRelay(person: Person, way: RelayWay): Promise<void> {
  const [received] = await person.received()
  expect([received?.localCandidateType, received?.remoteCandidateType]).toEqual(['relay', 'relay'])
  const protocols = await person.page.evaluate(async () => {
    const [connection] =
      window.madePeerConnections?.filter((one) => one.connectionState === 'connected') ?? []
    const reports = [...((await connection?.getStats())?.values() ?? [])]
    return reports.filter(({ type }) => type === 'local-candidate').map(({ relayProtocol }) => relayProtocol)
  })
  expect(new Set(protocols)).toEqual(new Set([way]))
}

const pairs: readonly (readonly [RelayWay, RelayWay])[] = [
  ['udp', 'udp'],
  ['tcp', 'udp'],
]

describe('a call through the relay', () => {
  it.each(pairs)('between two Chromiums, one by %s and one by %s', async (annsWay, bobsWay) => {
    const [ann, bob] = await Promise.all([arrive('Ann', annsWay), arrive('Bob', bobsWay)])
    const code = await ann.startCall()
    await bob.connect(code)
    await ann.isCalledBy('Bob')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
    await Promise.all([goesThroughTheRelay(ann, annsWay), goesThroughTheRelay(bob, bobsWay)])
    await ann.seesText(/through a relay/)
    await keepScreen(ann, 'a call through the relay')
    await bob.say('through the relay')
    await ann.openChat()
    await ann.reads('through the relay')
    await bob.press('Mute microphone')
    await ann.hearsSilence()
    await bob.press('Unmute microphone')
    await ann.hears()
    ann.hasNoErrors()
    bob.hasNoErrors()
  })

  it('joins three, each with each', async () => {
    const [ann, bob, cat] = await Promise.all([
      arrive('Ann', 'udp'),
      arrive('Bob', 'tcp'),
      arrive('Cat', 'udp'),
    ])
    const code = await ann.startCall()
    await bob.connect(code)
    await ann.isCalledBy('Bob')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
    await cat.connect(code)
    await Promise.all([
      ann.isInCallWith('Bob', 'Cat'),
      bob.isInCallWith('Ann', 'Cat'),
      cat.isInCallWith('Ann', 'Bob'),
    ])
  })

  it.each(pairs)('from a Firefox to a Chromium, by %s and by %s', async (foxsWay, annsWay) => {
    const ann = await arrive('Ann', annsWay)
    const code = await ann.startCall()
    fox = await arriveByFirefox(foxsWay)
    await fox.connect(code)
    await ann.isCalledBy('Fox')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Fox'), fox.isInCallWith('Ann')])
    await goesThroughTheRelay(ann, annsWay)
  })

  it('from a Chromium to a Firefox', async () => {
    fox = await arriveByFirefox('udp')
    const code = await fox.startCall()
    const bob = await arrive('Bob', 'udp')
    await bob.connect(code)
    await fox.sees('Bob is calling')
    await fox.press('Accept')
    await Promise.all([bob.isInCallWith('Fox'), fox.isInCallWith('Bob')])
    await goesThroughTheRelay(bob, 'udp')
  })

  it('goes on after the server was gone: members come back, with new credentials', async () => {
    const [ann, bob] = await Promise.all([arrive('Ann', 'udp'), arrive('Bob', 'tcp')])
    await bob.connect(await ann.startCall())
    await ann.isCalledBy('Bob')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
    await stage.server.stop('SIGKILL')
    await stage.server.start()
    await Promise.all([ann.isOnline(), bob.isOnline()])
    await Promise.all([ann.seesVideoOf('Bob', 30, 45_000), bob.seesVideoOf('Ann', 30, 45_000)])
    await Promise.all([goesThroughTheRelay(ann, 'udp'), goesThroughTheRelay(bob, 'tcp')])
  })
})
