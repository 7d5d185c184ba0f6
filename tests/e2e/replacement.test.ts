import { describe, it } from 'vitest'
import { useStage } from './harness/stage.ts'

const stage = useStage()

describe('a connection that no restart of ICE mends', () => {
  it('is replaced, and the call goes on', { timeout: 120_000 }, async () => {
    const [ann, bob] = await Promise.all([stage.arrive('Ann'), stage.arrive('Bob')])
    const code = await ann.startCall()
    await bob.connect(code)
    await ann.isCalledBy('Bob')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
    await ann.say('Before')
    await bob.openChat()
    await bob.reads('Before')
    // Behind the SDK's back: the browser tells nobody, and what the connection is asked from now on fails.
    await bob.page.evaluate(() => window.madePeerConnections?.[0]?.close())
    await ann.seesText(/reconnecting/i, 30_000)
    await ann.seesVideoOf('Bob', 10, 60_000)
    await bob.seesVideoOf('Ann', 10, 60_000)
    await ann.say('After')
    await bob.reads('After')
  })
})
