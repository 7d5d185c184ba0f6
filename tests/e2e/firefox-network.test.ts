import { describe, it } from 'vitest'
import { readReceived } from './harness/peer-statistics.ts'
import { Person } from './harness/person.ts'
import type { PuppeteerPerson } from './harness/puppeteer-person.ts'
import { useStage } from './harness/stage.ts'
import { until } from './harness/until.ts'

const stage = useStage()

type Anyone = Person | PuppeteerPerson

/** Media has to flow again within this time: before a deaf connection is noticed as one. */
const patienceMs = 7_000

function arriveFox(name: string): Promise<PuppeteerPerson> {
  return stage.arriveBy({ browser: 'firefox' }, name)
}

/** Runs in a page: the browser says that it has another network. */
function changeNetwork(): void {
  window.dispatchEvent(new Event('online'))
}

function evaluate<T>(person: Anyone, run: () => T | Promise<T>): Promise<T> {
  return person instanceof Person
    ? person.page.evaluate(run)
    : (async () => await person.page.evaluate(run))()
}

async function framesAndPackets(person: Anyone): Promise<{ frames: number; packets: number }> {
  const [received] = await evaluate(person, readReceived)
  return { frames: received?.framesDecoded ?? 0, packets: received?.audioPackets ?? 0 }
}

/** Waits until so many pictures come in, and sound with them, on whatever connection there is. */
async function receives(person: Anyone, pictures = 3): Promise<void> {
  let last = await framesAndPackets(person)
  let steps = 0
  await until(
    `${person.name} sees and hears the other`,
    async () => {
      const now = await framesAndPackets(person)
      if (now.frames > last.frames && now.packets > last.packets) steps += 1
      last = now
      return steps >= pictures
    },
    patienceMs,
  )
}

/** Runs in a page: the connections made so far, and the name that the last one has at ICE; null while it is negotiated. */
function readWay(): string | null {
  const made = window.madePeerConnections ?? []
  const last = made.at(-1)
  const isAtRest = last?.signalingState === 'stable' && last.connectionState === 'connected'
  const fragment = /a=ice-ufrag:(\S+)/.exec(last?.localDescription?.sdp ?? '')?.[1]
  return isAtRest ? `${made.length} ${fragment}` : null
}

/** Waits until the connection has been restarted or replaced: what flowed before is not to be taken for what flows after. */
async function leaves(person: Anyone, way: string | null): Promise<void> {
  await until(
    `${person.name} goes another way than ${way}`,
    async () => {
      const now = await evaluate(person, readWay)
      return now !== null && now !== way
    },
    patienceMs,
  )
}

/** Either side's network changes, and both at once, several times: an ICE restart can go well once and not again. */
async function comesThroughChanges(newcomer: Anyone, present: Anyone): Promise<void> {
  for (const changing of [newcomer, present]) {
    const ways = [await evaluate(newcomer, readWay), await evaluate(present, readWay)] as const
    await evaluate(changing, changeNetwork)
    await Promise.all([leaves(newcomer, ways[0]), leaves(present, ways[1])])
    await Promise.all([receives(newcomer), receives(present)])
  }
  // So soon after the last restart a connection that stands may be let be: there is nothing to wait for but media, for
  // longer than the change takes.
  await Promise.all([evaluate(newcomer, changeNetwork), evaluate(present, changeNetwork)])
  await Promise.all([receives(newcomer, 15), receives(present, 15)])
}

describe('a change of network', () => {
  it('leaves a Firefox that a Chromium called in its call', async () => {
    const fox = await arriveFox('Fox')
    const code = await fox.startCall()
    const bob = await stage.arrive('Bob')
    await bob.connect(code)
    await fox.sees('Bob is calling')
    await fox.press('Accept')
    await Promise.all([bob.isInCallWith('Fox'), fox.isInCallWith('Bob')])
    await comesThroughChanges(bob, fox)
  }, 120_000)

  it('leaves a Firefox that called a Chromium in its call', async () => {
    const ann = await stage.arrive('Ann')
    const code = await ann.startCall()
    const fox = await arriveFox('Fox')
    await fox.connect(code)
    await ann.isCalledBy('Fox')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Fox'), fox.isInCallWith('Ann')])
    await comesThroughChanges(fox, ann)
  }, 120_000)

  it('leaves two Firefoxes in their call', async () => {
    const [fox, vixen] = await Promise.all([arriveFox('Fox'), arriveFox('Vixen')])
    const code = await fox.startCall()
    await vixen.connect(code)
    await fox.sees('Vixen is calling')
    await fox.press('Accept')
    await Promise.all([vixen.isInCallWith('Fox'), fox.isInCallWith('Vixen')])
    await comesThroughChanges(vixen, fox)
  }, 120_000)
})
