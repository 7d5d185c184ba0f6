import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { comesTrue } from './pause.ts'

const START_MS = 20_000

/** A server process of our own that has said that it is up. */
export class SpawnedServer {
  readonly #process: ChildProcess
  #output = ''

  private constructor(process: ChildProcess) {
    this.#process = process
    const keep = (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-20_000)
    }
    process.stdout?.on('data', keep)
    process.stderr?.on('data', keep)
  }

  /** Starts it and waits until it has printed something that `sign` matches. */
  static async start(program: string, args: readonly string[], sign: RegExp): Promise<SpawnedServer> {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    child.on('error', () => {})
    const server = new SpawnedServer(child)
    const isUp = () => sign.test(server.#output)
    await comesTrue(() => isUp() || server.hasEnded, START_MS)
    if (isUp()) return server
    child.kill()
    throw new Error(`${program} did not come up: ${server.#output.slice(-2000)}`)
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  get hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null || this.pid === undefined
  }

  /** The last that it printed. */
  get output(): string {
    return this.#output
  }

  async stop(): Promise<void> {
    if (this.hasEnded) return
    const exited = once(this.#process, 'exit')
    this.#process.kill()
    await exited
  }
}
