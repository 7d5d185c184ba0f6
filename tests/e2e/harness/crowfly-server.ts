import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'
import { until } from './until.ts'

/** The repository's folder. */
export const root = fileURLToPath(new URL('../../..', import.meta.url))

/** The command as it is built. */
export const crowflyBin = join(root, 'apps/server/bin/crowfly.mjs')

export interface ServerOptions {
  /** Flags besides `--port` and `--state`. */
  flags?: readonly string[]
  /** The network namespace that it runs in. Default: this one. */
  namespace?: string
}

/** A limit on rooms and tries per address would count all tests together, as they all come from this machine. */
const wideLimits = [
  'roomsPerHour=100000',
  'unknownNameplatesPerMinute=100000',
  'joinsPerMinute=100000',
  'looksPerMinute=100000',
  'guessesPerHour=100000',
]

/** The real built server as a process of its own, which can be stopped and come back on the same port and state. */
export class CrowflyServer {
  readonly port: number
  readonly stateFolder: string
  readonly #options: ServerOptions
  #process: ChildProcess | null = null
  #output = ''

  private constructor(port: number, stateFolder: string, options: ServerOptions) {
    this.port = port
    this.stateFolder = stateFolder
    this.#options = options
  }

  /** Starts a server on a free port with a new state folder, and waits until it has printed its address. */
  static async start(options: ServerOptions = {}): Promise<CrowflyServer> {
    // The server makes the folder itself: its rights are the server's business.
    const stateFolder = join(mkdtempSync(join(tmpdir(), 'crowfly-e2e-')), 'state')
    const server = new CrowflyServer(await freePort(), stateFolder, options)
    try {
      await server.start()
      return server
    } catch (error) {
      await server.close()
      throw error
    }
  }

  /** Everything that it has printed, over all its starts. */
  get output(): string {
    return this.#output
  }

  /** A secure context for browsers although it is plain HTTP. */
  get origin(): string {
    return `http://localhost:${this.port}`
  }

  get isRunning(): boolean {
    return this.#process !== null && this.#process.exitCode === null
  }

  /** Starts it again. */
  async start(): Promise<void> {
    const flags = ['--port', String(this.port), '--state', this.stateFolder, '--stun-port', 'off']
    for (const limit of wideLimits) flags.push('--limit', limit)
    const command = [process.execPath, crowflyBin, 'serve', ...flags, ...(this.#options.flags ?? [])]
    const enter =
      this.#options.namespace === undefined ? [] : ['ip', 'netns', 'exec', this.#options.namespace]
    const [program = '', ...args] = [...enter, ...command]
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#process = child
    const start = this.#output.length
    const keep = (chunk: Buffer) => {
      this.#output += chunk.toString()
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    await until(
      'the server prints its address',
      () => {
        const printed = this.#output.slice(start)
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${printed}`)
        return printed.includes(`:${this.port}`)
      },
      20_000,
    )
  }

  /** Ends it by a signal. Returns its exit code, null when the signal itself ended it. */
  async stop(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const child = this.#process
    this.#process = null
    if (child === null || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
    return child.exitCode
  }

  /** Ends it and removes its state. */
  async close(): Promise<void> {
    await this.stop('SIGTERM')
    rmSync(dirname(this.stateFolder), { recursive: true, force: true })
  }
}
