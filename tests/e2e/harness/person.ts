import type { BrowserContext, Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import {
  keepPeerConnections,
  type ReceivedStatistics,
  readFramesOf,
  readReceived,
} from './peer-statistics.ts'
import { until } from './until.ts'

type Role = Parameters<Page['getByRole']>[0]

/** A code as the end of a link: `4821-canoe-velvet-maple` is `4821#canoe-velvet-maple`. What is no code stays. */
export function linkEnd(code: string): string {
  return /^[0-9]+(-[a-z]+)+$/.test(code) ? code.replace('-', '#') : code
}

/** How a code is written. */
export const codeForm = /^[0-9]{4,9}(-[a-z]{3,8}){3}$/

/** Someone at a browser of their own, who sees and presses what the accessible names say. */
export class Person {
  readonly name: string
  readonly page: Page
  /** What the page wrote to its console, and errors that nothing caught. */
  readonly log: string[] = []
  /** Every address that the browser asked for anything, page by page, frames and WebSockets included. */
  readonly requests: string[] = []
  readonly #context: BrowserContext
  readonly #origin: string

  private constructor(name: string, origin: string, context: BrowserContext, page: Page) {
    this.name = name
    this.page = page
    this.#context = context
    this.#origin = origin
    page.on('console', (message) => this.log.push(`${message.type()}: ${message.text()}`))
    page.on('pageerror', (error) => this.log.push(`uncaught: ${error.stack ?? error.message}`))
    context.on('request', (request) => this.requests.push(request.url()))
    page.on('websocket', (socket) => this.requests.push(socket.url()))
  }

  /** Opens a tab in `context` for a person; `visit` then shows it the app. */
  static async sitDown(name: string, origin: string, context: BrowserContext): Promise<Person> {
    await context.addInitScript(keepPeerConnections)
    return new Person(name, origin, context, await context.newPage())
  }

  /**
   * A second tab at the same address with a copy of this one's session storage, which is what Duplicate makes, gone on
   * into the call unless it does so by itself.
   */
  async duplicateTab(): Promise<Person> {
    const opened = this.page.waitForEvent('popup')
    await this.page.evaluate(() => {
      window.open(location.href, '_blank')
    })
    const twin = new Person(this.name, this.#origin, this.#context, await opened)
    await twin.button(/^(Connect|Leave)$/).waitFor()
    if (await twin.button('Connect').isVisible()) await twin.press('Connect')
    return twin
  }

  /** Opens the app, at a room's link when there is a code. */
  async visit(code = ''): Promise<void> {
    await this.page.goto(`${this.#origin}/${linkEnd(code)}`)
  }

  /** Opens a link in the page that shows already, as one does who pastes it over the address. */
  async pasteLink(code: string): Promise<void> {
    await this.page.evaluate(
      (link) => {
        location.href = link
      },
      `${this.#origin}/${linkEnd(code)}`,
    )
  }

  /** The field for a code. */
  codeField(): Locator {
    return this.control('combobox', 'Code')
  }

  control(role: Role, name: string | RegExp): Locator {
    return this.page.getByRole(role, typeof name === 'string' ? { name, exact: true } : { name })
  }

  button(name: string | RegExp): Locator {
    return this.control('button', name)
  }

  async press(name: string | RegExp): Promise<void> {
    await this.button(name).click({ timeout: 10_000 })
  }

  /** Waits for a heading, dialog, alert or other thing with this accessible name to be seen. */
  async sees(role: Role, name: string | RegExp, timeoutMs = 15_000): Promise<void> {
    await this.control(role, name).first().waitFor({ state: 'visible', timeout: timeoutMs })
  }

  async seesNo(role: Role, name: string | RegExp, timeoutMs = 15_000): Promise<void> {
    await this.control(role, name).first().waitFor({ state: 'hidden', timeout: timeoutMs })
  }

  async seesText(text: string | RegExp, timeoutMs = 15_000): Promise<void> {
    await this.page.getByText(text).first().waitFor({ state: 'visible', timeout: timeoutMs })
  }

  /** Answers the page's offer to ask for camera and microphone; a browser that allowed them before is not asked. */
  async allowDevices(): Promise<void> {
    const allow = this.button('Allow camera and microphone')
    await allow
      .or(this.button(/^Turn camera (on|off)$/))
      .first()
      .waitFor({ timeout: 15_000 })
    if (await allow.isVisible()) await allow.click()
  }

  /** Says who they are and starts a call. Returns the code that they are given. */
  async startCall(): Promise<string> {
    await this.control('textbox', 'Your name').fill(this.name)
    await this.press('Start a call')
    return this.code()
  }

  /** The code on the waiting screen, as it is shown. */
  async code(): Promise<string> {
    const text = await this.page.getByTestId('code').first().textContent({ timeout: 15_000 })
    return text?.trim() ?? ''
  }

  /** Types a code and presses Connect. */
  async connect(code: string): Promise<void> {
    await this.control('textbox', 'Your name').fill(this.name)
    const field = this.codeField()
    if (await field.isVisible()) await field.fill(code)
    await this.press('Connect')
  }

  /** Goes to a room by a name and a secret that people agreed on. */
  async enterOwnRoom(name: string, secret: string): Promise<void> {
    await this.control('textbox', 'Your name').fill(this.name)
    await this.press('Use your own room name')
    await this.control('textbox', 'Room name').fill(name)
    await this.control('textbox', 'Secret').fill(secret)
    await this.press('Enter the room')
  }

  /** Opens the emoji with somebody. Returns their names, in order. */
  async openEmoji(name: string): Promise<string[]> {
    await this.press(/^(End-to-end encrypted|Verified)/)
    await this.press(new RegExp(`^(Compare emoji|Emoji) with ${name}$`))
    await this.sees('dialog', `Emoji with ${name}`)
    return this.control('list', `Emoji with ${name}`).getByRole('listitem').allInnerTexts()
  }

  async isCalledBy(name: string): Promise<void> {
    await this.sees('alertdialog', `${name} is calling`)
  }

  async accept(): Promise<void> {
    await this.press('Accept')
  }

  async decline(): Promise<void> {
    await this.press('Decline')
  }

  /** Waits until somebody's picture is taken away; their place stays. */
  async seesNoPictureOf(name: string): Promise<void> {
    await this.page.locator(`video[aria-label="${name}"][data-shown="false"]`).waitFor({ state: 'attached' })
  }

  /** Waits until more frames of somebody's picture are decoded than when it was asked first. */
  async seesVideoOf(name: string, more = 5, timeoutMs = 20_000): Promise<void> {
    let first: number | null = null
    await until(
      `${this.name} sees ${name}`,
      async () => {
        const frames = await this.page.evaluate(readFramesOf, name)
        first ??= frames
        return frames !== null && first !== null && frames >= first + more
      },
      timeoutMs,
    )
  }

  /** Waits until sound that is not silence comes in on `count` connections. */
  async hears(count = 1, timeoutMs = 20_000): Promise<void> {
    const before = await this.received()
    await until(
      `${this.name} hears ${count}`,
      async () => {
        const now = await this.received()
        const rising = now.filter((one, index) => one.audioEnergy > (before[index]?.audioEnergy ?? 0))
        return rising.length >= count
      },
      timeoutMs,
    )
  }

  /** Waits until packets of sound come in that add no energy: a muted microphone sends silence. */
  async hearsSilence(packets = 60): Promise<void> {
    let start = await this.receivedAudio()
    await until(`${this.name} hears silence`, async () => {
      const now = await this.receivedAudio()
      if (now.energy > start.energy + 1e-6) start = now
      return now.packets >= start.packets + packets
    })
  }

  async receivedAudio(): Promise<{ packets: number; energy: number }> {
    const all = await this.received()
    return {
      packets: all.reduce((sum, one) => sum + one.audioPackets, 0),
      energy: all.reduce((sum, one) => sum + one.audioEnergy, 0),
    }
  }

  received(): Promise<ReceivedStatistics[]> {
    return this.page.evaluate(readReceived)
  }

  /** Both ways with one other: picture and sound. */
  async isInCallWith(...names: string[]): Promise<void> {
    await Promise.all([...names.map((name) => this.seesVideoOf(name)), this.hears(names.length)])
  }

  /** Waits until `count` others of the same name are seen. */
  async seesBoth(name: string, count: number): Promise<void> {
    const videos = this.page.locator(`video[aria-label="${name}"]`)
    await until(`${this.name} sees ${count} of ${name}`, async () => (await videos.count()) === count)
  }

  /** Presses a button of the one caller among several. */
  async answer(caller: string, button: 'Accept' | 'Decline'): Promise<void> {
    const dialog = this.control('alertdialog', `${caller} is calling`)
    await dialog.getByRole('button', { name: button }).click({ timeout: 10_000 })
  }

  async openChat(): Promise<void> {
    if (!(await this.control('textbox', 'Message').isVisible())) await this.press(/^Chat/)
  }

  async say(text: string): Promise<void> {
    await this.openChat()
    await this.control('textbox', 'Message').fill(text)
    await this.press('Send')
  }

  async reads(text: string): Promise<void> {
    await this.control('log', 'Messages').getByText(text, { exact: true }).waitFor({ timeout: 10_000 })
  }

  async openDevices(): Promise<void> {
    await this.press('More')
    await this.control('menuitem', 'Devices').click({ timeout: 10_000 })
    await this.sees('dialog', 'Devices')
  }

  /** Chooses a device in the list that is open. */
  async choose(list: 'Camera' | 'Microphone' | 'Speaker', device: string): Promise<void> {
    await this.control('combobox', list).click({ timeout: 10_000 })
    await this.control('option', device).click({ timeout: 10_000 })
  }

  /** Waits until the page says no more that the server is away. */
  async isOnline(): Promise<void> {
    await this.seesText('Connected to the server again', 20_000)
  }

  async leave(): Promise<void> {
    await this.press('Leave')
  }

  /** Fails when the page logged an error that is not of the kinds named. */
  hasNoErrors(...expected: RegExp[]): void {
    const errors = this.log.filter((line) => /^(error|uncaught):/.test(line))
    expect(errors.filter((line) => !expected.some((pattern) => pattern.test(line)))).toEqual([])
  }

  async close(): Promise<void> {
    await this.#context.close()
  }
}
