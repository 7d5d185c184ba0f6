import { describe, expect, it } from 'vitest'
import { watchFrameGap } from '../e2e/harness/frame-gap.ts'
import { namespacesMissing } from '../e2e/harness/network-namespace.ts'
import { LabStage } from './lab-stage.ts'

const missing = namespacesMissing()
if (missing) console.warn(`skipped: ${missing}`)

describe.skipIf(missing)('a call behind NATs', () => {
  it.for([
    ['full', 'port'],
    ['port', 'port'],
    ['sym', 'full'],
  ] as const)(
    'connects directly from a %s to a %s one with the address that STUN told',
    async (nats, test) => {
      const stage = await LabStage.open(test, nats)
      const { ann, bob } = await stage.call()
      await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
      const [received] = await ann.received()
      expect([received?.localCandidateType, received?.remoteCandidateType].join()).toMatch(/srflx|prflx/)
    },
  )

  it('goes on by itself when one of them moves to another network', async (test) => {
    const stage = await LabStage.open(test, ['full', 'port'])
    const { ann, bob } = await stage.call()
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
    const gaps = await Promise.all([watchFrameGap(ann, 'Bob'), watchFrameGap(bob, 'Ann')])
    stage.lab.roam()
    await Promise.all([ann.seesVideoOf('Bob', 15, 40_000), bob.seesVideoOf('Ann', 15, 40_000)])
    const seconds = (await Promise.all(gaps.map((gap) => gap()))).map((gap) => gap / 1000)
    console.log(
      `without a picture after a change of network: ${seconds.map((one) => one.toFixed(1)).join(' s and ')} s`,
    )
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
    expect(Math.max(...seconds)).toBeGreaterThan(0.5) // The old way really was gone.
    expect(Math.max(...seconds)).toBeLessThan(20)
  })
})
