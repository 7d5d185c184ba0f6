import { randomBytes } from 'node:crypto'
import { chmod, link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { OperatorError, reasonOf, systemCode } from './operator-error.ts'

/** `$XDG_STATE_HOME/crowfly`, or `~/.local/state/crowfly` (XDG Base Directory Specification 0.8). */
export function defaultStateFolder(environment: NodeJS.ProcessEnv): string {
  const home = environment['XDG_STATE_HOME'] || join(homedir(), '.local', 'state')
  return join(home, 'crowfly')
}

/** The folder with what must survive a restart. Only its owner may read it. */
export class StateFolder {
  readonly path: string
  /** Sentences for the operator: rights that could not be set. */
  readonly warnings: string[] = []

  private constructor(path: string) {
    this.path = path
  }

  /** Makes the folder when it is missing. Throws `OperatorError` `STATE_FOLDER_UNUSABLE`. */
  static async open(path: string): Promise<StateFolder> {
    const folder = new StateFolder(path)
    try {
      await mkdir(path, { recursive: true, mode: 0o700 })
      await folder.#restrict(path, 0o700)
    } catch (error) {
      throw folder.#unusable(error)
    }
    return folder
  }

  /** A file's bytes; undefined when there is none. Its rights are mended if others may read it. */
  async read(name: string): Promise<Buffer | undefined> {
    const path = join(this.path, name)
    try {
      const bytes = await readFile(path)
      await this.#restrict(path, 0o600)
      return bytes
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined
      throw this.#unusable(error)
    }
  }

  /** Writes a file that does not exist yet. When another process was first, its bytes stand and are returned. */
  async create(name: string, bytes: Uint8Array): Promise<Uint8Array> {
    const path = join(this.path, name)
    const isFirst = await this.#write(name, bytes, async (temporary) => {
      try {
        await link(temporary, path)
        return true
      } catch (error) {
        if (systemCode(error) === 'EEXIST') return false
        throw error
      }
    })
    if (isFirst) return bytes
    return (await this.read(name)) ?? bytes
  }

  /** Writes a file, in place of the one before it: a reader sees all of the old or all of the new. */
  async replace(name: string, bytes: Uint8Array): Promise<void> {
    await this.#write(name, bytes, (temporary) => rename(temporary, join(this.path, name)))
  }

  async #write<T>(name: string, bytes: Uint8Array, place: (temporary: string) => Promise<T>): Promise<T> {
    const temporary = join(this.path, `.${name}.${randomBytes(6).toString('hex')}`)
    try {
      await writeFile(temporary, bytes, { mode: 0o600, flag: 'wx' })
      await this.#restrict(temporary, 0o600)
      return await place(temporary)
    } catch (error) {
      throw this.#unusable(error)
    } finally {
      await rm(temporary, { force: true }).catch(() => undefined)
    }
  }

  async #restrict(path: string, mode: number): Promise<void> {
    if (process.platform === 'win32') return
    const rightsOf = async () => (await stat(path)).mode & 0o777
    if ((await rightsOf()) === mode) return
    await chmod(path, mode).catch(() => undefined)
    const rights = await rightsOf()
    if ((rights & 0o077) === 0) return
    this.warnings.push(
      `${path} can be read by others (mode ${rights.toString(8)}) and this could not be changed: ` +
        `run "chmod ${mode.toString(8)} ${path}", or choose another folder with --state.`,
    )
  }

  #unusable(error: unknown): OperatorError {
    if (error instanceof OperatorError) return error
    return new OperatorError(
      'STATE_FOLDER_UNUSABLE',
      `The state folder ${this.path} cannot be used: ${explain(error)}. ` +
        'Choose a folder that you can write to with --state <folder>.',
    )
  }
}

function explain(error: unknown): string {
  switch (systemCode(error)) {
    case 'EACCES':
    case 'EPERM':
      return 'you have no permission to write there'
    case 'EROFS':
      return 'the file system is read-only'
    case 'ENOTDIR':
    case 'EEXIST':
      return 'a part of this path is a file, not a folder'
    case 'ENOSPC':
      return 'the disk is full'
    default:
      return reasonOf(error)
  }
}
