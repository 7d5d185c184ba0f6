import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './crowfly-server.ts'
import { Person } from './person.ts'
import type { PuppeteerPerson } from './puppeteer-person.ts'

const folder = join(root, 'test-results')

const fileName = (text: string): string => text.replace(/[^\p{Letter}\p{Number}]+/gu, '-').slice(0, 100)

/** Takes a picture of a screen. `path` is without `.png`. */
async function keepPicture({ page }: Person | PuppeteerPerson, path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.png`, await page.screenshot())
}

/** Keeps a picture of a screen for a person to look at, under test-results/screens. */
export async function keepScreen(person: Person | PuppeteerPerson, title: string): Promise<void> {
  await keepPicture(person, join(folder, 'screens', fileName(title)))
}

/** Keeps what can explain a failed test: each person's screen and console, and what the server printed. */
export async function keepEvidence(
  title: string,
  people: readonly (Person | PuppeteerPerson)[],
  serverOutput: string,
): Promise<void> {
  const place = join(folder, 'failures', fileName(title))
  mkdirSync(place, { recursive: true })
  writeFileSync(join(place, 'server.log'), serverOutput)
  for (const [index, person] of people.entries()) {
    const name = `${index + 1}-${fileName(person.name)}`
    if (person instanceof Person) writeFileSync(join(place, `${name}.log`), person.log.join('\n'))
    await keepPicture(person, join(place, name)).catch((error: unknown) => {
      writeFileSync(join(place, `${name}-no-screenshot.txt`), String(error))
    })
  }
}
