import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../e2e/harness/free-port.ts'
import { until } from '../e2e/harness/until.ts'

/** Debian's coturn as a process of its own, on 127.0.0.1 and ::1. */
export class Turnserver {
  readonly port: number
  readonly #folder: string
  readonly #process: ChildProcess
  #output = ''

  private constructor(port: number, flags: readonly string[]) {
    this.port = port
    this.#folder = mkdtempSync(join(tmpdir(), 'crowfly-turnserver-'))
    const files = ['--pidfile', join(this.#folder, 'pid'), '--userdb', join(this.#folder, 'db')]
    const listen = ['--listening-ip', '127.0.0.1', '--listening-ip', '::1', '--listening-port', String(port)]
    const quiet = ['-n', '--no-cli', '--no-tls', '--no-dtls', '--no-rfc5780', '--log-file', 'stdout']
    this.#process = spawn('turnserver', [...quiet, ...listen, ...files, ...flags], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const keep = (chunk: Buffer) => {
      this.#output += chunk.toString()
    }
    this.#process.stdout?.on('data', keep)
    this.#process.stderr?.on('data', keep)
  }

  /** Starts one with further flags and waits until it listens. */
  static async start(flags: readonly string[]): Promise<Turnserver> {
    const server = new Turnserver(await freePort(), flags)
    await until('turnserver is up', () => server.#output.includes('admin thread'), 20_000)
    return server
  }

  async close(): Promise<void> {
    const exited = once(this.#process, 'exit')
    this.#process.kill()
    if (this.#process.exitCode === null && this.#process.signalCode === null) await exited
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
