import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const folder = fileURLToPath(new URL('../docs/rfc-coverage', import.meta.url))

/** Links to tests and attacks, whose texts are the titles there. */
function testLinks(document: string): { title: string; path: string }[] {
  const text = readFileSync(document, 'utf8')
  const links = text.matchAll(/\[([^[\]`]+)\]\((\.\.[^()]+\.ts)\)/g)
  return Array.from(links, ([, title = '', path = '']) => ({
    title,
    path: resolve(dirname(document), path),
  }))
}

describe.each(readdirSync(folder).filter((name) => name.endsWith('.md')))('%s', (name) => {
  const links = testLinks(join(folder, name))

  it('names tests', () => expect(links.length).toBeGreaterThan(20))

  it.each(links)('names a test that is there: $title', ({ title, path }) => {
    expect(existsSync(path)).toBe(true)
    expect(readFileSync(path, 'utf8')).toContain(title)
  })
})
