import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** One file of a corpus. */
export interface CorpusEntry {
  name: string
  bytes: Uint8Array
}

/** The inputs committed for a target, in the order of their names; none when it has no folder. */
export async function readCorpus(folder: string): Promise<CorpusEntry[]> {
  const names = await readdir(folder).catch(() => [])
  return Promise.all(
    names.sort().map(async (name) => ({ name, bytes: new Uint8Array(await readFile(join(folder, name))) })),
  )
}

/** Saves an input under a name that its content gives, and returns the path. */
export async function saveInput(folder: string, label: string, bytes: Uint8Array): Promise<string> {
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 12)
  const path = join(folder, `${label.replaceAll(/[^a-zA-Z0-9]+/g, '-')}-${digest}`)
  await mkdir(folder, { recursive: true })
  await writeFile(path, bytes)
  return path
}
