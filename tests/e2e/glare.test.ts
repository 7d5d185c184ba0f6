import { afterEach, describe, it } from 'vitest'
import { Person } from './harness/person.ts'
import { PuppeteerPerson } from './harness/puppeteer-person.ts'
import { useStage } from './harness/stage.ts'
import { until } from './harness/until.ts'

const stage = useStage()
let fox: PuppeteerPerson | null = null

afterEach(async () => {
  await fox?.close()
  fox = null
})

/** As far as both kinds of person have it. */
interface Side {
  evaluate<T>(run: () => T | Promise<T>): Promise<T>
}

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
async function collide(newcomer: Side, present: Side): Promise<void> {
  await newcomer.evaluate(countCollisions)
  await newcomer.evaluate(delaySending)
  const collideOnce = async (): Promise<boolean> => {
    await Promise.all([newcomer.evaluate(changeNetwork), present.evaluate(changeNetwork)])
    await until('the restarts are dealt with', async () => (await isAtRest(newcomer)) && isAtRest(present))
    return (await newcomer.evaluate(() => Number(Reflect.get(window, 'collisions')))) >= crossings
  }
  await until(`${crossings} offers have crossed`, collideOnce, 45_000)
}

/**
 * Firefox can be left connected and deaf by restarts that crossed. The other connection that the SDK then makes takes
 * its time.
 */
async function areBackInCall(
  person: Person,
  toThem: string,
  fox: PuppeteerPerson,
  toFox: string,
): Promise<void> {
  const both = () => Promise.all([person.isInCallWith(toThem), fox.isInCallWith(toFox)])
  await until('both see and hear each other again', both, 60_000)
}

function isAtRest(side: Side): Promise<boolean> {
  return side.evaluate(() => {
    const last = (window.madePeerConnections ?? []).filter((one) => one.connectionState !== 'closed').at(-1)
    return last?.signalingState === 'stable' && last.connectionState === 'connected'
  })
}

function sideOf(person: Person | PuppeteerPerson): Side {
  return person instanceof Person
    ? { evaluate: (run) => person.page.evaluate(run) }
    : { evaluate: async (run) => await person.page.evaluate(run) }
}

describe('offers that cross', () => {
  it('leave two Chromiums in their call', async () => {
    const [ann, bob] = await Promise.all([stage.arrive('Ann'), stage.arrive('Bob')])
    const code = await ann.startCall()
    await bob.connect(code)
    await ann.isCalledBy('Bob')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
    await collide(sideOf(bob), sideOf(ann))
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
  })

  it('leave a Firefox that called a Chromium in its call', async () => {
    const ann = await stage.arrive('Ann')
    const code = await ann.startCall()
    fox = await PuppeteerPerson.arrive('Fox', stage.server.origin, { browser: 'firefox' })
    await fox.connect(code)
    await ann.isCalledBy('Fox')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Fox'), fox.isInCallWith('Ann')])
    await collide(sideOf(fox), sideOf(ann))
    await areBackInCall(ann, 'Fox', fox, 'Ann')
  }, 150_000)
})
