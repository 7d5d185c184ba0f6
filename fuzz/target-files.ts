import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { FuzzTarget } from './target.ts'

/** The names of the targets whose files are in `folder`, sorted. */
export async function targetNames(folder: string): Promise<string[]> {
  const files = await readdir(folder)
  return files.flatMap((file) => /^([a-z0-9-]+)\.[jt]s$/.exec(file)?.[1] ?? []).sort()
}

/** Loads the target of this name. `extension` is `ts` for the sources and `js` for what was built. */
export async function loadTarget(folder: string, name: string, extension: 'ts' | 'js'): Promise<FuzzTarget> {
  const url = pathToFileURL(join(folder, `${name}.${extension}`)).href
  const loaded: unknown = await import(/* @vite-ignore */ url)
  if (!hasTarget(loaded))
    throw new TypeError(`fuzz/targets/${name}.ts does not export a FuzzTarget as target`)
  return loaded.target
}

function hasTarget(loaded: unknown): loaded is { target: FuzzTarget } {
  if (typeof loaded !== 'object' || loaded === null || !('target' in loaded)) return false
  const { target } = loaded
  return typeof target === 'object' && target !== null && 'run' in target && typeof target.run === 'function'
}
