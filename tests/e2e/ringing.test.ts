import { describe, expect, it } from 'vitest'
import { keepScreen } from './harness/evidence.ts'
import { useStage } from './harness/stage.ts'
import { until } from './harness/until.ts'

const stage = useStage()

describe('being called', () => {
  it('shows in the tab title and sounds', async () => {
    const [ann, bob] = await Promise.all([stage.arrive('Ann'), stage.arrive('Bob')])
    const code = await ann.startCall()
    const title = await ann.page.title()
    await ann.page.evaluate(() => {
      const start = OscillatorNode.prototype.start
      OscillatorNode.prototype.start = function (when) {
        document.documentElement.dataset['rang'] = 'true'
        start.call(this, when)
      }
    })
    await bob.connect(code)
    await ann.isCalledBy('Bob')
    await until('the title names the caller', async () => (await ann.page.title()).includes('Bob'))
    await until('it sounds', () =>
      ann.page.evaluate(() => document.documentElement.dataset['rang'] === 'true'),
    )
    await keepScreen(ann, 'ringing')
    await keepScreen(bob, 'calling')
    await ann.decline()
    await until('the title is as before', async () => (await ann.page.title()) === title)
  })

  it('shows a notification with the name while the tab is hidden', async () => {
    const bob = await stage.arrive('Bob')
    const beforePage = (): void => {
      const Original = window.Notification
      const shown: string[] = []
      Object.assign(window, { shownNotifications: shown })
      window.Notification = class extends Original {
        constructor(title: string, options?: NotificationOptions) {
          super(title, options)
          shown.push(title)
        }
      }
    }
    const ann = await stage.arriveBy({ browser: 'chromium', beforePage }, 'Ann')
    const code = await ann.startCall()
    await ann.hide()
    await bob.connect(code)
    await until('a notification names Bob', () =>
      ann.page.evaluate(() =>
        Reflect.get(window, 'shownNotifications').some((title: string) => title.includes('Bob')),
      ),
    )
    await ann.show()
    await ann.press('Accept')
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
  })

  it('lets two callers be answered one by one', async () => {
    const [ann, bob, cat] = await Promise.all([stage.arrive('Ann'), stage.arrive('Bob'), stage.arrive('Cat')])
    const code = await ann.startCall()
    await bob.connect(code)
    await ann.isCalledBy('Bob')
    await cat.connect(code)
    await ann.isCalledBy('Cat')
    await ann.answer('Bob', 'Decline')
    await bob.sees('heading', 'Your call was declined')
    await ann.answer('Cat', 'Accept')
    await Promise.all([ann.isInCallWith('Cat'), cat.isInCallWith('Ann')])
    expect(await ann.control('alertdialog', /is calling/).count()).toBe(0)
  })
})
