import { afterAll, describe, it } from 'vitest'
import { keepScreen } from '../e2e/harness/evidence.ts'
import { IssuedCertificate, issuedCertificateMissing } from '../e2e/harness/issued-certificate.ts'
import { namespacesMissing } from '../e2e/harness/network-namespace.ts'
import { goesThroughTheRelay, relayBy } from '../e2e/harness/relay-way.ts'
import { LabStage } from './lab-stage.ts'
import { type NatKind, type NatLab, serverAddress, serverName } from './nat-lab.ts'

const missing = namespacesMissing() ?? issuedCertificateMissing()
if (missing) console.warn(`skipped: ${missing}`)

// By which clients of the relay within TLS know it.
const certificate = missing ? null : new IssuedCertificate(serverName, serverAddress)
afterAll(() => certificate?.remove())

/** What is not let through between the two. */
interface Obstacle {
  nats: readonly [ann: NatKind, bob: NatKind]
  fence?(lab: NatLab, serverPort: number): void
}

const obstacles: readonly (readonly [string, Obstacle])[] = [
  ['both symmetric', { nats: ['sym', 'sym'] }],
  ['one side without UDP', { nats: ['port', 'port'], fence: (lab) => lab.fence('a', 'tcp') }],
  [
    'both with the one TCP port only',
    {
      nats: ['port', 'port'],
      fence: (lab, tcpPort) => {
        for (const client of ['a', 'b'] as const) lab.fence(client, { tcpPort })
      },
    },
  ],
]

describe.skipIf(missing).concurrent('a call that has no direct way', () => {
  // First, as they mostly wait: the others go on beside them.
  it.for(obstacles)('does not come about without the relay: %s', async ([, { nats, fence }], test) => {
    const stage = await LabStage.open(test, nats)
    fence?.(stage.lab, stage.serverPort)
    const { ann, bob } = await stage.call(relayBy('none'))
    await Promise.all([ann.seesText(/no way to Bob/i, 40_000), bob.seesText(/no way to Ann/i, 40_000)])
    await keepScreen(ann, 'dead end - no way')
    const all = [...(await ann.received()), ...(await bob.received())]
    test.expect(all.map((one) => one.framesDecoded)).toEqual(all.map(() => 0))
  })

  it.for(obstacles)('goes through the relay: %s', async ([, { nats, fence }], test) => {
    const stage = await LabStage.open(test, nats)
    fence?.(stage.lab, stage.serverPort)
    const { ann, bob } = await stage.call()
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
    const [received] = await ann.received()
    test.expect([received?.localCandidateType, received?.remoteCandidateType]).toContain('relay')
  })

  it('does not come about without the relay: a Chromium and a Firefox without UDP', async (test) => {
    const stage = await LabStage.open(test, ['port', 'port'])
    for (const client of ['a', 'b'] as const) stage.lab.fence(client, 'tcp')
    const { ann, fox } = await stage.callByFirefox(relayBy('none'))
    await Promise.all([ann.seesText(/no way to Fox/i, 40_000), fox.sees(/no way to Ann/i, 40_000)])
  })

  it.for(['udp', 'tcp', 'tls'] as const)(
    'goes through the relay between a Chromium and a Firefox, by %s, with every port but the one closed',
    async (way, test) => {
      const stage = await LabStage.open(test, ['port', 'port'], certificate?.flags)
      const { serverPort: port } = stage
      for (const client of ['a', 'b'] as const)
        stage.lab.fence(client, way === 'udp' ? { port } : { tcpPort: port })
      const { ann, fox } = await stage.callByFirefox(relayBy(way))
      await Promise.all([ann.isInCallWith('Fox'), fox.isInCallWith('Ann')])
      await Promise.all([goesThroughTheRelay(ann, way), goesThroughTheRelay(fox, way)])
    },
  )

  it('goes through the relay between a Chromium and a Firefox that try all ways', async (test) => {
    const stage = await LabStage.open(test, ['sym', 'sym'])
    const { ann, fox } = await stage.callByFirefox()
    await Promise.all([ann.isInCallWith('Fox'), fox.isInCallWith('Ann')])
    for (const person of [ann, fox]) {
      const [received] = await person.received()
      test.expect([received?.localCandidateType, received?.remoteCandidateType]).toContain('relay')
    }
  })
})
