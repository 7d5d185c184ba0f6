import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { freePort } from './free-port.ts'

const program = new URL('../../netlab/door.mjs', import.meta.url).pathname

/** A port of a namespace's loopback that is reached at the same port of this one's: how its driver gets to a Firefox. */
export class NamespaceDoor {
  readonly port: number
  readonly #listener: Server
  readonly #child: ChildProcess
  readonly #path: string

  private constructor(port: number, listener: Server, child: ChildProcess, path: string) {
    this.port = port
    this.#listener = listener
    this.#child = child
    this.#path = path
  }

  static async open(namespace: string): Promise<NamespaceDoor> {
    const port = await freePort()
    const path = join(mkdtempSync(join(tmpdir(), 'crowfly-door-')), 'socket')
    const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, program, path, String(port)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    await once(child.stdout, 'data')
    const listener = createServer((outside) => {
      const inside = connect(path)
      outside.pipe(inside).pipe(outside)
      outside.on('error', () => inside.destroy())
      inside.on('error', () => outside.destroy())
    })
    listener.listen(port, '127.0.0.1')
    await once(listener, 'listening')
    return new NamespaceDoor(port, listener, child, path)
  }

  close(): void {
    this.#listener.close()
    this.#child.kill()
    rmSync(dirname(this.#path), { recursive: true, force: true })
  }
}
