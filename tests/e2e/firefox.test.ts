import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, it } from 'vitest'
import { root } from './harness/crowfly-server.ts'
import { PuppeteerPerson } from './harness/puppeteer-person.ts'
import { useStage } from './harness/stage.ts'

const stage = useStage()
let fox: PuppeteerPerson | null = null

afterEach(async ({ task }) => {
  if (fox && task.result?.state === 'fail') {
    writeFileSync(join(root, 'test-results', 'firefox.png'), await fox.page.screenshot())
  }
  await fox?.close()
  fox = null
})

describe('Firefox', () => {
  it('calls a Chromium, and both see and hear each other', async () => {
    const ann = await stage.arrive('Ann')
    const code = await ann.startCall()
    fox = await PuppeteerPerson.arrive('Fox', stage.server.origin, { browser: 'firefox' })
    await fox.connect(code)
    await ann.isCalledBy('Fox')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Fox'), fox.isInCallWith('Ann')])
  })

  it('is called by a Chromium, and both see and hear each other', async () => {
    fox = await PuppeteerPerson.arrive('Fox', stage.server.origin, { browser: 'firefox' })
    const code = await fox.startCall()
    const bob = await stage.arrive('Bob')
    await bob.connect(code)
    await fox.sees('Bob is calling')
    await fox.press('Accept')
    await Promise.all([bob.isInCallWith('Fox'), fox.isInCallWith('Bob')])
  })

  it('without WebRTC is told that it cannot make calls', async () => {
    fox = await PuppeteerPerson.arrive('Fox', stage.server.origin, {
      browser: 'firefox',
      preferences: { 'media.peerconnection.enabled': false },
    })
    await fox.sees('This browser cannot make calls', 20_000)
    const path = join(
      root,
      'test-results',
      'screens',
      'dead-end-browser-without-WebRTC.png',
    ) as `${string}.png`
    await fox.page.screenshot({ path })
  })
})
