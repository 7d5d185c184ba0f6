import { children, freeReferences, nodeAt, textAt } from './scope.mjs'

/** @typedef {import('./scope.mjs').Node} Node */
/** @typedef {{ start: number, rule: string }} Fault */

/** What a pure module may take from its surroundings: the language's own values that know no time and no chance. */
const pureGlobals = new Set(
  `undefined NaN Infinity Object Boolean String Number BigInt Symbol Array Map Set WeakMap WeakSet Math JSON Reflect Proxy
  Error TypeError RangeError SyntaxError EvalError ReferenceError URIError AggregateError RegExp Iterator Intl
  ArrayBuffer DataView Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float32Array
  Float64Array BigInt64Array BigUint64Array isNaN isFinite parseInt parseFloat encodeURIComponent decodeURIComponent
  TextEncoder TextDecoder`.split(/\s+/),
)

/** Types that only asynchronous or platform code needs. */
const impureType =
  /^(Promise|PromiseLike|PromiseConstructor|Awaited|AsyncGenerator|AsyncIterable|AsyncIterator|AsyncIterableIterator|Date|Buffer|NodeJS|Window|Document|Navigator|Crypto|Event|EventTarget|AbortSignal)$/

/** @param {Node} node @returns {string | null} */
function impureSyntax(node) {
  if (node['async'] === true) return 'a pure package has no async function'
  if (node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node['await']))
    return 'a pure package awaits nothing'
  if (node.type === 'ImportExpression') return 'a pure package imports nothing while it runs'
  if (node.type === 'MetaProperty' && textAt(nodeAt(node, 'meta'), 'name') === 'import')
    return 'a pure package does not ask where it lies'
  if (node.type !== 'MemberExpression') return null
  const property = textAt(nodeAt(node, 'property'), node['computed'] ? 'value' : 'name')
  if (property === 'then') return 'a pure package has no promises: .then'
  const object = nodeAt(node, 'object')
  const isMath = object?.type === 'Identifier' && textAt(object, 'name') === 'Math'
  return isMath && property === 'random' ? 'a pure package is given its randomness: Math.random' : null
}

/**
 * Finds what a module of the pure layers may not do.
 * @param {Node} program
 * @returns {Fault[]}
 */
export function impurities(program) {
  /** @type {Fault[]} */
  const faults = []
  /** @param {Node} node */
  const visit = (node) => {
    const rule = impureSyntax(node)
    if (rule) faults.push({ start: node.start, rule })
    for (const child of children(node)) visit(child)
  }
  visit(program)
  for (const { name, start, isType } of freeReferences(program)) {
    const isImpure = isType ? impureType.test(name) : !pureGlobals.has(name)
    if (isImpure) faults.push({ start, rule: `a pure package takes nothing from the platform: ${name}` })
  }
  return faults
}
