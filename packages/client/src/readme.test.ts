import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

test('the example of the README is the one that is type-checked', () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  const source = readFileSync(join(import.meta.dirname, 'testing/example.ts'), 'utf8')
  const example = source.replace('../index.ts', '@crowfly/client')
  expect(readme).toContain(`\`\`\`ts\n${example}\`\`\`\n`)
})
