import { afterAll, describe, it } from 'vitest'
import { fakeMedia } from './harness/browser-process.ts'
import { IssuedCertificate, issuedCertificateMissing } from './harness/issued-certificate.ts'
import type { Person } from './harness/person.ts'
import { arriveByRelay, foxArrivesByRelay, goesThroughTheRelay } from './harness/relay-way.ts'
import { useStage } from './harness/stage.ts'

const missing = issuedCertificateMissing()
if (missing) console.warn(`skipped: ${missing}`)

// The browsers here are told to mind no certificate.
const certificate = missing ? null : new IssuedCertificate()
afterAll(() => certificate?.remove())

const stage = useStage({ flags: certificate?.flags ?? [] })
const trusting = [...fakeMedia, '--ignore-certificate-errors']

/** A Chromium that minds no certificate, and uses the relay within TLS only. */
function arrive(name: string): Promise<Person> {
  return arriveByRelay(stage, 'tls', name, { mediaFlags: trusting, origin: secureOrigin() })
}

function secureOrigin(): string {
  return `https://localhost:${stage.server.port}`
}

describe.skipIf(missing)('a call through the relay within TLS', () => {
  it('between two Chromiums', async () => {
    const [ann, bob] = await Promise.all([arrive('Ann'), arrive('Bob')])
    await bob.connect(await ann.startCall())
    await ann.isCalledBy('Bob')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
    await Promise.all([goesThroughTheRelay(ann, 'tls'), goesThroughTheRelay(bob, 'tls')])
  })

  it('between a Chromium and a Firefox', async () => {
    const ann = await arrive('Ann')
    const code = await ann.startCall()
    const fox = await foxArrivesByRelay(stage, 'tls', secureOrigin())
    await fox.connect(code)
    await ann.isCalledBy('Fox')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Fox'), fox.isInCallWith('Ann')])
    await Promise.all([goesThroughTheRelay(ann, 'tls'), goesThroughTheRelay(fox, 'tls')])
  })

  it('by one of them, while the other, a Firefox, uses UDP', async () => {
    const ann = await arrive('Ann')
    const code = await ann.startCall()
    const fox = await foxArrivesByRelay(stage, 'udp')
    await fox.connect(code)
    await ann.isCalledBy('Fox')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Fox'), fox.isInCallWith('Ann')])
    await Promise.all([goesThroughTheRelay(ann, 'tls'), goesThroughTheRelay(fox, 'udp')])
  })
})
