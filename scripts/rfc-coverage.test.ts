import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const folder = fileURLToPath(new URL('../docs/rfc-coverage', import.meta.url))

interface Row {
  rule: string
  where: string
  test: string
}

/** The rows of a document's tables. */
function rowsOf(document: string): Row[] {
  const lines = readFileSync(document, 'utf8').split('\n')
  const cells = lines.filter((line) => line.startsWith('| ')).map((line) => line.slice(2, -2).split(' | '))
  return cells.flatMap(([section = '', rule = '', where = '', test = '']) =>
    section === '§' || section === '---' ? [] : [{ rule: `§${section} ${rule}`, where, test }],
  )
}

const link = /\[([^[\]`]+)\]\((\.\.[^()]+\.ts)\)/g

/** Whether a row says how it is shown, or why it need not be: by a link to a test, or by a reason in words. */
function isShown({ where, test }: Row): boolean {
  if (test.match(link)) return true
  const reason = /\bDEVIATION[^:]*: (.*)/.exec(test)?.[1] ?? (isNoCode(where) ? test : '')
  return reason.split(/\s+/).filter((word) => word !== '').length >= 2
}

/** What stands in place of a file. */
function isNoCode(where: string): boolean {
  return where === 'not a server’s duty' || where === 'not done'
}

/** Links to tests and attacks, whose texts are the titles there. */
function testLinks(document: string): { title: string; path: string }[] {
  const links = readFileSync(document, 'utf8').matchAll(link)
  return Array.from(links, ([, title = '', path = '']) => ({
    title,
    path: resolve(dirname(document), path),
  }))
}

describe.each(readdirSync(folder).filter((name) => name.endsWith('.md')))('%s', (name) => {
  const links = testLinks(join(folder, name))

  const rows = rowsOf(join(folder, name))

  it('names tests', () => expect(links.length).toBeGreaterThan(20))

  it('has rules', () => expect(rows.length).toBeGreaterThan(50))

  it.each(rows)('shows that it is done, or says why it is not: $rule', (row) => {
    expect(row.where).toMatch(/^(\[`.*|not a server’s duty|not done)$/)
    expect(row).toSatisfy(isShown)
  })

  it.each(links)('names a test that is there: $title', ({ title, path }) => {
    expect(existsSync(path)).toBe(true)
    expect(readFileSync(path, 'utf8')).toContain(title)
  })
})

it.each([
  { where: '[`a`](../a.ts)', test: 'there is no code for it', isEnough: false },
  { where: '[`a`](../a.ts)', test: 'DEVIATION', isEnough: false },
  { where: 'not done', test: '', isEnough: false },
  { where: 'not done', test: 'nobody asks for it', isEnough: true },
  { where: '[`a`](../a.ts)', test: 'DEVIATION: nobody asks for it', isEnough: true },
  { where: '[`a`](../a.ts)', test: '[is done](../a.test.ts)', isEnough: true },
])('a row with "$test" for $where is enough: $isEnough', ({ where, test, isEnough }) => {
  expect(isShown({ rule: '', where, test })).toBe(isEnough)
})
