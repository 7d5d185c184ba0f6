import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { crowflyBin } from '../e2e/harness/crowfly-server.ts'
import { freePort } from '../e2e/harness/free-port.ts'
import { until } from '../e2e/harness/until.ts'

/** `crowfly turn` as it is built, as a process of its own, on 127.0.0.1 and ::1. */
export class CrowflyTurn {
  readonly port: number
  readonly tlsPort: number
  readonly #process: ChildProcess
  #output = ''

  private constructor(port: number, tlsPort: number, flags: readonly string[]) {
    this.port = port
    this.tlsPort = tlsPort
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

  /** Starts one with further flags, and TLS on a port of its own when there is a certificate file that holds its key. */
  static async start(flags: readonly string[], certificate?: string): Promise<CrowflyTurn> {
    const [port, tlsPort] = [await freePort(), await freePort()]
    const tls = ['--tls-listen', `127.0.0.1:${tlsPort}`, '--tls-listen', `[::1]:${tlsPort}`]
    const files = certificate === undefined ? [] : [...tls, '--cert', certificate, '--key', certificate]
    const server = new CrowflyTurn(port, tlsPort, [...flags, ...files])
    await until(
      'crowfly turn is up',
      () => {
        if (server.#process.exitCode !== null) throw new Error(server.#output)
        return server.#output.includes('Ctrl-C')
      },
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
