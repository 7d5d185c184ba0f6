import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { crowflyBin } from '../e2e/harness/crowfly-server.ts'
import { freePort } from '../e2e/harness/free-port.ts'
import { until } from '../e2e/harness/until.ts'

/** `crowfly turn` as a process of its own, on 127.0.0.1 and ::1. */
export class CrowflyTurn {
  readonly port: number
  readonly #process: ChildProcess
  #output = ''

  private constructor(port: number, flags: readonly string[]) {
    this.port = port
    const listen = ['--listen', `127.0.0.1:${port}`, '--listen', `[::1]:${port}`]
    this.#process = spawn(process.execPath, [crowflyBin, 'turn', ...listen, ...flags], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const keep = (chunk: Buffer) => {
      this.#output += chunk.toString()
    }
    this.#process.stdout?.on('data', keep)
    this.#process.stderr?.on('data', keep)
  }

  /** Starts one with further flags and waits until it listens. */
  static async start(flags: readonly string[]): Promise<CrowflyTurn> {
    const server = new CrowflyTurn(await freePort(), flags)
    await until(
      `crowfly turn is up: ${server.#output}`,
      () => server.#output.includes('Press Ctrl-C'),
      20_000,
    )
    return server
  }

  async close(): Promise<void> {
    const exited = once(this.#process, 'exit')
    this.#process.kill()
    if (this.#process.exitCode === null && this.#process.signalCode === null) await exited
  }
}
