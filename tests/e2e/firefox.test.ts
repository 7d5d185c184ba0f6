import { describe, it } from 'vitest'
import { keepScreen } from './harness/evidence.ts'
import { useStage } from './harness/stage.ts'

const stage = useStage()

describe('Firefox', () => {
  it('calls a Chromium, and both see and hear each other', async () => {
    const ann = await stage.arrive('Ann')
    const code = await ann.startCall()
    const fox = await stage.arriveBy({ browser: 'firefox' }, 'Fox')
    await fox.connect(code)
    await ann.isCalledBy('Fox')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Fox'), fox.isInCallWith('Ann')])
  })

  it('is called by a Chromium, and both see and hear each other', async () => {
    const fox = await stage.arriveBy({ browser: 'firefox' }, 'Fox')
    const code = await fox.startCall()
    const bob = await stage.arrive('Bob')
    await bob.connect(code)
    await fox.sees('Bob is calling')
    await fox.press('Accept')
    await Promise.all([bob.isInCallWith('Fox'), fox.isInCallWith('Bob')])
  })

  it('without WebRTC is told that it cannot make calls', async () => {
    const preferences = { 'media.peerconnection.enabled': false }
    const fox = await stage.arriveBy({ browser: 'firefox', preferences }, 'Fox')
    await fox.sees('This browser cannot make calls', 20_000)
    await keepScreen(fox, 'dead end - browser without WebRTC')
  })
})
