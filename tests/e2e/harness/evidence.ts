import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './crowfly-server.ts'
import type { Person } from './person.ts'

const folder = join(root, 'test-results')

const fileName = (text: string): string => text.replace(/[^\p{Letter}\p{Number}]+/gu, '-').slice(0, 100)

/** Keeps a picture of a screen for a person to look at, under test-results/screens. */
export async function keepScreen(person: Person, title: string): Promise<void> {
  await person.page.screenshot({ path: join(folder, 'screens', `${fileName(title)}.png`) })
}

/** Keeps what can explain a failed test: each person's screen and console, and what the server printed. */
export async function keepEvidence(
  title: string,
  people: readonly Person[],
  serverOutput: string,
): Promise<void> {
  const place = join(folder, 'failures', fileName(title))
  mkdirSync(place, { recursive: true })
  writeFileSync(join(place, 'server.log'), serverOutput)
  for (const [index, person] of people.entries()) {
    const name = `${index + 1}-${fileName(person.name)}`
    writeFileSync(join(place, `${name}.log`), person.log.join('\n'))
    await person.page.screenshot({ path: join(place, `${name}.png`) }).catch((error: unknown) => {
      writeFileSync(join(place, `${name}-no-screenshot.txt`), String(error))
    })
  }
}
