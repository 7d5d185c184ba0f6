import { execFileSync } from 'node:child_process'
import { lstatSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const device = '/dev/video9'
const source = fileURLToPath(new URL('busy-camera.c', import.meta.url))

/** Why there can be no busy camera here, and the command that helps; null when there can be one. */
export function busyCameraMissing(): string | null {
  if (process.getuid?.() !== 0) return 'a busy camera needs root, to list it in /dev: sudo npm test'
  // A plain file is what a run that was killed has left.
  if (lstatSync(device, { throwIfNoEntry: false })?.isFile() === false) return `there is a real ${device}`
  try {
    execFileSync('cc', ['--version'], { stdio: 'ignore' })
    return null
  } catch {
    return 'a busy camera needs a C compiler: apt-get install gcc libc6-dev'
  }
}

/**
 * A camera that the browser finds and cannot start, since "another program" holds it: the browser asks the system
 * (V4L2) as always, and is answered EBUSY. What it says to the page is its own.
 */
export class BusyCamera {
  readonly #folder = mkdtempSync(join(tmpdir(), 'crowfly-camera-'))
  /** What the browser is to be started with. */
  readonly environment: Readonly<Record<string, string>>

  constructor() {
    const library = join(this.#folder, 'busy-camera.so')
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'])
    writeFileSync(device, '')
    this.environment = { LD_PRELOAD: library }
  }

  remove(): void {
    rmSync(device, { force: true })
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
