import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, runNpm } from './command.mjs'

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean, link?: boolean }} LockedPackage
 * @typedef {{ packages: Record<string, LockedPackage> }} Lock
 */

/**
 * Whether what npm wrote down when it last installed (`installed`) has everything that the lock file asks for.
 * Optional packages are for other platforms and may be absent, but not in another version.
 * @param {Lock} locked
 * @param {Lock} installed
 */
export function matchesLock(locked, installed) {
  return Object.entries(locked.packages).every(([path, wanted]) => {
    if (path === '') return true
    const found = installed.packages[path]
    if (!found) return wanted.optional === true || wanted.devOptional === true
    return (
      found.version === wanted.version && found.integrity === wanted.integrity && found.link === wanted.link
    )
  })
}

/** @param {string} folder of the workspace */
export function isInstalled(folder) {
  const hidden = join(folder, 'node_modules', '.package-lock.json')
  if (!existsSync(hidden)) return false
  const [locked, installed] = [join(folder, 'package-lock.json'), hidden].map((path) =>
    JSON.parse(readFileSync(path, 'utf8')),
  )
  return matchesLock(locked, installed)
}

/**
 * Installs the npm packages unless they are there, saying so first.
 * @param {string} command to name in the advice when it fails
 * @returns {boolean} whether they are there now
 */
export function ensureInstalled(command) {
  if (isInstalled(root)) return true
  console.log('Installing the packages that package-lock.json names (npm ci) …')
  if (runNpm(['ci', '--include=dev', '--loglevel=error', '--no-progress'])) return true
  console.error(
    `The packages could not be installed: npm's own words are above. This needs the npm registry once; check the network (or npm's proxy and registry settings), then run "${command}" again.`,
  )
  return false
}
