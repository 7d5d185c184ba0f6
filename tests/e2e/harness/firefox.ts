import puppeteer, { type Browser, type Page } from 'puppeteer-core'
import { keepPeerConnections, readFramesOf, readReceived } from './peer-statistics.ts'
import { until } from './until.ts'

/** Where Debian puts Firefox. */
const firefoxPath = '/usr/bin/firefox-esr'

/** Someone at a Firefox, with fewer verbs than `Person` has: enough for a basic call. */
export class FirefoxPerson {
  readonly name: string
  readonly page: Page
  readonly #browser: Browser

  private constructor(name: string, browser: Browser, page: Page) {
    this.name = name
    this.#browser = browser
    this.page = page
  }

  /** Starts a Firefox with a fake camera and microphone, which answers the page's questions with yes. */
  static async arrive(
    name: string,
    origin: string,
    preferences: Record<string, unknown> = {},
  ): Promise<FirefoxPerson> {
    const browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath: firefoxPath,
      headless: true,
      extraPrefsFirefox: {
        'media.navigator.streams.fake': true,
        'media.navigator.permission.disabled': true,
        ...preferences,
      },
    })
    const page = await browser.newPage()
    await page.evaluateOnNewDocument(keepPeerConnections)
    await page.goto(origin)
    return new FirefoxPerson(name, browser, page)
  }

  async press(name: string): Promise<void> {
    await this.page.locator(`::-p-aria([name="${name}"][role="button"])`).setTimeout(15_000).click()
  }

  async fill(name: string, text: string): Promise<void> {
    await this.page.locator(`::-p-aria([name="${name}"][role="textbox"])`).setTimeout(15_000).fill(text)
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
    await this.fill('Code', code)
    await this.press('Connect')
  }

  /** Both ways: more frames of their picture are decoded, and sound that is not silence comes in. */
  async isInCallWith(name: string): Promise<void> {
    const read = async () => {
      const frames = await this.page.evaluate(readFramesOf, name)
      const received = await this.page.evaluate(readReceived)
      return { frames: frames ?? -1, energy: received.reduce((sum, one) => sum + one.audioEnergy, 0) }
    }
    const first = await until(`${this.name} sees ${name} at all`, async () => {
      const now = await read()
      return now.frames >= 0 && now
    })
    await until(`${this.name} sees and hears ${name}`, async () => {
      const now = await read()
      return now.frames >= first.frames + 10 && now.energy > first.energy
    })
  }

  async close(): Promise<void> {
    await this.#browser.close()
  }
}
