import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from 'vite'
import { describe, expect, it } from 'vitest'

/** Names of octets that nobody may learn from how long a comparison takes, or that are compared with such. */
const secret =
  /tag|mac|key|scalar|secret|password|nonce|commitment|isk|root|pid|identity|element|octets|bytes/i

/** What a comparison may look at: that there is something, how much, and which of a few words it is. */
const harmless = /^(undefined|typeof .*|.*\.(length|size|type|kind|problem)|-?\d+|'.*')$/s

interface Node {
  readonly type: string
  readonly [key: string]: unknown
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value

function nodesOf(node: Node): Node[] {
  const inner = Object.values(node)
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .filter(isNode)
  return [node, ...inner.flatMap(nodesOf)]
}

/** The comparisons in a source by which a secret could be found out, octet by octet. */
function leaks(source: string): string[] {
  const textOf = (node: unknown): string =>
    isNode(node) ? source.slice(Number(node['start']), Number(node['end'])) : ''
  return nodesOf({ ...parseSync('source.ts', source).program }).flatMap((node) => {
    if (node.type === 'BinaryExpression' && /^[!=]==?$/.test(String(node['operator']))) {
      const sides = [textOf(node['left']), textOf(node['right'])]
      return sides.some((side) => secret.test(side)) && !sides.some((side) => harmless.test(side))
        ? [textOf(node)]
        : []
    }
    if (node.type !== 'CallExpression') return []
    const callee = textOf(node['callee'])
    const isSearch = /\.(every|some|indexOf|findIndex|includes|localeCompare)$/.test(callee)
    return isSearch && secret.test(callee) ? [textOf(node)] : []
  })
}

const folder = import.meta.dirname
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.ts') && !/\.test\.ts$|^testing\//.test(name),
)

describe('secrets', () => {
  it('are found where they are compared in another way than in constant time', () => {
    for (const source of [
      'if (tag === peerTag) run()',
      'const is = own.mac[i] !== their.mac[i]',
      'const is = tag.every((octet, i) => octet === other[i])',
      'const at = secrets.indexOf(secret)',
    ])
      expect(leaks(source), source).not.toEqual([])
    expect(leaks('if (tag === undefined || key.length !== 32) run(equalConstantTime(tag, other))')).toEqual(
      [],
    )
  })

  it.each(sources)('are compared only in constant time in %s', (name) => {
    expect(leaks(readFileSync(join(folder, name), 'utf8'))).toEqual([])
  })

  it('are many files', () => expect(sources.length).toBeGreaterThan(30))
})
