import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { crowflyBin } from '../e2e/harness/crowfly-server.ts'
import { freePort } from '../e2e/harness/free-port.ts'
import { until } from '../e2e/harness/until.ts'

/** Where and with what a `CrowflyTurn` runs. */
export interface CrowflyTurnOptions {
  /** A file that holds the certificate and its key: TLS has a port of its own then. */
  certificate?: string
  /** The network namespace to run in. Default: this one. */
  namespace?: string
  /** Addresses to listen on. Default: 127.0.0.1 and ::1. */
  hosts?: readonly string[]
}

/** `crowfly turn` as it is built, as a process of its own. */
export class CrowflyTurn {
  readonly port: number
  readonly tlsPort: number
  readonly #process: ChildProcess
  #output = ''

  private constructor(port: number, tlsPort: number, flags: readonly string[], options: CrowflyTurnOptions) {
    this.port = port
    this.tlsPort = tlsPort
    const { certificate, namespace, hosts = ['127.0.0.1', '[::1]'] } = options
    const at = (flag: string, of: number) => hosts.flatMap((host) => [flag, `${host}:${of}`])
    const tls = certificate && [...at('--tls-listen', tlsPort), '--cert', certificate, '--key', certificate]
    const [program = '', ...args] = [
      ...(namespace === undefined ? [] : ['ip', 'netns', 'exec', namespace]),
      process.execPath,
      crowflyBin,
      'turn',
      ...at('--listen', port),
      ...(tls ?? []),
      ...flags,
    ]
    this.#process = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const keep = (chunk: Buffer) => {
      this.#output += chunk.toString()
    }
    this.#process.stdout?.on('data', keep)
    this.#process.stderr?.on('data', keep)
  }

  /** Starts one with further flags. Rejects with what it said when it does not start. */
  static async start(flags: readonly string[], options: CrowflyTurnOptions = {}): Promise<CrowflyTurn> {
    const server = new CrowflyTurn(await freePort(), await freePort(), flags, options)
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

  /** What it has printed so far. */
  get said(): string {
    return this.#output
  }

  async close(): Promise<void> {
    const exited = once(this.#process, 'exit')
    this.#process.kill()
    if (this.#process.exitCode === null && this.#process.signalCode === null) await exited
  }
}
