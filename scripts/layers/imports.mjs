import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import { highestPureLayer, layers, testkit } from './order.mjs'
import { children, nodeAt, nodesAt, textAt } from './scope.mjs'

/**
 * @typedef {import('./scope.mjs').Node} Node
 * @typedef {import('./purity.mjs').Fault} Fault
 * @typedef {{ folder: string, name: string, exports: readonly string[], dependencies: readonly string[], testDependencies: readonly string[] }} Package
 * `folder` is relative to the root. `exports` are the subpaths that others may import.
 */

/** @param {Node} program @returns {{ specifier: string, start: number }[]} every module that is named, types included */
export function importsOf(program) {
  /** @type {{ specifier: string, start: number }[]} */
  const found = []
  /** @param {Node} node */
  const visit = (node) => {
    const isImport = /^(ImportDeclaration|Export(Named|All)Declaration|ImportExpression|TSImportType)$/.test(
      node.type,
    )
    const isRequire = node.type === 'CallExpression' && textAt(nodeAt(node, 'callee'), 'name') === 'require'
    const source = isImport
      ? (nodeAt(node, 'source') ?? nodeAt(node, 'argument'))
      : isRequire
        ? (nodesAt(node, 'arguments')[0] ?? null)
        : nodeAt(node, 'expression')
    const literal = source?.type === 'TSLiteralType' ? nodeAt(source, 'literal') : source
    const specifier = textAt(literal, 'value')
    if ((isImport || isRequire || node.type === 'TSExternalModuleReference') && specifier !== '')
      found.push({ specifier, start: node.start })
    for (const child of children(node)) visit(child)
  }
  visit(program)
  return found
}

/** @param {string} specifier @returns {string} the package's name without the path inside it */
function packageName(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** @param {Package} from @param {Package} to @param {boolean} isTest @returns {string | null} */
function layerFault(from, to, isTest) {
  if (to.folder === testkit && from.folder !== testkit) return isTest ? null : `only tests import ${to.name}`
  const own = from.folder === testkit ? 1 : layers[from.folder]
  const other = layers[to.folder]
  if (own === undefined || other === undefined) return null // What has no layer is said once, of its folder.
  return other < own
    ? null
    : `layer ${own} (${from.name}) imports only lower layers, and ${to.name} is layer ${other}`
}

/**
 * Says which rule an import breaks, if any.
 * @param {string} specifier @param {string} file relative to the root @param {Package} from the package that holds it
 * @param {ReadonlyMap<string, Package>} packages by name @param {boolean} isTest
 * @returns {string | null}
 */
export function importFault(specifier, file, from, packages, isTest) {
  if (specifier.startsWith('.') || specifier.startsWith('/')) {
    const target = posix.normalize(posix.join(posix.dirname(file), specifier))
    const isInside = specifier.startsWith('.') && target.startsWith(`${from.folder}/`)
    return isInside ? null : `a relative import stays inside ${from.folder}: ${specifier}`
  }
  const isBuiltin = specifier.startsWith('node:') || builtinModules.includes(specifier)
  if (isBuiltin) {
    const isPure = (layers[from.folder] ?? Infinity) <= highestPureLayer
    return isPure && !isTest ? `a pure package imports nothing of Node: ${specifier}` : null
  }
  const name = packageName(specifier)
  const declared = isTest ? [...from.dependencies, ...from.testDependencies] : from.dependencies
  const to = packages.get(name)
  if (to && to !== from) {
    if (!to.exports.includes(`.${specifier.slice(name.length)}`))
      return `${specifier} is not among the exports of ${name}`
    const fault = layerFault(from, to, isTest)
    if (fault) return fault
  }
  if (to === from) return `a package does not import itself by name: ${specifier}`
  return declared.includes(name) ? null : `${name} is not a dependency of ${from.name}`
}
