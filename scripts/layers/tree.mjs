import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from 'vite'
import { importFault, importsOf } from './imports.mjs'
import { highestPureLayer, layers, testkit } from './order.mjs'
import { impurities } from './purity.mjs'

/** @typedef {import('./imports.mjs').Package} Package */

/** @param {string} root @param {string} folder @returns {string[]} source files below, relative to the root */
function sourcesBelow(root, folder) {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory())
      return /^(dist|node_modules|corpus)$/.test(entry.name) ? [] : sourcesBelow(root, path)
    return /\.(ts|tsx|mts|mjs|js)$/.test(entry.name) ? [path] : []
  })
}

/** @param {string} root @param {string} folder @returns {Package} */
function readPackage(root, folder) {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  const names = (/** @type {string} */ key) => Object.keys(manifest[key] ?? {})
  return {
    folder,
    name: manifest.name,
    exports: typeof manifest.exports === 'string' ? ['.'] : names('exports'),
    dependencies: [...names('dependencies'), ...names('peerDependencies'), ...names('optionalDependencies')],
    testDependencies: names('devDependencies'),
  }
}

/** @param {string} root @param {string} parent @returns {string[]} the folders below it that are packages */
function packageFolders(root, parent) {
  if (!existsSync(join(root, parent))) return []
  const folders = readdirSync(join(root, parent)).map((name) => `${parent}/${name}`)
  return folders.filter((folder) => existsSync(join(root, folder, 'package.json')))
}

/** @param {string} root @returns {Package[]} */
function readPackages(root) {
  const beside = ['fuzz', 'bench'].filter((folder) => existsSync(join(root, folder, 'package.json')))
  const folders = [...packageFolders(root, 'packages'), ...packageFolders(root, 'apps'), ...beside]
  const packages = folders.map((folder) => readPackage(root, folder))
  const names = packages.map(({ name }) => name)
  /** @type {Package} `tests` has no manifest: it may use every package, and what the root's declares. */
  const tests = { folder: 'tests', name: 'tests', exports: [], dependencies: names, testDependencies: [] }
  return [...packages, tests]
}

/** @param {string} root @param {string} file @param {Package} from @param {ReadonlyMap<string, Package>} packages @param {readonly string[]} shared */
function checkFile(root, file, from, packages, shared) {
  const text = readFileSync(join(root, file), 'utf8')
  const at = (/** @type {number} */ start) => `${file}:${text.slice(0, start).split('\n').length}`
  const parsed = parseSync(file, text)
  if (parsed.errors[0]) return [`${file}:1: does not parse: ${parsed.errors[0].message}`]
  const program = { ...parsed.program }
  const isSource = file.startsWith(`${from.folder}/src/`)
  const isTest = !isSource || /\.test(-d)?\.tsx?$|\/testing\//.test(file) || layers[from.folder] === undefined
  const owner = isTest ? { ...from, testDependencies: [...from.testDependencies, ...shared] } : from
  const faults = importsOf(program).flatMap(({ specifier, start }) => {
    const rule = importFault(specifier, file, owner, packages, isTest)
    return rule ? [`${at(start)}: ${rule}`] : []
  })
  if (!isTest && (layers[from.folder] ?? Infinity) <= highestPureLayer)
    faults.push(...impurities(program).map(({ start, rule }) => `${at(start)}: ${rule}`))
  return faults
}

/**
 * Checks every source file of a workspace against the layers and the purity rules of design.md §1.
 * @param {string} root
 * @returns {string[]} what is wrong, each as `file:line: rule`
 */
export function checkTree(root) {
  const packages = readPackages(root)
  const byName = new Map(packages.map((item) => [item.name, item]))
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  // Every package's tests may use what the root brings, and the testkit.
  const shared = [...Object.keys(manifest.devDependencies ?? {}), '@crowfly/testkit']
  const unplaced = packages.filter(
    ({ folder }) => /^(packages|apps)\//.test(folder) && layers[folder] === undefined && folder !== testkit,
  )
  return [
    ...unplaced.map(({ folder }) => `${folder}/package.json:1: has no layer in scripts/layers/order.mjs`),
    ...packages.flatMap((item) =>
      sourcesBelow(root, item.folder).flatMap((file) => checkFile(root, file, item, byName, shared)),
    ),
  ]
}
