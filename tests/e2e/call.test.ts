import { describe, expect, it } from 'vitest'
import { codeForm } from './harness/person.ts'
import { useStage } from './harness/stage.ts'

const stage = useStage()

describe('a call by room code', () => {
  it('rings with the name of who calls, and once accepted both see and hear each other', async () => {
    const [ann, bob] = await Promise.all([stage.arrive('Ann'), stage.arrive('Bob')])
    const code = await ann.startCall()
    expect(code).toMatch(codeForm)
    await bob.connect(code)
    await ann.isCalledBy('Bob')
    await bob.sees('heading', 'Ringing')
    expect(await bob.received()).toSatisfy((all: { framesDecoded: number }[]) =>
      all.every((one) => one.framesDecoded === 0),
    )
    await ann.accept()
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
    // From browser to browser: the pair in use is of candidates of their own.
    const [received] = await ann.received()
    expect([received?.localCandidateType, received?.remoteCandidateType].join()).toMatch(
      /^(host|[sp]rflx),(host|[sp]rflx)$/,
    )
    ann.hasNoErrors()
    bob.hasNoErrors()
  })

  it('opens from the link, with the code filled in and however the code is typed', async () => {
    const ann = await stage.arrive('Ann')
    const code = await ann.startCall()
    const bob = await stage.arrive('Bob', { code })
    expect(await bob.codeField().inputValue()).toBe(code.replaceAll('-', ' '))
    await bob.control('textbox', 'Your name').fill('Bob')
    await bob.press('Connect')
    await ann.isCalledBy('Bob')
    const cat = await stage.arrive('Cat')
    await ann.accept()
    // Four letters tell a word from all others.
    const [room = '', ...words] = code.toUpperCase().split('-')
    await cat.connect(` ${room} ${words.map((word) => word.slice(0, 4)).join(', ')}. `)
    await Promise.all([ann.isInCallWith('Bob', 'Cat'), cat.isInCallWith('Ann', 'Bob')])
  })

  it('stops ringing when the caller gives up', async () => {
    const [ann, bob] = await Promise.all([stage.arrive('Ann'), stage.arrive('Bob')])
    await bob.connect(await ann.startCall())
    await ann.isCalledBy('Bob')
    await bob.press('Cancel')
    await ann.seesNo('alertdialog', 'Bob is calling')
    await ann.sees('heading', 'Nobody here yet')
  })

  it('lets a third and a fourth person in at once, and everybody sees and hears everybody', async () => {
    const { ann, bob, code } = await stage.annAndBob()
    const [cat, dan] = await Promise.all([stage.arrive('Cat'), stage.arrive('Dan')])
    await cat.connect(code)
    await Promise.all([ann.seesVideoOf('Cat'), bob.seesVideoOf('Cat'), cat.isInCallWith('Ann', 'Bob')])
    await dan.connect(code)
    await Promise.all([
      dan.isInCallWith('Ann', 'Bob', 'Cat'),
      ann.isInCallWith('Bob', 'Cat', 'Dan'),
      bob.isInCallWith('Ann', 'Cat', 'Dan'),
      cat.isInCallWith('Ann', 'Bob', 'Dan'),
    ])
    expect(await ann.control('alertdialog', /is calling/).count()).toBe(0)
  })

  it('tells the other when one hangs up, and rings again when they come back', async () => {
    const { ann, bob, code } = await stage.annAndBob()
    await bob.leave()
    await bob.sees('heading', 'You left the call')
    await ann.sees('heading', 'Bob left')
    await bob.visit()
    await bob.connect(code)
    await ann.isCalledBy('Bob')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
  })

  it('is still there after a reload, without ringing', async () => {
    const { ann, bob } = await stage.annAndBob()
    await bob.page.reload()
    await Promise.all([ann.isInCallWith('Bob'), bob.isInCallWith('Ann')])
    expect(await ann.control('alertdialog', /is calling/).count()).toBe(0)
  })

  it('takes a duplicated tab for one more person', async () => {
    const { ann, bob } = await stage.annAndBob()
    const twin = await bob.duplicateTab()
    await ann.seesBoth('Bob', 2)
    await twin.isInCallWith('Ann')
    await bob.isInCallWith('Ann')
  })

  it('carries texts to everybody, and counts those that are not read yet', async () => {
    const { ann, bob, code } = await stage.annAndBob()
    const cat = await stage.arrive('Cat')
    await cat.connect(code)
    await cat.isInCallWith('Ann', 'Bob')
    await ann.say('Hello from Ann, <b>plainly</b> & ünïcode 🐦')
    await bob.sees('button', 'Chat, 1 unread')
    for (const reader of [bob, cat]) {
      await reader.openChat()
      await reader.reads('Hello from Ann, <b>plainly</b> & ünïcode 🐦')
    }
    await cat.say('And from Cat')
    await ann.reads('And from Cat')
    await bob.reads('And from Cat')
  })
})
