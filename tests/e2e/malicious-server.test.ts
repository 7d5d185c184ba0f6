import {
  findLeaks,
  flip,
  Ghost,
  GhostNewcomer,
  GoBetween,
  meddle,
  type Told,
} from '@crowfly/client/testing/malice'
import { parseRoomCode, type RoomCode } from '@crowfly/pairing'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { keepScreen } from './harness/evidence.ts'
import { MaliciousEndpoint } from './harness/malicious-endpoint.ts'
import { codeForm, type Person } from './harness/person.ts'
import { useStage } from './harness/stage.ts'

const stage = useStage()
let endpoint: MaliciousEndpoint

beforeAll(async () => {
  endpoint = await MaliciousEndpoint.open(stage.server.origin)
})
afterEach(() => {
  endpoint.machine.conduct = {}
})
afterAll(() => endpoint.close())

const arrive = (name: string): Promise<Person> => stage.arrive(name, { origin: endpoint.origin })
const annAndBob = (): Promise<[Person, Person]> => Promise.all([arrive('Ann'), arrive('Bob')])

/** The ids of those who come from now on, in order. */
function watchComers(): string[] {
  const comers: string[] = []
  const { conduct } = endpoint.machine
  endpoint.machine.conduct = {
    ...conduct,
    hear: (from, message) => {
      if ((message.type === 'create' || message.type === 'join') && !comers.includes(from)) comers.push(from)
      return [message]
    },
  }
  return comers
}

function codeOf(text: string): RoomCode {
  const code = parseRoomCode(text)
  if ('problem' in code) throw new TypeError(code.problem)
  return code
}

describe('a server that knows no code', () => {
  it('reads nothing, and envelopes that it doubles, drops and plays again do no harm', async () => {
    const past: { to: string; told: Told<'envelope'> }[] = []
    let dropped = 0
    endpoint.machine.conduct = {
      say: meddle((told, to) => {
        past.push({ to, told })
        const isFirst = past.length <= 2
        if (isFirst) dropped += 1
        return isFirst ? [] : [told, told]
      }),
    }
    const [ann, bob] = await Promise.all([arrive('Annabelle'), arrive('Bobadilla')])
    const code = await ann.startCall()
    await bob.connect(code)
    await ann.isCalledBy('Bobadilla')
    await ann.accept()
    await Promise.all([ann.isInCallWith('Bobadilla'), bob.isInCallWith('Annabelle')])
    endpoint.strike(() => {
      for (const { to, told } of past) endpoint.machine.say(to, told)
    })
    await ann.say('the fox is out')
    await bob.openChat()
    await bob.reads('the fox is out')
    expect(dropped).toBe(2)
    expect(code).toMatch(codeForm)
    const [, ...words] = code.split('-')
    const secrets = [
      words.join('-'),
      'Annabelle',
      'Bobadilla',
      'the fox',
      'a=fingerprint',
      'candidate:',
      'typ host',
    ]
    expect(findLeaks(endpoint.machine.heard, secrets)).toEqual([])
    await keepScreen(ann, 'malicious server - replayed')
    ann.hasNoErrors()
    bob.hasNoErrors()
  })

  it('brings about no call with envelopes that it has altered, and that is told as a wrong code or a refusal', async () => {
    endpoint.machine.conduct = { say: meddle((told) => [{ ...told, envelope: flip(told.envelope, 500) }]) }
    const [ann, bob] = await annAndBob()
    await bob.connect(await ann.startCall())
    await bob.sees('heading', 'Wrong code, or the server refuses')
    await ann.sees('heading', 'Nobody here yet')
    await keepScreen(bob, 'malicious server - altered')
    ann.hasNoErrors()
    bob.hasNoErrors()
  })

  it('keeps a caller waiting with a member who never answers, and shows nobody', async () => {
    const comers = watchComers()
    const [ann, bob] = await annAndBob()
    const code = await ann.startCall()
    const ghost = new Ghost(endpoint.machine, endpoint.random.fork())
    endpoint.strike(() => ghost.enter(codeOf(code).nameplate))
    endpoint.machine.conduct = { sees: (viewer, other) => viewer !== other && other !== comers[0] }
    await bob.connect(code)
    await bob.sees('heading', 'Connecting')
    await keepScreen(bob, 'malicious server - ghost member')
    expect(await ann.control('alertdialog', /is calling/).count()).toBe(0)
    await bob.press('Cancel')
    await bob.sees('heading', 'You left the call')
  })

  it('splits a room: each waits alone', async () => {
    endpoint.machine.conduct = { sees: () => false }
    const [ann, bob] = await annAndBob()
    await bob.connect(await ann.startCall())
    await Promise.all([ann.sees('heading', 'Nobody here yet'), bob.sees('heading', 'Nobody here yet')])
    await keepScreen(bob, 'malicious server - split')
  })

  it('tries codes: those inside are told, and a room of their own is closed', async () => {
    const comers = watchComers()
    const ann = await arrive('Ann')
    const code = codeOf(await ann.startCall())
    const cat = await arrive('Cat')
    await cat.enterOwnRoom('Chess club', 'a secret of ours')
    await cat.sees('heading', 'Nobody here yet')
    let guesses = 0
    const guessAt = (victim: string | undefined, nameplate: string): GhostNewcomer => {
      const ghost = new GhostNewcomer({
        ghost: new Ghost(endpoint.machine, endpoint.random.fork()),
        victim: victim ?? '',
        nextCode: () => {
          guesses += 1
          return { kind: 'chosen', nameplate, secret: `guess number ${guesses}` }
        },
        offer: () => ({ type: 'offer', body: new Uint8Array(64) }),
        random: endpoint.random.fork(),
      })
      endpoint.strike(() => {
        ghost.ghost.enter(nameplate)
        ghost.ask()
      })
      return ghost
    }
    const atAnn = guessAt(comers[0], code.nameplate)
    await ann.seesText('Someone is trying codes. You are safe')
    await keepScreen(ann, 'malicious server - guessing')
    endpoint.strike(() => atAnn.ghost.act({ type: 'leave' }))
    const atCat = guessAt(comers[1], 'chess-club')
    await cat.sees('heading', 'This code is closed')
    await keepScreen(cat, 'malicious server - closed')
    expect(atCat.answers.filter((answer) => answer === 'wrongCode')).toHaveLength(10)
  })
})

describe('a server that has got the code', () => {
  it('stands between two people: their calls stand, and their emoji differ', async () => {
    const front = new Set<string>()
    const comers = watchComers()
    const [[ann, bob], [likeAnn, likeBob]] = await Promise.all([annAndBob(), annAndBob()])
    const code = await ann.startCall()
    endpoint.machine.conduct.sees = (viewer, other) => front.has(viewer) === front.has(other)
    endpoint.machine.conduct.hear = (from, message) => {
      // The second and the third who come are one half of the room.
      if (message.type === 'join' && !comers.includes(from)) {
        comers.push(from)
        if (comers.length <= 3) front.add(from)
      }
      return [message]
    }
    await likeAnn.connect(code)
    await likeAnn.sees('heading', 'Nobody here yet')
    const [, second = ''] = comers
    endpoint.strike(() =>
      endpoint.machine.act({ id: second, hear: () => {} }, { type: 'confirm', memberId: second }),
    )
    await bob.connect(code)
    await likeAnn.isCalledBy('Bob')
    await likeAnn.accept()
    await likeBob.connect(code)
    await ann.isCalledBy('Bob')
    await ann.accept()
    await Promise.all([ann.seesVideoOf('Bob'), bob.seesVideoOf('Ann')])
    const [ofAnn, ofBob] = await Promise.all([ann.openEmoji('Bob'), bob.openEmoji('Ann')])
    expect(ofAnn).toHaveLength(7)
    expect(ofBob).toHaveLength(7)
    expect(ofAnn).not.toEqual(ofBob)
    await keepScreen(ann, 'malicious server - in between, Ann')
    await keepScreen(bob, 'malicious server - in between, Bob')
  })

  it('copies their certificates’ fingerprints: both are cut off, and told', async () => {
    const comers = watchComers()
    const [ann, bob] = await annAndBob()
    const code = await ann.startCall()
    const victim = comers[0] ?? ''
    endpoint.strike(() => {
      new GoBetween(endpoint.machine, { code: codeOf(code), victim, random: endpoint.random.fork() })
    })
    await bob.connect(code)
    await ann.isCalledBy('Bob')
    await ann.accept()
    const cut = /was cut off: the connection did not prove that nobody sits between you/
    await Promise.all([ann.seesText(cut), bob.seesText(cut)])
    await keepScreen(ann, 'malicious server - copied fingerprint')
  })
})
