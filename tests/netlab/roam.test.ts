import { afterEach, describe, expect, it } from 'vitest'
import { watchFrameGap } from '../e2e/harness/frame-gap.ts'
import { namespacesMissing } from '../e2e/harness/network-namespace.ts'
import type { Person } from '../e2e/harness/person.ts'
import { Stage } from '../e2e/harness/stage.ts'
import { type NatKind, NatLab } from './nat-lab.ts'

const missing = namespacesMissing()
if (missing) console.warn(`skipped: ${missing}`)

describe.skipIf(missing)('a call behind NATs', () => {
  let lab: NatLab | null = null
  let stage = new Stage()

  afterEach(async ({ task }) => {
    await stage.clear(task.name, task.result?.state === 'fail')
    await stage.close()
    stage = new Stage()
    lab?.down()
    lab = null
  })

  /** Ann behind one NAT, Bob behind another, the server in the open; Bob calls Ann and she accepts. */
  async function call(
    natOfAnn: NatKind,
    natOfBob: NatKind,
  ): Promise<{ ann: Person; bob: Person; lab: NatLab }> {
    const built = new NatLab(natOfAnn, natOfBob)
    lab = built
    await stage.open({ namespace: built.open.name })
    const arrive = (name: string, client: 'a' | 'b') =>
      stage.arrive(name, {
        namespace: built.client(client),
        origin: `https://${built.serverAddress}:${stage.server.port}`,
        context: { ignoreHTTPSErrors: true },
      })
    const [ann, bob] = await Promise.all([arrive('Ann', 'a'), arrive('Bob', 'b')])
    await bob.connect(await ann.startCall())
    await ann.isCalledBy('Bob')
    await ann.accept()
    return { ann, bob, lab: built }
  }

  it.each([
    ['full', 'port'],
    ['port', 'port'],
    ['sym', 'full'],
  ] as const)('connects directly from a %s to a %s one with the address that STUN told', async (a, b) => {
    const { ann, bob } = await call(a, b)
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
    const [received] = await ann.received()
    expect([received?.localCandidateType, received?.remoteCandidateType].join()).toMatch(/srflx|prflx/)
  })

  it('goes on by itself when one of them moves to another network', async () => {
    const { ann, bob, lab: built } = await call('full', 'port')
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
    const gaps = await Promise.all([watchFrameGap(ann, 'Bob'), watchFrameGap(bob, 'Ann')])
    built.roam()
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
