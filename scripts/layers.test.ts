import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkTree } from './layers/tree.mjs'

let root = ''

function write(path: string, content: string): void {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
}

function writePackage(folder: string, name: string, manifest: object = {}): void {
  const exports = { '.': { default: './dist/index.js' }, './proto': { default: './dist/proto.js' } }
  write(`${folder}/package.json`, JSON.stringify({ name, exports, ...manifest }))
  write(`${folder}/src/index.ts`, 'export const one = 1\n')
}

/** Checks the tree with this as a file of the stun package (layer 1). */
function check(source: string, file = 'packages/stun/src/planted.ts'): string[] {
  write(file, source)
  return checkTree(root)
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'crowfly-layers-'))
  write('package.json', JSON.stringify({ devDependencies: { vitest: '1' } }))
  writePackage('packages/bytes', '@crowfly/bytes')
  writePackage('packages/sansio', '@crowfly/sansio')
  writePackage('packages/stun', '@crowfly/stun', { dependencies: { '@crowfly/bytes': '1', noble: '1' } })
  writePackage('packages/signaling', '@crowfly/signaling', { dependencies: { '@crowfly/bytes': '1' } })
  writePackage('packages/client', '@crowfly/client', { dependencies: { '@crowfly/signaling': '1' } })
  writePackage('packages/testkit', '@crowfly/testkit', { dependencies: { '@crowfly/sansio': '1' } })
})

afterEach(() => {
  rmSync(root, { recursive: true })
})

describe('the layers', () => {
  it('let a clean tree pass', () => {
    const source = [
      "import { one } from '@crowfly/bytes'",
      "import { two } from './other.ts'",
      "import { noble } from 'noble'",
      'export class Machine { #crypto; constructor({ crypto }: { crypto: unknown }) { this.#crypto = crypto }',
      '  process(date: number): number { for (const event of [date]) { const name = event; return name }; return one } }',
      'export type Pick2<T> = { [K in keyof T]: T[K] extends infer U ? U : never }',
      'export const max = Math.max(two, noble), object = { Date: 1, then: 2 }, { window = 1 } = object as { window?: number }',
    ].join('\n')
    write('packages/stun/src/other.ts', 'export const two = 2')
    expect(check(source)).toEqual([])
  })

  it('take words in comments and strings for words', () => {
    const source =
      "// await new Promise, setTimeout, Date.now()\nexport const text = 'node:fs Math.random() console.log'\n"
    expect(check(`${source}/* import 'node:net' */ export const more = \`fetch(\${text})\`\n`)).toEqual([])
  })

  it.each([
    ['a higher package', "import { a } from '@crowfly/client'", /layer 1 .* layer 5/],
    ['a package of the same layer', "import { a } from '@crowfly/stun'", /itself by name/],
    ['a type of a higher package', "export type { A } from '@crowfly/signaling'", /layer 1 .* layer 3/],
    [
      'an inline type of a higher package',
      "export type A = import('@crowfly/client').A",
      /layer 1 .* layer 5/,
    ],
    ['the inside of a package', "import { a } from '@crowfly/bytes/src/reader.ts'", /not among the exports/],
    [
      'a file outside of the package',
      "import { a } from '../../bytes/src/index.ts'",
      /stays inside packages\/stun/,
    ],
    ['an absolute path', "export * from '/tmp/a.ts'", /stays inside packages\/stun/],
    ['an undeclared package of the workspace', "import { a } from '@crowfly/sansio'", /not a dependency/],
    ['an undeclared package', "import { a } from 'lodash/fp'", /lodash is not a dependency/],
    ['the testkit', "import { a } from '@crowfly/testkit'", /only tests/],
    ['Node', "import fs from 'node:fs'", /nothing of Node/],
    ['Node without its prefix', "import { a } from 'fs/promises'", /nothing of Node/],
  ])('refuse an import of %s', (_, source, rule) => {
    const faults = check(`\n${source}\nexport {}\n`)
    expect(faults.join('\n')).toMatch(rule)
    expect(faults[0]).toMatch(/^packages\/stun\/src\/planted\.ts:2: /)
  })

  it('let a subpath pass that is exported', () => {
    expect(check("export * from '@crowfly/bytes/proto'")).toEqual([])
  })

  it('refuse packages of layer 0 importing each other', () => {
    writePackage('packages/bytes', '@crowfly/bytes', { dependencies: { '@crowfly/sansio': '1' } })
    expect(check("export * from '@crowfly/sansio'", 'packages/bytes/src/a.ts').join()).toMatch(
      /layer 0 .* layer 0/,
    )
  })

  it('refuse a package that has no layer', () => {
    writePackage('packages/surprise', '@crowfly/surprise')
    expect(checkTree(root).join()).toMatch(/packages\/surprise\/package\.json:1: has no layer/)
  })

  it('refuse a relative path out of the tests folder', () => {
    expect(check("import '../../packages/stun/src/index.ts'", 'tests/interop/a.test.ts').join()).toMatch(
      /stays inside tests/,
    )
  })
})

describe('purity', () => {
  it.each([
    ['export async function a() {}', /no async/],
    ['export const a = async () => 1', /no async/],
    ['export async function* a() { for await (const b of []) yield b }', /awaits nothing/],
    ['await 1', /awaits nothing/],
    ['export const a = Promise.resolve()', /Promise/],
    ['export function a(): Promise<void> | undefined { return undefined }', /Promise/],
    ['declare const b: { then(f: () => void): void }; b.then(() => {})', /\.then/],
    ["declare const b: any; b?.['then'](() => {})", /\.then/],
    ['setTimeout(() => {}, 1)', /setTimeout/],
    ['export const a = [setInterval, queueMicrotask, setImmediate]', /setInterval/],
    ['export const a = Date.now()', /Date/],
    ['export const a = new Date(0)', /Date/],
    ['export const a = performance.now()', /performance/],
    ['export const a = Math.random()', /Math\.random/],
    ["export const a = Math['random']()", /Math\.random/],
    ['crypto.getRandomValues(new Uint8Array(1))', /crypto/],
    ['export function a(crypto: number) { return crypto }; export const b = crypto', /:1: .*crypto/],
    ['console.log(1)', /console/],
    ['export const a = Buffer.alloc(1)', /Buffer/],
    ['export function a(b: Buffer) { return b }', /Buffer/],
    ['export const a = process.env', /process/],
    ['export const a = { process }', /process/],
    ['fetch("x")', /fetch/],
    ['export const a = typeof window', /window/],
    ['export const a = (document as object) ?? navigator', /document/],
    ['globalThis.Date', /globalThis/],
    ['export class A { b = () => { if (true) { return [`${' + 'self}`] } return [] } }', /self/],
    ['export const a = import.meta.url', /where it lies/],
    ["export const a = import('noble')", /while it runs/],
  ])('refuses %s', (source, rule) => {
    expect(check(source).join('\n')).toMatch(rule)
  })

  it('holds below layer 4 only', () => {
    expect(
      check('export const a = Date.now(), b = setTimeout(() => {}, 1)', 'packages/client/src/a.ts'),
    ).toEqual([])
  })

  it('does not hold for tests, which may import the testkit and the test runner', () => {
    const source =
      "import '@crowfly/testkit'; import 'vitest'; import 'node:fs'; await Promise.resolve(Date.now())"
    expect(check(source, 'packages/stun/src/a.test.ts')).toEqual([])
    expect(check(source, 'packages/stun/src/testing/fake-clock.ts')).toEqual([])
  })

  it('has tests obey the layers all the same', () => {
    expect(check("import '@crowfly/client'", 'packages/stun/src/a.test.ts').join()).toMatch(
      /layer 1 .* layer 5/,
    )
  })
})
