import { generateWordsCode, type RoomCode } from '@crowfly/pairing'
import type { PairMessage } from '@crowfly/signaling'
import { describe, expect, it } from 'vitest'
import { type SealedPerson, SealedWorld } from '../testing/sealed-world.ts'

const open: PairMessage = { type: 'open', attempt: 1, name: 'Bob', pass: new Uint8Array(0), sdp: 'v=0\r\n' }
const reply: PairMessage = { type: 'reply', attempt: 1, name: 'Ann', pass: new Uint8Array(0), sdp: 'v=0\r\n' }

/** Answers every offer at once. */
function answer(person: SealedPerson): void {
  person.watch = (event) => {
    if (event.type === 'message' && event.message.type === 'open') person.send(event.from, reply)
  }
}

/** Offers to everybody who was there before. */
function call(person: SealedPerson): void {
  person.watch = (event) => {
    if (event.type === 'joined') for (const member of event.members) person.send(member, open)
    if (event.type === 'memberJoined' && !event.isNewcomer) person.send(event.member, open)
  }
}

/** Another code under the same nameplate. */
function wrong(code: RoomCode, world: SealedWorld): RoomCode {
  return generateWordsCode(code.nameplate, world.random)
}

interface Two {
  readonly world: SealedWorld
  readonly ann: SealedPerson
  readonly bob: SealedPerson
}

/** Ann waits under a code, and Bob is about to come. */
function two(): Two {
  const world = new SealedWorld()
  const ann = world.creator()
  answer(ann)
  const bob = world.person()
  call(bob)
  return { world, ann, bob }
}

function join(person: SealedPerson, ann: SealedPerson): void {
  person.open({ kind: 'join', code: ann.code, ifEmpty: 'refuse' })
}

/** How many one-way trips pass until Bob has heard Ann. */
function tripsToAnswer({ world, ann, bob }: Two): number {
  const pressedAt = world.clock.now()
  join(bob, ann)
  world.until(() => bob.heard(ann.id).length === 1)
  return (world.clock.now() - pressedAt) / world.network.conditions.delayMs
}

function pair(): Two {
  const people = two()
  tripsToAnswer(people)
  return people
}

describe('two who know the code', () => {
  it('hear each other, and see the same emoji', () => {
    const { ann, bob } = pair()
    expect(ann.heard(bob.id)).toEqual([open])
    expect(bob.heard(ann.id)).toEqual([reply])
    const emoji = ann.session.pairingWith(bob.id)?.emoji
    expect(emoji).toHaveLength(7)
    expect(bob.session.pairingWith(ann.id)?.emoji).toEqual(emoji)
  })

  it('hear each other after four one-way trips when the code was looked at before', () => {
    const people = two()
    people.bob.look(people.ann.code)
    people.world.advance(1_000)
    expect(tripsToAnswer(people)).toBeCloseTo(4)
  })

  it('hear each other after six when it was not, and two to connect', () => {
    expect(tripsToAnswer(two())).toBeCloseTo(8)
  })

  it('send candidates behind the offer before it is answered', () => {
    const { world, ann, bob } = two()
    join(bob, ann)
    world.until(() => bob.find('joined') !== undefined)
    const candidates: PairMessage = { type: 'candidates', attempt: 1, candidates: [] }
    bob.send(ann.id, candidates)
    world.until(() => ann.heard(bob.id).length === 2)
    expect(ann.heard(bob.id)).toEqual([open, candidates])
  })

  it('are called once only when the room has changed since the look', () => {
    const { world, ann, bob } = two()
    bob.look(ann.code)
    world.advance(1_000)
    const cat = world.person()
    call(cat)
    join(cat, ann)
    world.until(() => cat.heard(ann.id).length === 1)
    answer(cat)
    join(bob, ann)
    world.until(() => bob.heard(ann.id).length === 1 && bob.heard(cat.id).length === 1)
    world.advance(20_000)
    expect([ann, cat].map((person) => person.heard(bob.id))).toEqual([[open], [open]])
    expect(bob.all('memberJoined').map(({ member }) => member)).toEqual([cat.id])
  })

  it('find each other again when the server forgets everything, and lose and double nothing', () => {
    const { world, ann, bob } = pair()
    const say = (attempt: number): PairMessage => ({ type: 'renew', attempt })
    world.crash('cut')
    ann.send(bob.id, say(1))
    bob.send(ann.id, say(2))
    world.restart()
    world.advance(20_000)
    ann.send(bob.id, say(3))
    world.until(() => bob.heard(ann.id).length === 3)
    expect(bob.heard(ann.id)).toEqual([reply, say(1), say(3)])
    expect(ann.heard(bob.id)).toEqual([open, say(2)])
  })

  it('pair anew when one has lost the pairing', () => {
    const { world, ann, bob } = pair()
    bob.watch = (event) => {
      if (event.type === 'pairingLost') bob.send(event.member, { ...open, attempt: 2 })
    }
    const before = ann.session.pairingWith(bob.id)
    before?.close()
    const seen = bob.session.pairingWith(ann.id)?.pid
    // What Bob says is of a pairing that Ann can not read any more.
    bob.send(ann.id, { type: 'renew', attempt: 1 })
    world.until(() => bob.heard(ann.id).length === 2)
    expect(ann.heard(bob.id).at(-1)).toEqual({ ...open, attempt: 2 })
    expect(bob.find('pairingLost')).toEqual({ type: 'pairingLost', member: ann.id })
    expect(bob.session.pairingWith(ann.id)?.pid).not.toEqual(seen)
  })
})

describe('somebody with another code', () => {
  it('is turned away, and the member there has counted it', () => {
    const world = new SealedWorld()
    const ann = world.creator()
    const eve = world.person()
    call(eve)
    eve.open({ kind: 'join', code: wrong(ann.code, world), ifEmpty: 'refuse' })
    world.until(() => eve.find('unwelcome') !== undefined)
    expect(eve.find('unwelcome')).toEqual({ type: 'unwelcome', member: ann.id, reason: 'wrongCode' })
    expect(ann.heard(eve.id)).toEqual([])
    expect(ann.find('guessed')).toBeUndefined()
  })

  it('is noticed the fifth time, and by so many that the room is closed, nobody new is let in', {
    timeout: 120_000,
  }, () => {
    const world = new SealedWorld(1, {
      joinsPerMinute: 10_000,
      joinsPerMinutePerRoom: 10_000,
      guessesPerHour: 10_000,
    })
    const ann = world.creator()
    answer(ann)
    const guess = (code: RoomCode): SealedPerson => {
      const eve = world.person()
      call(eve)
      eve.open({ kind: 'join', code, ifEmpty: 'refuse' })
      world.until(() => eve.find('unwelcome') !== undefined, 3_000_000)
      eve.session.leave(world.clock.now())
      eve.host.settle()
      return eve
    }
    for (let count = 0; count < 5; count++) guess(wrong(ann.code, world))
    expect(ann.all('guessed')).toEqual([{ type: 'guessed', guessing: 'guessing' }])
    for (let count = 5; count < 256; count++) guess(wrong(ann.code, world))
    expect(ann.all('guessed').at(-1)).toEqual({ type: 'guessed', guessing: 'closed' })
    expect(guess(ann.code).find('unwelcome')?.reason).toBe('roomClosed')
  })
})
