import type { TestContext } from 'vitest'
import { fakeMedia } from '../e2e/harness/browser-process.ts'
import type { Person } from '../e2e/harness/person.ts'
import type { PuppeteerPerson } from '../e2e/harness/puppeteer-person.ts'
import { Stage } from '../e2e/harness/stage.ts'
import { type Client, type NatKind, NatLab, serverAddress, serverName } from './nat-lab.ts'

/** A lab with the server in the open and people behind its NATs. Each test has one of its own, so several run at once. */
export class LabStage {
  readonly lab: NatLab
  readonly #stage = new Stage()

  private constructor(natOfA: NatKind, natOfB: NatKind) {
    this.lab = new NatLab(natOfA, natOfB)
  }

  /** Builds the lab and starts the server, for as long as the test lasts. */
  static async open(
    test: TestContext,
    [natOfA, natOfB]: readonly [NatKind, NatKind],
    flags: readonly string[] = [],
  ): Promise<LabStage> {
    const built = new LabStage(natOfA, natOfB)
    // The last registered comes first.
    test.onTestFinished(() => built.lab.down())
    await built.#stage.open({ namespace: built.lab.open.name, flags })
    test.onTestFinished(() => built.#close(test))
    return built
  }

  get serverPort(): number {
    return this.#stage.server.port
  }

  /** A person at a client's host, in front of the app's first screen. */
  async arrive(name: string, client: Client, beforePage?: string): Promise<Person> {
    const person = await this.#stage.seat(name, {
      namespace: this.lab.client(client),
      // By address: Chromium asks DNS alone for a relay's name, and there is none.
      origin: `https://${serverAddress}:${this.serverPort}`,
      context: { ignoreHTTPSErrors: true },
      // For the relay within TLS as well.
      mediaFlags: [...fakeMedia, '--ignore-certificate-errors'],
    })
    if (beforePage) await person.page.addInitScript(beforePage)
    await person.visit()
    return person
  }

  /** Ann, behind the one NAT, is called by Bob, behind the other, and accepts. */
  async call(beforePage?: string): Promise<{ ann: Person; bob: Person }> {
    const [ann, bob] = await Promise.all([
      this.arrive('Ann', 'a', beforePage),
      this.arrive('Bob', 'b', beforePage),
    ])
    await bob.connect(await ann.startCall())
    await ann.isCalledBy('Bob')
    await ann.accept()
    return { ann, bob }
  }

  /** The same, but that the one who calls is Fox, at a Firefox. */
  async callByFirefox(beforePage?: string): Promise<{ ann: Person; fox: PuppeteerPerson }> {
    const [ann, fox] = await Promise.all([
      this.arrive('Ann', 'a', beforePage),
      this.#arriveByFirefox('Fox', 'b', beforePage),
    ])
    await fox.connect(await ann.startCall())
    await ann.isCalledBy('Fox')
    await ann.accept()
    return { ann, fox }
  }

  /** The same, at a Firefox. */
  #arriveByFirefox(name: string, client: Client, beforePage?: string): Promise<PuppeteerPerson> {
    const namespace = this.lab.client(client)
    // By name: Firefox uses no relay within TLS at an address.
    const origin = `https://${serverName}:${this.serverPort}`
    return this.#stage.arriveBy(
      { browser: 'firefox', namespace, ...(beforePage && { beforePage }) },
      name,
      origin,
    )
  }

  async #close({ task }: TestContext): Promise<void> {
    await this.#stage.clear(task.name, task.result?.state === 'fail')
    await this.#stage.close()
  }
}
