import type { Page } from 'playwright-core'
import { describe, it } from 'vitest'
import { useStage } from './harness/stage.ts'
import { until } from './harness/until.ts'

const stage = useStage()

/** Offers that have to cross: without that the test would show nothing. */
const crossings = 2

/** Runs in a page: counts the offers that arrive while one of its own is unanswered. */
function countCollisions(): void {
  const { prototype } = RTCPeerConnection
  const original = prototype.setRemoteDescription
  Object.assign(window, { collisions: 0 })
  const counting = function (this: RTCPeerConnection, description: RTCSessionDescriptionInit): unknown {
    if (description.type === 'offer' && this.signalingState === 'have-local-offer') {
      Object.assign(window, { collisions: Reflect.get(window, 'collisions') + 1 })
    }
    return Reflect.apply(original, this, [description])
  }
  Object.assign(prototype, { setRemoteDescription: counting })
}

/** Runs in a page: what it sends to the server is under way for a while, so that the other side's word crosses it. */
function delaySending(): void {
  const { prototype } = WebSocket
  const original = prototype.send
  const sendLater = function (this: WebSocket, data: unknown): void {
    // Timers of one delay fire in the order in which they were set.
    setTimeout(() => {
      if (this.readyState === WebSocket.OPEN) Reflect.apply(original, this, [data])
    }, 1_000)
  }
  Object.assign(prototype, { send: sendLater })
}

/** Runs in a page: the browser says that it has another network, upon which the SDK restarts ICE. */
function changeNetwork(): void {
  window.dispatchEvent(new Event('online'))
}

/** Both sides restart ICE in the same moment, until offers have crossed often enough; then both are at rest. */
async function collide(newcomer: Page, present: Page): Promise<void> {
  await newcomer.evaluate(countCollisions)
  await newcomer.evaluate(delaySending)
  const collideOnce = async (): Promise<boolean> => {
    await Promise.all([newcomer.evaluate(changeNetwork), present.evaluate(changeNetwork)])
    await until('the restarts are dealt with', async () => (await isAtRest(newcomer)) && isAtRest(present))
    return (await newcomer.evaluate(() => Number(Reflect.get(window, 'collisions')))) >= crossings
  }
  await until(`${crossings} offers have crossed`, collideOnce, 45_000)
}

function isAtRest(side: Page): Promise<boolean> {
  return side.evaluate(() => {
    const last = (window.madePeerConnections ?? []).filter((one) => one.connectionState !== 'closed').at(-1)
    return last?.signalingState === 'stable' && last.connectionState === 'connected'
  })
}

describe('offers that cross', () => {
  it('leave two Chromiums in their call', async () => {
    const { ann, bob } = await stage.annAndBob()
    await collide(bob.page, ann.page)
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
  })
})
