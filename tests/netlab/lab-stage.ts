import type { TestContext } from 'vitest'
import type { Person } from '../e2e/harness/person.ts'
import type { PuppeteerPerson } from '../e2e/harness/puppeteer-person.ts'
import { Stage } from '../e2e/harness/stage.ts'
import { type Client, type NatKind, NatLab } from './nat-lab.ts'

/** A lab with the server in the open and people behind its NATs. Each test has one of its own, so several run at once. */
export class LabStage {
  readonly lab: NatLab
  readonly #stage = new Stage()

  private constructor(natOfA: NatKind, natOfB: NatKind) {
    this.lab = new NatLab(natOfA, natOfB)
  }

  /** Builds the lab and starts the server, for as long as the test lasts. */
  static async open(test: TestContext, natOfA: NatKind, natOfB: NatKind): Promise<LabStage> {
    const built = new LabStage(natOfA, natOfB)
    test.onTestFinished(() => built.#close(test))
    await built.#stage.open({ namespace: built.lab.open.name })
    return built
  }

  get serverPort(): number {
    return this.#stage.server.port
  }

  get #origin(): string {
    return `https://${this.lab.serverAddress}:${this.serverPort}`
  }

  /** A person at a client's host, in front of the app's first screen. */
  async arrive(name: string, client: Client, beforePage?: string): Promise<Person> {
    const person = await this.#stage.seat(name, {
      namespace: this.lab.client(client),
      origin: this.#origin,
      context: { ignoreHTTPSErrors: true },
    })
    if (beforePage) await person.page.addInitScript(beforePage)
    await person.visit()
    return person
  }

  /** The same, at a Firefox. */
  arriveByFirefox(name: string, client: Client, beforePage: string): Promise<PuppeteerPerson> {
    const namespace = this.lab.client(client)
    return this.#stage.arriveBy({ browser: 'firefox', namespace, beforePage }, name, this.#origin)
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

  async #close({ task }: TestContext): Promise<void> {
    await this.#stage.clear(task.name, task.result?.state === 'fail')
    await this.#stage.close()
    this.lab.down()
  }
}
