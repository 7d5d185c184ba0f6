import { describe, it } from 'vitest'
import { keepScreen } from './harness/evidence.ts'
import { arriveByRelay, foxArrivesByRelay, goesThroughTheRelay, type RelayWay } from './harness/relay-way.ts'
import { useStage } from './harness/stage.ts'

const stage = useStage()
const pairs: readonly (readonly [RelayWay, RelayWay])[] = [
  ['udp', 'udp'],
  ['tcp', 'udp'],
]

describe('a call through the relay', () => {
  it.each(pairs)('between two Chromiums, one by %s and one by %s', async (annsWay, bobsWay) => {
    const [ann, bob] = await Promise.all([
      arriveByRelay(stage, annsWay, 'Ann'),
      arriveByRelay(stage, bobsWay, 'Bob'),
    ])
    const code = await ann.startCall()
    await bob.connect(code)
    await ann.isCalledBy('Bob')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
    await Promise.all([goesThroughTheRelay(ann, annsWay), goesThroughTheRelay(bob, bobsWay)])
    await ann.seesText(/through a relay/)
    await keepScreen(ann, 'a call through the relay')
    await bob.say('through the relay')
    await ann.openChat()
    await ann.reads('through the relay')
    await bob.press('Mute microphone')
    await ann.hearsSilence()
    await bob.press('Unmute microphone')
    await ann.hears()
    ann.hasNoErrors()
    bob.hasNoErrors()
  })

  it('joins three, each with each', async () => {
    const [ann, bob, cat] = await Promise.all([
      arriveByRelay(stage, 'udp', 'Ann'),
      arriveByRelay(stage, 'tcp', 'Bob'),
      arriveByRelay(stage, 'udp', 'Cat'),
    ])
    const code = await ann.startCall()
    await bob.connect(code)
    await ann.isCalledBy('Bob')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
    await cat.connect(code)
    await Promise.all([
      ann.isInCallWith('Bob', 'Cat'),
      bob.isInCallWith('Ann', 'Cat'),
      cat.isInCallWith('Ann', 'Bob'),
    ])
  })

  it.each(pairs)('from a Firefox to a Chromium, by %s and by %s', async (foxsWay, annsWay) => {
    const ann = await arriveByRelay(stage, annsWay, 'Ann')
    const code = await ann.startCall()
    const fox = await foxArrivesByRelay(stage, foxsWay)
    await fox.connect(code)
    await ann.isCalledBy('Fox')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Fox'), fox.isInCallWith('Ann')])
    await Promise.all([goesThroughTheRelay(ann, annsWay), goesThroughTheRelay(fox, foxsWay)])
  })

  it('from a Chromium to a Firefox', async () => {
    const fox = await foxArrivesByRelay(stage, 'udp')
    const code = await fox.startCall()
    const bob = await arriveByRelay(stage, 'udp', 'Bob')
    await bob.connect(code)
    await fox.sees('Bob is calling')
    await fox.press('Accept')
    await Promise.all([bob.isInCallWith('Fox'), fox.isInCallWith('Bob')])
    await Promise.all([goesThroughTheRelay(bob, 'udp'), goesThroughTheRelay(fox, 'udp')])
  })

  it('goes on after the server was gone: members come back, with new credentials', async () => {
    const [ann, bob] = await Promise.all([
      arriveByRelay(stage, 'udp', 'Ann'),
      arriveByRelay(stage, 'tcp', 'Bob'),
    ])
    await bob.connect(await ann.startCall())
    await ann.isCalledBy('Bob')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
    await stage.server.stop('SIGKILL')
    await stage.server.start()
    await Promise.all([ann.isOnline(), bob.isOnline()])
    await Promise.all([ann.seesVideoOf('Bob', 30, 45_000), bob.seesVideoOf('Ann', 30, 45_000)])
    await Promise.all([goesThroughTheRelay(ann, 'udp'), goesThroughTheRelay(bob, 'tcp')])
  })
})
