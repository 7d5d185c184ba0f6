import { describe, it } from 'vitest'
import { keepScreen } from '../e2e/harness/evidence.ts'
import { namespacesMissing } from '../e2e/harness/network-namespace.ts'
import { relayBy } from '../e2e/harness/relay-way.ts'
import { LabStage } from './lab-stage.ts'
import type { NatKind, NatLab } from './nat-lab.ts'

const missing = namespacesMissing()
if (missing) console.warn(`skipped: ${missing}`)

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
    const stage = await LabStage.open(test, ...nats)
    fence?.(stage.lab, stage.serverPort)
    const { ann, bob } = await stage.call(relayBy('none'))
    await Promise.all([ann.seesText(/no way to Bob/i, 40_000), bob.seesText(/no way to Ann/i, 40_000)])
    await keepScreen(ann, 'dead end - no way')
    const all = [...(await ann.received()), ...(await bob.received())]
    test.expect(all.map((one) => one.framesDecoded)).toEqual(all.map(() => 0))
  })

  it.for(obstacles)('goes through the relay: %s', async ([, { nats, fence }], test) => {
    const stage = await LabStage.open(test, ...nats)
    fence?.(stage.lab, stage.serverPort)
    const { ann, bob } = await stage.call()
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
    const [received] = await ann.received()
    test.expect([received?.localCandidateType, received?.remoteCandidateType]).toContain('relay')
  })

  it('goes through the relay between a Chromium and a Firefox without UDP', async (test) => {
    const stage = await LabStage.open(test, 'port', 'port')
    for (const client of ['a', 'b'] as const) stage.lab.fence(client, 'tcp')
    const ann = await stage.arrive('Ann', 'a', relayBy('any'))
    const code = await ann.startCall()
    const fox = await stage.arriveByFirefox('Fox', 'b', relayBy('any'))
    await fox.connect(code)
    await ann.isCalledBy('Fox')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Fox'), fox.isInCallWith('Ann')])
    const [received] = await ann.received()
    test.expect([received?.localCandidateType, received?.remoteCandidateType]).toEqual(['relay', 'relay'])
  })
})
