import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, afterEach, beforeAll, type TestContext } from 'vitest'
import { fakeMedia, launchChromium } from './browser-process.ts'
import { CrowflyServer, type ServerOptions } from './crowfly-server.ts'
import { keepEvidence } from './evidence.ts'
import { Person } from './person.ts'
import { type BrowserChoice, PuppeteerPerson } from './puppeteer-person.ts'

/** Painted without a graphics card: each pixel costs. */
const smallDesktop = { width: 1024, height: 640 }

export interface Arrival {
  /** What camera and microphone the person's browser has. Default: fake ones, and the questions are answered yes. */
  mediaFlags?: readonly string[]
  /** The network namespace that the browser runs in. */
  namespace?: string
  /** Variables that the person's browser is started with. */
  environment?: Readonly<Record<string, string>>
  /** Where the app is opened. Default: the server on localhost. */
  origin?: string
  context?: BrowserContextOptions
}

interface BrowserProcess {
  kind: string
  browser: Browser
  isTaken: boolean
}

/** The server and the browsers of one test file. Browser processes are kept from test to test, people are not. */
export class Stage {
  #server: CrowflyServer | null = null
  readonly #processes: BrowserProcess[] = []
  #people: Person[] = []
  #visitors: PuppeteerPerson[] = []

  get server(): CrowflyServer {
    if (this.#server === null) throw new Error('the server runs from beforeAll on')
    return this.#server
  }

  async open(options: ServerOptions = {}): Promise<void> {
    this.#server = await CrowflyServer.start(options)
  }

  /** A person with a browser process that nobody else in this test has. They have not opened the app yet. */
  async seat(name: string, arrival: Arrival = {}): Promise<Person> {
    const { mediaFlags = fakeMedia, namespace, environment, origin = this.server.origin, context } = arrival
    const kind = JSON.stringify([mediaFlags, namespace, environment])
    let free = this.#processes.find((one) => one.kind === kind && !one.isTaken && one.browser.isConnected())
    if (free === undefined) {
      free = { kind, browser: await launchChromium(mediaFlags, namespace, environment), isTaken: true }
      this.#processes.push(free)
    }
    free.isTaken = true
    const person = await Person.sitDown(
      name,
      origin,
      await free.browser.newContext({ viewport: smallDesktop, ...context }),
    )
    this.#people.push(person)
    return person
  }

  /** A person, in front of the app's first screen, or of a room's link. */
  async arrive(name: string, arrival: Arrival & { code?: string } = {}): Promise<Person> {
    const person = await this.seat(name, arrival)
    await person.visit(arrival.code)
    return person
  }

  /** A person at a browser that Playwright cannot drive, in front of the app's first screen. */
  async arriveBy(
    choice: BrowserChoice,
    name: string,
    origin: string = this.server.origin,
  ): Promise<PuppeteerPerson> {
    const person = await PuppeteerPerson.arrive(name, origin, choice)
    this.#visitors.push(person)
    return person
  }

  /** Ann starts a call, Bob calls her, she accepts; both see and hear each other. */
  async annAndBob(ofAnn: Arrival = {}): Promise<{ ann: Person; bob: Person; code: string }> {
    const [ann, bob] = await Promise.all([this.arrive('Ann', ofAnn), this.arrive('Bob')])
    const code = await ann.startCall()
    await bob.connect(code)
    await ann.isCalledBy('Bob')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
    return { ann, bob, code }
  }

  /** Ends what was one test's: people leave. Keeps what can explain its failure. */
  async clear(title: string, hasFailed: boolean): Promise<void> {
    const people = [...this.#people, ...this.#visitors]
    this.#people = []
    this.#visitors = []
    if (hasFailed) await keepEvidence(title, people, this.server.output)
    await Promise.all(people.map((person) => person.close()))
    for (const one of this.#processes) one.isTaken = false
    // A failed test may have left the server stopped; the others shall not fail for it.
    if (!this.server.isRunning) await this.server.start()
  }

  async close(): Promise<void> {
    await Promise.all(this.#processes.map((one) => one.browser.close()))
    await this.#server?.close()
  }
}

/** Sets a stage for one test alone, so that it can run beside others. */
export async function openStage(test: TestContext, options: ServerOptions = {}): Promise<Stage> {
  const stage = new Stage()
  await stage.open(options)
  test.onTestFinished(async ({ task }) => {
    await stage.clear(task.name, task.result?.state === 'fail')
    await stage.close()
  })
  return stage
}

/** Sets a stage for the tests of a file: call it once, at its top. */
export function useStage(options: ServerOptions = {}): Stage {
  const stage = new Stage()
  beforeAll(() => stage.open(options))
  afterEach(({ task }) => stage.clear(task.name, task.result?.state === 'fail'))
  afterAll(() => stage.close())
  return stage
}
