import { afterEach, describe, expect, it } from 'vitest'
import { keepScreen } from '../e2e/harness/evidence.ts'
import { onlyRelay, withoutRelay } from '../e2e/harness/ice-policy.ts'
import { namespacesMissing } from '../e2e/harness/network-namespace.ts'
import type { Person } from '../e2e/harness/person.ts'
import { PuppeteerPerson } from '../e2e/harness/puppeteer-person.ts'
import { Stage } from '../e2e/harness/stage.ts'
import { type Client, type NatKind, NatLab } from './nat-lab.ts'

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

describe.skipIf(missing)('a call that has no direct way', () => {
  let lab: NatLab | null = null
  let stage = new Stage()
  let fox: PuppeteerPerson | null = null

  afterEach(async ({ task }) => {
    await fox?.close()
    fox = null
    await stage.clear(task.name, task.result?.state === 'fail')
    await stage.close()
    stage = new Stage()
    lab?.down()
    lab = null
  })

  async function build({ nats, fence }: Obstacle): Promise<NatLab> {
    const built = new NatLab(...nats)
    lab = built
    await stage.open({ namespace: built.open.name })
    fence?.(built, stage.server.port)
    return built
  }

  function origin({ serverAddress }: NatLab): string {
    return `https://${serverAddress}:${stage.server.port}`
  }

  async function arrive(
    built: NatLab,
    name: string,
    client: Client,
    beforePage?: () => void,
  ): Promise<Person> {
    const person = await stage.seat(name, {
      namespace: built.client(client),
      origin: origin(built),
      context: { ignoreHTTPSErrors: true },
    })
    if (beforePage) await person.page.addInitScript(beforePage)
    await person.visit()
    return person
  }

  async function call(obstacle: Obstacle, beforePage?: () => void): Promise<{ ann: Person; bob: Person }> {
    const built = await build(obstacle)
    const [ann, bob] = await Promise.all([
      arrive(built, 'Ann', 'a', beforePage),
      arrive(built, 'Bob', 'b', beforePage),
    ])
    await bob.connect(await ann.startCall())
    await ann.isCalledBy('Bob')
    await ann.accept()
    return { ann, bob }
  }

  it.each(obstacles)('goes through the relay: %s', async (_what, obstacle) => {
    const { ann, bob } = await call(obstacle)
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
    const [received] = await ann.received()
    expect([received?.localCandidateType, received?.remoteCandidateType]).toContain('relay')
  })

  it.each(obstacles)('does not come about without the relay: %s', async (_what, obstacle) => {
    const { ann, bob } = await call(obstacle, withoutRelay)
    await Promise.all([ann.seesText(/no way to Bob/i, 40_000), bob.seesText(/no way to Ann/i, 40_000)])
    await keepScreen(ann, 'dead end - no way')
    const all = [...(await ann.received()), ...(await bob.received())]
    expect(all.map((one) => one.framesDecoded)).toEqual(all.map(() => 0))
  })

  it('goes through the relay between a Chromium and a Firefox without UDP', async () => {
    const built = await build({ nats: ['port', 'port'] })
    for (const client of ['a', 'b'] as const) built.fence(client, 'tcp')
    const ann = await arrive(built, 'Ann', 'a', onlyRelay)
    const code = await ann.startCall()
    fox = await PuppeteerPerson.arrive('Fox', origin(built), {
      browser: 'firefox',
      namespace: built.client('b'),
      beforePage: onlyRelay,
    })
    await fox.connect(code)
    await ann.isCalledBy('Fox')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Fox'), fox.isInCallWith('Ann')])
    const [received] = await ann.received()
    expect([received?.localCandidateType, received?.remoteCandidateType]).toEqual(['relay', 'relay'])
  })
})
