import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import type { Person } from './harness/person.ts'
import { useStage } from './harness/stage.ts'

const stage = useStage()
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface AxeResult {
  passes: unknown[]
  violations: { id: string; help: string; nodes: { target: string[]; failureSummary?: string }[] }[]
}

/** What axe finds wrong with the screen as it is now: rules of WCAG 2.2 A and AA, and axe's own of good practice. */
async function faults(person: Person): Promise<string[]> {
  // Measured while something fades in, a contrast would be that of a moment.
  await person.page.evaluate(() =>
    Promise.all(document.getAnimations().map((one) => one.finished.catch(() => null))),
  )
  await person.page.evaluate(axeSource)
  const result: AxeResult = await person.page.evaluate('axe.run({ resultTypes: ["violations"] })')
  expect(result.passes.length).toBeGreaterThan(10) // It looked at something.
  return result.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary = '' }) => `${id}: ${help}: ${target.join(' ')} ${failureSummary}`),
  )
}

describe.each(['light', 'dark'] as const)('each screen, in %s', (colorScheme) => {
  it('has names, roles and contrasts that assistive technology and weak eyes can use', async () => {
    const context = { colorScheme, reducedMotion: 'reduce' } as const
    const [ann, bob] = await Promise.all([stage.arrive('Ann', { context }), stage.arrive('Bob', { context })])
    const found: Record<string, string[]> = {}
    await ann.allowDevices()
    found['home'] = await faults(ann)
    await bob.codeField().fill('4821 canoe ve')
    await bob.sees('option', 'velvet')
    found['home, words to choose from'] = await faults(bob)
    await bob.codeField().fill('4821 canoe velxxt maple')
    await bob.sees('option', 'velvet')
    found['home, wrong code'] = await faults(bob)
    await bob.press('Use your own room name')
    await bob.press('Enter the room')
    found['home, own room'] = await faults(bob)
    await bob.press('Enter a code instead')
    await bob.connect('987654321-canoe-velvet-maple')
    await bob.sees('heading', 'There is no such room')
    found['dead end'] = await faults(bob)
    await bob.visit()
    const code = await ann.startCall()
    found['waiting'] = await faults(ann)
    await bob.connect(code)
    await ann.isCalledBy('Bob')
    found['ringing'] = await faults(ann)
    await bob.sees('heading', 'Ringing')
    found['calling'] = await faults(bob)
    await ann.accept()
    await Promise.all([ann.seesVideoOf('Bob'), bob.seesVideoOf('Ann')])
    found['call'] = await faults(ann)
    await ann.say('Hello')
    await bob.openChat()
    await bob.reads('Hello')
    found['chat'] = await faults(bob)
    await bob.page.keyboard.press('Escape')
    await bob.press(/^End-to-end encrypted/)
    await bob.sees('dialog', /^End-to-end encrypted/)
    found['protection'] = await faults(bob)
    await bob.page.keyboard.press('Escape')
    await bob.openEmoji('Ann')
    found['emoji'] = await faults(bob)
    await bob.press('They differ')
    found['emoji that differ'] = await faults(bob)
    await bob.press('Close')
    await bob.openDevices()
    found['devices'] = await faults(bob)
    expect(found).toEqual(Object.fromEntries(Object.keys(found).map((screen) => [screen, []])))
  })
})
