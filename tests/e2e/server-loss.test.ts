import { describe, expect, it } from 'vitest'
import { keepScreen } from './harness/evidence.ts'
import { watchFrameGap } from './harness/frame-gap.ts'
import { codeForm } from './harness/person.ts'
import { useStage } from './harness/stage.ts'
import { until } from './harness/until.ts'

const stage = useStage()
const noServer = /ERR_CONNECTION_REFUSED|WebSocket|Failed to load resource/

describe('a server that goes away', () => {
  it('by a kill in mid-call stops neither picture nor chat, and signaling comes back by itself', async () => {
    const { ann, bob, code } = await stage.annAndBob()
    const gaps = await Promise.all([watchFrameGap(ann, 'Bob'), watchFrameGap(bob, 'Ann')])
    await stage.server.stop('SIGKILL')
    await ann.seesText(/Connection to the server lost/)
    await keepScreen(ann, 'server lost in a call')
    await ann.say('Still here')
    await bob.openChat()
    await bob.reads('Still here')
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
    await stage.server.start()
    await Promise.all([ann.isOnline(), bob.isOnline()])
    for (const gap of gaps) expect(await gap()).toBeLessThan(2000)
    const cat = await stage.arrive('Cat')
    await cat.connect(code)
    await Promise.all([cat.isInCallWith('Ann', 'Bob'), ann.seesVideoOf('Cat'), bob.seesVideoOf('Cat')])
    ann.hasNoErrors(noServer)
  })

  it('by Ctrl-C tells the people who are connected, and ends with 0', async () => {
    const { ann, bob } = await stage.annAndBob()
    expect(await stage.server.stop('SIGINT')).toBe(0)
    await Promise.all([ann.seesText(/server has stopped/), bob.seesText(/server has stopped/)])
    await ann.seesVideoOf('Bob')
    await stage.server.start()
    await Promise.all([ann.isOnline(), bob.isOnline()])
  })

  it('while somebody waits is told and mended, and their code still rings', async () => {
    const ann = await stage.arrive('Ann')
    const code = await ann.startCall()
    await stage.server.stop('SIGKILL')
    await ann.seesText(/server lost\. Coming back by itself/)
    await ann.seesText(/cannot ring until the server is back/)
    expect(await ann.page.getByText(/rings when somebody comes/).count()).toBe(0)
    await keepScreen(ann, 'server lost while waiting')
    await stage.server.start()
    await until(
      'the line is gone',
      async () => (await ann.page.getByText(/server lost/).count()) === 0,
      20_000,
    )
    const bob = await stage.arrive('Bob')
    await bob.connect(code)
    await ann.isCalledBy('Bob')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
  })

  it('before a call is started is told, and a try after it came back works', async () => {
    const ann = await stage.arrive('Ann')
    await stage.server.stop('SIGKILL')
    await ann.control('textbox', 'Your name').fill('Ann')
    await ann.press('Start a call')
    await ann.sees('heading', 'The server does not answer', 40_000)
    await keepScreen(ann, 'dead end - server unreachable')
    await stage.server.start()
    await ann.press('Try again')
    expect(await ann.code()).toMatch(codeForm)
  })
})
