import { describe, expect, it } from 'vitest'
import { keepScreen } from './harness/evidence.ts'
import { codeForm, linkEnd, type Person } from './harness/person.ts'
import { type Arrival, useStage } from './harness/stage.ts'
import { until } from './harness/until.ts'

const stage = useStage()
const phone: Arrival = {
  context: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, colorScheme: 'dark' },
}

const address = (person: Person): Promise<string> => person.page.evaluate(() => location.href)

/** Every place in the page that outlives it or shows outside of it. */
const traces = (person: Person): Promise<string> =>
  person.page.evaluate(() => [document.title, location.href, JSON.stringify({ ...localStorage })].join('\n'))

/** Another three words for the same number. */
const wrongWords = (code: string): string =>
  code.replace(/-.*$/, code.endsWith('-acid-acid-acid') ? '-able-able-able' : '-acid-acid-acid')

describe('a code that is typed', () => {
  it('is completed by the keyboard alone', async () => {
    const bob = await stage.arrive('Bob')
    const field = bob.codeField()
    await field.focus()
    await bob.page.keyboard.type('4821 ve')
    await bob.sees('option', 'velvet')
    expect(await field.getAttribute('aria-expanded')).toBe('true')
    await bob.page.keyboard.press('ArrowDown')
    const marked = bob.page.locator('[role="option"][aria-selected="true"]')
    expect(await marked.textContent()).toBe('velvet')
    expect(await field.getAttribute('aria-activedescendant')).toBe(await marked.getAttribute('id'))
    await keepScreen(bob, 'code - words to choose from')
    await bob.page.keyboard.press('Enter')
    expect(await field.inputValue()).toBe('4821 velvet ')
    await bob.page.keyboard.type('map')
    await bob.page.keyboard.press('Tab')
    expect(await field.inputValue()).toBe('4821 velvet maple ')
    await bob.page.keyboard.type('ca')
    await bob.page.keyboard.press('Escape')
    expect(await field.getAttribute('aria-expanded')).toBe('false')
    await bob.page.keyboard.press('Tab')
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(false)
  })

  it('is completed by a finger, with words large enough for it', async () => {
    const bob = await stage.arrive('Bob', phone)
    const field = bob.codeField()
    await field.tap()
    await field.pressSequentially('4821 cano')
    const word = bob.control('option', 'canoe')
    expect((await word.boundingBox())?.height).toBeGreaterThanOrEqual(44)
    await keepScreen(bob, 'code - words to choose from, phone')
    await word.tap()
    expect(await field.inputValue()).toBe('4821 canoe ')
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true)
    expect(await field.getAttribute('autocapitalize')).toBe('none')
  })

  it('is shown as it was understood', async () => {
    const bob = await stage.arrive('Bob')
    await bob.codeField().fill('4821, Canoe velvt MAPLE')
    await bob.seesText('Read as 4821 canoe velvet maple')
    await bob.control('textbox', 'Your name').focus()
    expect(await bob.codeField().inputValue()).toBe('4821 canoe velvet maple')
  })

  it('may be a link that is pasted', async () => {
    const bob = await stage.arrive('Bob')
    await bob.codeField().fill(`${stage.server.origin}/4821#canoe-velvet-maple`)
    expect(await bob.codeField().inputValue()).toBe('4821 canoe velvet maple')
    await bob.codeField().fill('call.example/4821')
    await bob.seesText('This link has lost its end')
    await bob.codeField().fill('call.example/book-club#=ten%20letters')
    await bob.seesText('Room book-club')
    await bob.press('Enter another code')
    expect(await bob.codeField().inputValue()).toBe('')
  })
})

describe('a link', () => {
  it('shows its secret nowhere once it is open, and leaves none behind', async () => {
    const ann = await stage.arrive('Ann')
    const code = await ann.startCall()
    expect(code).toMatch(codeForm)
    const [room = '', ...words] = code.split('-')
    const bob = await stage.arrive('Bob', { code })
    await bob.codeField().waitFor()
    expect(await address(bob)).toBe(`${stage.server.origin}/${room}`)
    await bob.connect(code)
    await ann.isCalledBy('Bob')
    await ann.accept()
    await Promise.all([ann.seesVideoOf('Bob'), bob.seesVideoOf('Ann')])
    for (const person of [ann, bob]) {
      expect(await traces(person)).toContain(room)
      for (const word of words) expect(await traces(person)).not.toContain(word)
      for (const request of person.requests) expect(request).not.toContain(words.join('-'))
      for (const line of person.log) expect(line).not.toContain(words.join('-'))
    }
  })

  it('is found again by a reload, a duplicated tab, and the forward button', async () => {
    const bob = await stage.arrive('Bob', { code: '4821-canoe-velvet-maple' })
    const shown = '4821 canoe velvet maple'
    const shows = () =>
      until('the code is filled in', async () => (await bob.codeField().inputValue()) === shown)
    await shows()
    await bob.page.reload()
    await shows()
    await bob.page.goto(`${stage.server.origin}/`)
    await bob.codeField().waitFor()
    expect(await bob.codeField().inputValue()).toBe('')
    await bob.page.goBack()
    await shows()
    const opened = bob.page.waitForEvent('popup')
    await bob.page.evaluate(() => {
      window.open(location.href, '_blank')
    })
    const twin = await opened
    const field = twin.getByRole('combobox', { name: 'Code' })
    await until('the twin has it too', async () => (await field.inputValue()) === shown)
  })

  it('to the same room with other words is followed while the page is open', async () => {
    const bob = await stage.arrive('Bob', { code: '4821-canoe-velvet-maple' })
    await bob.pasteLink('4821-acid-acid-acid')
    await until(
      'the other words are filled in',
      async () => (await bob.codeField().inputValue()) === '4821 acid acid acid',
    )
    expect(await address(bob)).toBe(`${stage.server.origin}/4821`)
  })

  it('to the call that one is in does not disturb it', async () => {
    const { ann, bob, code } = await stage.annAndBob()
    await bob.pasteLink(code)
    await until('the secret is gone', async () => !(await address(bob)).includes('#'))
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
    expect(await address(bob)).toBe(`${stage.server.origin}/${linkEnd(code).replace(/#.*/, '')}`)
  })
})

describe('what is claimed of a call', () => {
  it('is that it is end-to-end encrypted, and where the app came from', async () => {
    const { ann } = await stage.annAndBob()
    await ann.sees('button', /^End-to-end encrypted: only people with this code/)
    await ann.seesText(`App code from localhost:${stage.server.port}`)
    await keepScreen(ann, 'call - claim')
  })

  it('is that somebody is verified once emoji were compared, until they come back anew', async () => {
    const { ann, bob } = await stage.annAndBob()
    const [ofAnn, ofBob] = await Promise.all([ann.openEmoji('Bob'), bob.openEmoji('Ann')])
    expect(ofAnn).toHaveLength(7)
    expect(ofAnn).toEqual(ofBob)
    await keepScreen(ann, 'call - emoji')
    await ann.press('They match')
    await ann.sees('button', /^Verified/)
    await ann.sees('img', 'Bob is verified')
    await bob.press('Close')
    await bob.sees('button', /^End-to-end encrypted/)
    await bob.page.reload()
    await ann.sees('button', /^End-to-end encrypted/)
    await ann.seesNo('img', 'Bob is verified')
  })

  it('is taken back when emoji differ, with a new code to go on with', async () => {
    const { ann, bob, code } = await stage.annAndBob()
    await ann.openEmoji('Bob')
    await ann.press('They differ')
    await keepScreen(ann, 'call - emoji differ')
    await ann.press('Hang up and make a new code')
    await ann.sees('heading', 'Nobody here yet')
    expect(await ann.code()).toMatch(codeForm)
    expect(await ann.code()).not.toBe(code)
    await bob.sees('heading', 'Ann left')
  })
})

describe('words that are not those of the room', () => {
  it('are told as wrong, or as a server that refuses', async () => {
    const [ann, bob] = await Promise.all([stage.arrive('Ann'), stage.arrive('Bob')])
    const code = await ann.startCall()
    await bob.connect(wrongWords(code))
    await bob.sees('heading', 'Wrong code, or the server refuses')
    await keepScreen(bob, 'dead end - wrong code')
    expect(await ann.control('alertdialog', /is calling/).count()).toBe(0)
    await bob.press('Change the code')
    await bob.connect(code)
    await ann.isCalledBy('Bob')
  })

  it('are told to those inside when they are tried again and again', async () => {
    const [ann, bob] = await Promise.all([stage.arrive('Ann'), stage.arrive('Bob')])
    const code = await ann.startCall()
    await bob.connect(wrongWords(code))
    for (let tries = 1; tries < 5; tries += 1) {
      await bob.sees('heading', 'Wrong code, or the server refuses')
      await bob.press('Try again')
    }
    await ann.seesText('Someone is trying codes. You are safe')
    await keepScreen(ann, 'waiting - someone tries codes')
  })
})

describe('a room of one’s own', () => {
  it('opens by a name and a secret that people agreed on', async () => {
    const [ann, bob] = await Promise.all([stage.arrive('Ann'), stage.arrive('Bob')])
    await ann.enterOwnRoom('Book club', 'a secret of ours')
    await ann.sees('heading', 'Nobody here yet')
    expect(await ann.code()).toBe('book-club')
    await keepScreen(ann, 'waiting - own room')
    await bob.enterOwnRoom('book CLUB', 'a secret of ours')
    await ann.isCalledBy('Bob')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
  })

  it('closes after ten wrong secrets, with a new code for who is inside', async () => {
    const [ann, bob] = await Promise.all([stage.arrive('Ann'), stage.arrive('Bob')])
    await ann.enterOwnRoom('Chess club', 'a secret of ours')
    await ann.sees('heading', 'Nobody here yet')
    await bob.enterOwnRoom('Chess club', 'a secret of yours')
    for (let tries = 1; tries < 10; tries += 1) {
      await bob.sees('heading', 'Wrong code, or the server refuses')
      await bob.press('Try again')
    }
    await ann.sees('heading', 'This code is closed')
    await keepScreen(ann, 'waiting - closed')
    await bob.sees('heading', 'Wrong code, or the server refuses')
    await bob.press('Try again')
    await bob.sees('heading', 'This code is closed')
    await keepScreen(bob, 'dead end - closed')
    await ann.press('Make a new code')
    await ann.sees('heading', 'Nobody here yet')
    expect(await ann.code()).toMatch(codeForm)
  })
})
