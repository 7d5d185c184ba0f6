import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from './harness/crowfly-server.ts'
import { freePort } from './harness/free-port.ts'
import type { Person } from './harness/person.ts'
import { useStage } from './harness/stage.ts'

const port = await freePort()
const origin = `http://localhost:${port}`
const stage = useStage({ flags: ['--origin', origin] })
const files = spawn(process.execPath, [join(root, 'examples/minimal-client/serve.mjs'), String(port)], {
  stdio: ['ignore', 'pipe', 'inherit'],
})

beforeAll(() => once(files.stdout, 'data'))
afterAll(() => {
  files.kill()
})

/** Somebody in front of the example's page. */
async function stranger(name: string): Promise<Person> {
  const person = await stage.seat(name, { origin })
  await person.visit()
  await person.control('textbox', 'Your name').fill(name)
  await person.control('textbox', 'Server').fill(stage.server.origin)
  return person
}

async function enter(person: Person, code: string): Promise<void> {
  await person.control('textbox', 'Code or link').fill(code)
  await person.press('Connect')
}

const emojiOf = (person: Person, name: string): Promise<string[]> =>
  person.control('list', `Emoji with ${name}`).getByRole('listitem').allInnerTexts()

describe('the minimal client of examples/', () => {
  it('calls the app by the code, and both see, hear and read each other', async () => {
    const [ann, bob] = await Promise.all([stage.arrive('Ann'), stranger('Bob')])
    await enter(bob, await ann.startCall())
    await ann.isCalledBy('Bob')
    await bob.seesText('It rings …')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])

    expect(await emojiOf(bob, 'Ann')).toEqual(await ann.openEmoji('Bob'))
    await ann.press('Close')

    await bob.control('textbox', 'Message').fill('From a page of nobody’s')
    await bob.press('Send')
    await ann.say('Hello, <b>stranger</b>')
    await ann.reads('From a page of nobody’s')
    await bob.seesText('Ann: Hello, <b>stranger</b>')

    await bob.press('Leave')
    await ann.sees('heading', 'Bob left')
    ann.hasNoErrors()
    bob.hasNoErrors()
  })

  it('says plainly that a code is wrong, that it was declined, and that the other left', async () => {
    const [ann, bob] = await Promise.all([stage.arrive('Ann'), stranger('Bob')])
    const code = await ann.startCall()
    await enter(bob, code.replace(/[a-z]+$/, 'zzz'))
    await bob.seesText('The code is wrong')
    await enter(bob, `${stage.server.origin}/${code.replace('-', '#')}`)
    await ann.isCalledBy('Bob')
    await ann.decline()
    await bob.seesText('They declined.')
    await enter(bob, code)
    await ann.accept()
    await bob.seesVideoOf('Ann')
    await ann.leave()
    await bob.seesText('They left.')
    ann.hasNoErrors()
    bob.hasNoErrors()
  })
})
