import { describe, expect, it } from 'vitest'
import { keepScreen } from './harness/evidence.ts'
import type { Person } from './harness/person.ts'
import { type Arrival, useStage } from './harness/stage.ts'

const stage = useStage()
const phone: Arrival = { context: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true } }

/** Whether something is cut off or has to be scrolled to sideways. */
const isTooWide = (person: Person): Promise<boolean> =>
  person.page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)

const background = (person: Person): Promise<number> =>
  person.page.evaluate(() => {
    const canvas = document.createElement('canvas').getContext('2d')
    if (canvas === null) throw new Error('this browser has no canvas')
    canvas.fillStyle = getComputedStyle(document.documentElement).backgroundColor
    canvas.fillRect(0, 0, 1, 1)
    const [red = 0, green = 0, blue = 0] = canvas.getImageData(0, 0, 1, 1).data
    return (red + green + blue) / 3
  })

describe('the page', () => {
  it.each(['light', 'dark'] as const)('follows a %s system', async (colorScheme) => {
    const ann = await stage.arrive('Ann', { context: { colorScheme } })
    await ann.sees('button', 'Start a call')
    await keepScreen(ann, `home ${colorScheme}`)
    if (colorScheme === 'light') expect(await background(ann)).toBeGreaterThan(200)
    else expect(await background(ann)).toBeLessThan(60)
  })

  it('fits a phone from the first screen into a call', async () => {
    const [ann, bob] = await Promise.all([stage.arrive('Ann', phone), stage.arrive('Bob')])
    expect(await isTooWide(ann)).toBe(false)
    await keepScreen(ann, 'home phone')
    const code = await ann.startCall()
    expect(await isTooWide(ann)).toBe(false)
    await keepScreen(ann, 'waiting phone')
    await bob.connect(code)
    await ann.isCalledBy('Bob')
    await keepScreen(ann, 'ringing phone')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
    expect(await isTooWide(ann)).toBe(false)
    await keepScreen(ann, 'call phone')
    await keepScreen(bob, 'call desktop')
  })

  it('changes its theme when told to, and keeps it', async () => {
    const [ann, bob] = await Promise.all([
      stage.arrive('Ann', { context: { colorScheme: 'light' } }),
      stage.arrive('Bob'),
    ])
    await bob.connect(await ann.startCall())
    await ann.accept()
    await ann.seesVideoOf('Bob')
    await ann.press('More')
    await ann.control('menuitemradio', 'Dark').click()
    expect(await background(ann)).toBeLessThan(60)
    await ann.page.reload()
    await ann.seesVideoOf('Bob')
    expect(await background(ann)).toBeLessThan(60)
  })
})

/** Moves the keyboard focus on until it is on a control of this name, then presses a key there. */
async function pressByKey(person: Person, name: string, key = 'Enter'): Promise<void> {
  for (let step = 0; step < 60; step += 1) {
    const focused = await person.page.evaluate(() => {
      const element = document.activeElement
      const label =
        element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : element?.textContent
      return [element?.getAttribute('aria-label'), label].map((text) => text?.trim())
    })
    if (focused.includes(name)) {
      await person.page.keyboard.press(key)
      return
    }
    await person.page.keyboard.press('Tab')
  }
  throw new Error(`Tab never came to "${name}"`)
}

describe('a keyboard', () => {
  it('is enough for a whole call, from its start to hanging up', async () => {
    const [ann, bob] = await Promise.all([stage.arrive('Ann'), stage.arrive('Bob')])
    await pressByKey(ann, 'Start a call')
    const code = await ann.code()
    await pressByKey(bob, 'Your name', 'Control+A')
    await bob.page.keyboard.type('Bob')
    await pressByKey(bob, 'Code', 'Control+A')
    await bob.page.keyboard.type(code)
    await bob.page.keyboard.press('Enter')
    await ann.isCalledBy('Bob')
    await pressByKey(ann, 'Accept')
    await Promise.all([ann.seesVideoOf('Bob'), bob.hears()])
    await pressByKey(ann, 'Mute microphone')
    await bob.page
      .getByRole('img', { name: /is muted$/ })
      .first()
      .waitFor()
    await pressByKey(ann, 'Chat')
    await ann.sees('textbox', 'Message')
    await ann.page.keyboard.type('No mouse here')
    await ann.page.keyboard.press('Enter')
    await bob.openChat()
    await bob.reads('No mouse here')
    await ann.page.keyboard.press('Escape')
    await pressByKey(ann, 'Leave')
    await ann.sees('heading', 'You left the call')
  })
})
