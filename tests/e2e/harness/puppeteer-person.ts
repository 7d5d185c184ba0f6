import puppeteer, { type Browser, type Page } from 'puppeteer-core'
import { chromiumPath, fakeMedia, quiet } from './browser-process.ts'
import { NamespaceDoor } from './namespace-door.ts'
import {
  keepPeerConnections,
  type ReceivedStatistics,
  readFramesOf,
  readReceived,
} from './peer-statistics.ts'
import { until } from './until.ts'

/** Where Debian puts Firefox. */
const firefoxPath = '/usr/bin/firefox-esr'
const firefoxInNamespace = new URL('../../netlab/firefox-in-namespace.sh', import.meta.url).pathname

/** What kind of browser, and what is set in it before the app is opened. */
export type BrowserChoice =
  | {
      browser: 'firefox'
      preferences?: Record<string, unknown>
      beforePage?: (() => void) | string
      /** The network namespace that it runs in. There it takes the server's own certificate. */
      namespace?: string
    }
  | { browser: 'chromium'; beforePage?: (() => void) | string }

/**
 * Someone at a browser that Playwright cannot drive (Firefox) or drives so that no tab is ever hidden (Chromium). Has
 * fewer verbs than `Person`: enough for a basic call.
 */
export class PuppeteerPerson {
  readonly name: string
  readonly page: Page
  readonly #browser: Browser

  private constructor(name: string, browser: Browser, page: Page) {
    this.name = name
    this.#browser = browser
    this.page = page
  }

  /** Starts the browser with a fake camera and microphone, and opens the app. */
  static async arrive(name: string, origin: string, choice: BrowserChoice): Promise<PuppeteerPerson> {
    const browser = await (choice.browser === 'firefox'
      ? launchFirefox(choice.preferences, choice.namespace)
      : launchChromium(origin))
    const page = await browser.newPage()
    await page.evaluateOnNewDocument(keepPeerConnections)
    if (choice.beforePage) await page.evaluateOnNewDocument(choice.beforePage)
    await page.goto(origin)
    return new PuppeteerPerson(name, browser, page)
  }

  /** Puts another tab in front of the app's. */
  async hide(): Promise<void> {
    const other = await this.#browser.newPage()
    await other.bringToFront()
    await until(`${this.name}'s tab is hidden`, () =>
      this.page.evaluate(() => document.visibilityState === 'hidden'),
    )
  }

  async show(): Promise<void> {
    await this.page.bringToFront()
  }

  async press(name: string): Promise<void> {
    await this.page.locator(`::-p-aria([name="${name}"][role="button"])`).setTimeout(15_000).click()
  }

  async fill(name: string, text: string, role: 'textbox' | 'combobox' = 'textbox'): Promise<void> {
    await this.page.locator(`::-p-aria([name="${name}"][role="${role}"])`).setTimeout(15_000).fill(text)
  }

  async sees(text: string | RegExp, timeoutMs = 15_000): Promise<void> {
    await until(
      `${this.name} sees ${text}`,
      async () => {
        const shown = await this.page.evaluate(() => document.body.textContent ?? '')
        return typeof text === 'string' ? shown.includes(text) : text.test(shown)
      },
      timeoutMs,
    )
  }

  async startCall(): Promise<string> {
    await this.fill('Your name', this.name)
    await this.press('Start a call')
    return until('a code is shown', () =>
      this.page.evaluate(() => document.querySelector('[data-testid="code"]')?.textContent?.trim()),
    )
  }

  async connect(code: string): Promise<void> {
    await this.fill('Your name', this.name)
    await this.fill('Code', code, 'combobox')
    await this.press('Connect')
  }

  received(): Promise<ReceivedStatistics[]> {
    return this.page.evaluate(readReceived)
  }

  /** Both ways: more frames of their picture are decoded, and sound that is not silence comes in. */
  async isInCallWith(name: string): Promise<void> {
    const read = async () => {
      const frames = await this.page.evaluate(readFramesOf, name)
      const received = await this.received()
      return { frames: frames ?? -1, energy: received.reduce((sum, one) => sum + one.audioEnergy, 0) }
    }
    const first = await until(`${this.name} sees ${name} at all`, async () => {
      const now = await read()
      return now.frames >= 0 && now
    })
    await until(`${this.name} sees and hears ${name}`, async () => {
      const now = await read()
      return now.frames >= first.frames + 5 && now.energy > first.energy
    })
  }

  async close(): Promise<void> {
    await this.#browser.close()
  }
}

async function launchFirefox(
  preferences: Record<string, unknown> = {},
  namespace?: string,
): Promise<Browser> {
  const options = {
    browser: 'firefox',
    executablePath: firefoxPath,
    // Nobody vouches for the certificates of the servers here.
    acceptInsecureCerts: true,
    extraPrefsFirefox: {
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
      ...preferences,
    },
  } as const
  if (namespace === undefined) return puppeteer.launch(options)
  const door = await NamespaceDoor.open(namespace)
  const browser = await puppeteer.launch({
    ...options,
    executablePath: firefoxInNamespace,
    env: { ...process.env, NETNS: namespace },
    debuggingPort: door.port,
  })
  browser.once('disconnected', () => door.close())
  return browser
}

async function launchChromium(origin: string): Promise<Browser> {
  const browser = await puppeteer.launch({ executablePath: chromiumPath, args: [...quiet, ...fakeMedia] })
  await browser.defaultBrowserContext().overridePermissions(origin, ['notifications', 'camera', 'microphone'])
  return browser
}
