import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { fakeMedia } from './harness/browser-process.ts'
import { IssuedCertificate, issuedCertificateMissing } from './harness/issued-certificate.ts'
import type { Person } from './harness/person.ts'
import { PuppeteerPerson } from './harness/puppeteer-person.ts'
import { relayBy } from './harness/relay-way.ts'
import { useStage } from './harness/stage.ts'

const missing = issuedCertificateMissing()
if (missing) console.warn(`skipped: ${missing}`)

// The browsers here are told to mind no certificate.
const certificate = missing ? null : new IssuedCertificate()
afterAll(() => certificate?.remove())

const flags = certificate ? ['--cert', certificate.cert, '--key', certificate.key] : []
const stage = useStage({ flags })
const trusting = [...fakeMedia, '--ignore-certificate-errors']
let fox: PuppeteerPerson | null = null

afterEach(async () => {
  await fox?.close()
  fox = null
})

async function arrive(name: string, way: 'tls' | 'udp'): Promise<Person> {
  const origin = `https://localhost:${stage.server.port}`
  const person = await stage.seat(name, { mediaFlags: trusting, origin })
  await person.page.addInitScript(relayBy(way))
  await person.visit()
  return person
}

/** Fails unless both ends of the pair in use are relayed, and this one within TLS. */
async function goesByTls(person: Person): Promise<void> {
  const [received] = await person.received()
  expect([received?.localCandidateType, received?.remoteCandidateType]).toEqual(['relay', 'relay'])
  const protocols = await person.page.evaluate(async () => {
    const [connection] =
      window.madePeerConnections?.filter((one) => one.connectionState === 'connected') ?? []
    const reports = [...((await connection?.getStats())?.values() ?? [])]
    return reports.filter(({ type }) => type === 'local-candidate').map(({ relayProtocol }) => relayProtocol)
  })
  expect(new Set(protocols)).toEqual(new Set(['tls']))
}

describe.skipIf(missing)('a call through the relay within TLS', () => {
  it('between two Chromiums', async () => {
    const [ann, bob] = await Promise.all([arrive('Ann', 'tls'), arrive('Bob', 'tls')])
    await bob.connect(await ann.startCall())
    await ann.isCalledBy('Bob')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
    await Promise.all([goesByTls(ann), goesByTls(bob)])
  })

  it('between a Chromium and a Firefox', async () => {
    const ann = await arrive('Ann', 'tls')
    const code = await ann.startCall()
    fox = await PuppeteerPerson.arrive('Fox', `https://localhost:${stage.server.port}`, {
      browser: 'firefox',
      beforePage: relayBy('tls'),
    })
    await fox.connect(code)
    await ann.isCalledBy('Fox')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Fox'), fox.isInCallWith('Ann')])
    await goesByTls(ann)
  })

  it('by one of them, while the other, a Firefox, uses UDP', async () => {
    const ann = await arrive('Ann', 'tls')
    const code = await ann.startCall()
    fox = await PuppeteerPerson.arrive('Fox', stage.server.origin, {
      browser: 'firefox',
      beforePage: relayBy('udp'),
      preferences: { 'media.peerconnection.ice.loopback': true },
    })
    await fox.connect(code)
    await ann.isCalledBy('Fox')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Fox'), fox.isInCallWith('Ann')])
    await goesByTls(ann)
  })
})
