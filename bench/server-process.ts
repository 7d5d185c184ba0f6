import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Clock ticks a second in /proc/<pid>/stat; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100
const START_TIMEOUT_MS = 20_000

/** The core that servers run on; load comes from the others. */
export const SERVER_CORE = 0

/** How a server is started. */
export interface ServerCommand {
  name: string
  command: string
  args: (port: number) => string[]
  /** Whether it answers by now. */
  isReady: (port: number) => Promise<boolean>
}

/** A server under measurement, in a process of its own on one core. */
export class ServerProcess {
  readonly name: string
  readonly port: number
  readonly pid: number
  readonly #child: ChildProcess

  private constructor(name: string, port: number, pid: number, child: ChildProcess) {
    this.name = name
    this.port = port
    this.pid = pid
    this.#child = child
  }

  /** Starts it on a free port, with more environment if need be, and waits until it answers. */
  static async start(
    server: ServerCommand,
    environment: Record<string, string> = {},
  ): Promise<ServerProcess> {
    const port = await freePort()
    const [command, args] = pinned(SERVER_CORE, server.command, server.args(port))
    const child = spawn(command, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...environment },
    })
    // A fault in the load ends this process without a word to its servers.
    process.once('exit', () => child.kill('SIGKILL'))
    const complaints: string[] = []
    child.stderr.setEncoding('utf8').on('data', (text: string) => complaints.push(text))
    const { pid } = child
    if (pid === undefined) throw new Error(`${server.name}: ${command} cannot be started`)
    const deadline = performance.now() + START_TIMEOUT_MS
    while (!(await server.isReady(port))) {
      if (child.exitCode !== null || performance.now() > deadline) {
        child.kill()
        throw new Error(`${server.name} does not answer on port ${port}\n${complaints.join('')}`)
      }
      await sleep(100)
    }
    return new ServerProcess(server.name, port, pid, child)
  }

  /** User and system time of all its threads so far, in seconds. */
  get cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.pid}/stat`, 'utf8')
    // proc(5): utime and stime are the 12th and 13th fields after the command's name, which ends with a parenthesis.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
  }

  /** Resident memory in bytes. */
  get residentBytes(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8')
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return
    this.#child.kill('SIGTERM')
    const exited = once(this.#child, 'exit')
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5000)
    await exited
    clearTimeout(timer)
  }
}

/** The command that runs another on one core. */
export function pinned(core: number, command: string, args: readonly string[]): [string, string[]] {
  return ['taskset', ['-c', String(core), command, ...args]]
}

/** Keeps this process, its threads included, off the servers' core. */
export function leaveServerCore(): void {
  execFileSync('taskset', ['-acp', String(SERVER_CORE + 1), String(process.pid)], { stdio: 'ignore' })
}

/** A TCP port that was free just now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
