import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root, runPackage } from './command.mjs'

const sources = [
  'packages',
  'apps',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.base.json',
  'tsconfig.build.json',
]
const outputs = ['apps/server/dist/main.js', 'apps/call/dist/index.html']
/** Holds the fingerprint of the sources that the last build was made of. */
const stamp = join(root, 'node_modules', '.cache', 'crowfly-build')

/** @param {string} path below the root @returns {string[]} files, in a stable order, that a build depends on */
function filesBelow(path) {
  const entries = readdirSync(join(root, path), { withFileTypes: true })
  entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => {
    const below = `${path}/${entry.name}`
    if (entry.isDirectory()) return /^(dist|node_modules|testing)$/.test(entry.name) ? [] : filesBelow(below)
    return /\.(test\.tsx?|md)$/.test(entry.name) ? [] : [below]
  })
}

/** @returns {string} a digest of everything that a build depends on */
function fingerprint() {
  const hash = createHash('sha256')
  for (const source of sources) {
    for (const file of source.includes('.') ? [source] : filesBelow(source)) {
      const content = readFileSync(join(root, file))
      hash.update(`${file} ${content.length}\n`).update(content)
    }
  }
  return hash.digest('hex')
}

function isFresh() {
  if (!existsSync(stamp) || outputs.some((output) => !existsSync(join(root, output)))) return false
  return readFileSync(stamp, 'utf8') === fingerprint()
}

/**
 * Builds every package (tsc -b) and the call app (vite).
 * @returns {boolean} whether it was built; the compilers have said why not
 */
export function buildAll() {
  const built = fingerprint()
  if (!runPackage('typescript', 'tsc', ['-b'])) return false
  if (!runPackage('vite', 'vite', ['build', 'apps/call', '--logLevel', 'warn'])) return false
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, built)
  return true
}

/**
 * Builds when the sources are other than those of the last build, saying so first.
 * @returns {boolean} whether a fresh build is there now
 */
export function ensureBuilt() {
  if (isFresh()) return true
  console.log('Building …')
  if (buildAll()) return true
  console.error('The build failed: the compiler’s own words are above.')
  return false
}
