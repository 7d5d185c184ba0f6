import { encodeUtf8 } from '@crowfly/bytes'
import { formatHex, SeededRandom } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { concat } from '../cpace/length-value.ts'
import { generateWordsCode, maxBodyBytes } from '../index.ts'
import { answer, canoe, offer, TwoPeople } from '../testing/two-people.ts'
import { CodeEntry } from './code-entry.ts'
import { PairRegistry } from './pair-registry.ts'
import { TicketBook } from './ticket-book.ts'

const empty = new Uint8Array(0)

describe('two people with the same code', () => {
  it('prove it to each other, and say an offer and an answer on the way', () => {
    const people = new TwoPeople()
    const open = people.open()
    const opened = people.ann.handleOpen(open, people.bobId, 0)
    if (opened.type !== 'proven') throw new TypeError(opened.type)
    expect(opened.message).toEqual(offer)
    const reply = opened.pairing.channel.seal(answer)
    const bob = people.confirm(reply ?? empty)
    expect(bob.channel.shift()).toEqual(answer)
    expect(bob.pid).toEqual(opened.pairing.pid)
    expect(bob.channel.unacknowledged()).toEqual([])
  })

  it('see the same emoji, and others the next time', () => {
    const { ann, bob } = new TwoPeople(1).pair()
    expect(ann.emoji).toHaveLength(7)
    expect(ann.emoji).toEqual(bob.emoji)
    expect(new TwoPeople(2).pair().ann.emoji).not.toEqual(ann.emoji)
  })

  it('go on sealing in both directions', () => {
    const { ann, bob } = new TwoPeople().pair()
    bob.channel.shift()
    for (const [from, to] of [
      [bob, ann],
      [ann, bob],
    ] as const) {
      expect(to.receive(from.channel.seal({ type: 'ringing', body: empty }) ?? empty, 0)).toBe('opened')
      expect(to.channel.shift()).toEqual({ type: 'ringing', body: empty })
    }
  })

  it('may begin with any message, and with a mere acknowledgement', () => {
    for (const type of ['ringing', 'declined', 'ack'] as const) {
      const { ann, bob } = new TwoPeople().pair({ type, body: empty })
      expect(bob.emoji).toEqual(ann.emoji)
      expect(bob.channel.shift()).toEqual(type === 'ack' ? undefined : { type, body: empty })
    }
  })

  it('lose nothing that overtakes the reply', () => {
    const people = new TwoPeople()
    const ann = people.prove(people.open())
    const reply = ann.channel.seal({ type: 'ringing', body: empty })
    people.bob.handleEnvelope(ann.channel.seal(answer) ?? empty, people.annId)
    const bob = people.confirm(reply ?? empty)
    expect([bob.channel.shift()?.type, bob.channel.shift()?.type]).toEqual(['ringing', 'answer'])
  })

  it('tell their candidates before the reply has come', () => {
    const people = new TwoPeople()
    const open = people.open()
    const candidates = people.bob.sealCandidates(people.annId, encodeUtf8('a=candidate')) ?? empty
    expect(people.bob.unacknowledged(people.annId)).toEqual([open, candidates])
    const ann = people.prove(open)
    expect(ann.receive(candidates, 0)).toBe('opened')
    expect(ann.channel.shift()).toEqual({ type: 'candidates', body: encodeUtf8('a=candidate') })
    const bob = people.confirm(ann.channel.seal(answer) ?? empty)
    expect(bob.channel.unacknowledged()).toEqual([])
    expect(people.bob.sealCandidates(people.annId, empty)).toBeUndefined()
  })

  it('have another key each time', () => {
    const people = new TwoPeople()
    const first = people.pair()
    first.ann.close()
    first.bob.close()
    const second = people.pair()
    expect(second.ann.pid).not.toEqual(first.ann.pid)
    expect(second.ann.receive(first.reply, 0)).toBe('foreign')
  })
})

describe('a repeated message', () => {
  it('is answered as before, and counts nothing', () => {
    const people = new TwoPeople()
    const open = people.open()
    const ann = people.prove(open)
    expect(people.ann.handleOpen(open, people.bobId, 0)).toEqual({ type: 'repeated', answer: undefined })
    const reply = ann.channel.seal(answer)
    expect(people.ann.handleOpen(open, people.bobId, 0)).toEqual({ type: 'repeated', answer: reply })
    expect(people.bob.unacknowledged(people.annId)).toEqual([open])
    const bob = people.confirm(reply ?? empty)
    expect(people.bob.unacknowledged(people.annId)).toEqual([])
    expect(people.bob.handleReply(reply ?? empty, people.annId, 0)).toEqual({
      type: 'dropped',
      reason: 'notAwaited',
    })
    expect(bob.receive(reply ?? empty, 0)).toBe('duplicate')
    expect(people.ann.guesses).toEqual({ count: 0, isClosed: false })
  })

  it('opens no ticket a second time for anybody else', () => {
    const people = new TwoPeople()
    const open = people.open()
    people.prove(open)
    expect(people.ann.handleOpen(open, new Uint8Array(16), 0)).toMatchObject({ reason: 'spentTicket' })
  })

  it('with a wrong proof is refused once more, and counted once', () => {
    const people = new TwoPeople(1, canoe, generateWordsCode('4821', new SeededRandom(9)))
    const open = people.open()
    const outcome = people.ann.handleOpen(open, people.bobId, 0)
    expect(outcome).toMatchObject({ type: 'guessed', warning: undefined })
    if (outcome.type !== 'guessed') throw new TypeError()
    expect(people.ann.handleOpen(open, people.bobId, 0)).toEqual({ type: 'repeated', answer: outcome.answer })
    expect(people.ann.guesses.count).toBe(1)
    expect(people.bob.handleRefusal(outcome.answer, people.annId)).toBe('wrongCode')
    expect(people.bob.handleRefusal(outcome.answer, people.annId)).toBeUndefined()
  })
})

describe('a held door', () => {
  const knock = { type: 'knock', body: empty } as const

  it('is knocked at: the offer waits', () => {
    const people = new TwoPeople()
    people.ann.setDoor('knock')
    const ticket = people.ticket()
    expect(ticket.member.door).toBe('knock')
    expect(() => people.bob.open(ticket, offer)).toThrow('opened with a knock')
    const outcome = people.ann.handleOpen(people.open(ticket, knock), people.bobId, 0)
    expect(outcome).toMatchObject({ type: 'proven', message: knock })
  })

  it('erases the tickets that say otherwise', () => {
    const people = new TwoPeople()
    const open = people.open()
    people.ann.setDoor('open')
    people.ann.setDoor('knock')
    expect(people.ann.handleOpen(open, people.bobId, 0)).toMatchObject({ reason: 'spentTicket' })
  })
})

describe('the secrets', () => {
  it('never are on the wire', () => {
    const { open, reply } = new TwoPeople().pair()
    const wire = formatHex(concat(new TwoPeople().ann.make(), open, reply))
    for (const word of ['canoe', 'velvet', 'maple', 'v=0'])
      expect(wire).not.toContain(Buffer.from(word).toString('hex'))
  })

  it('are gone once the side is closed', () => {
    const people = new TwoPeople()
    const open = people.open()
    people.ann.close()
    people.bob.close()
    expect(people.ann.handleOpen(open, people.bobId, 0)).toMatchObject({ reason: 'spentTicket' })
    expect(people.bob.unacknowledged(people.annId)).toEqual([])
  })

  it('must be there', () => {
    const code = { kind: 'chosen', nameplate: 'team', secret: '' } as const
    const options = { random: new SeededRandom(1), code, registry: new PairRegistry(new Uint8Array(16)) }
    expect(() => new TicketBook(options)).toThrow('without a secret')
    expect(() => new CodeEntry(options)).toThrow('without a secret')
    expect(() => new PairRegistry(new Uint8Array(15))).toThrow('16 octets')
  })
})

describe('an offer that is too long', () => {
  it('is not sealed, and opens no ticket', () => {
    const people = new TwoPeople()
    const ticket = people.ticket()
    const body = new Uint8Array(maxBodyBytes + 1)
    expect(() => people.bob.open(ticket, { type: 'offer', body })).toThrow('at most')
    expect(people.bob.open(ticket, { type: 'offer', body: body.subarray(1) }).type).toBe('opened')
  })

  it('is not, in an open of the largest kind, more than 64 KiB', () => {
    const open = new TwoPeople().open(undefined, { type: 'offer', body: new Uint8Array(maxBodyBytes) })
    expect(open.length).toBeLessThanOrEqual(65_536)
  })
})

describe('the tickets that a member keeps', () => {
  it('are 64 at most; the oldest goes', () => {
    const people = new TwoPeople()
    const first = people.open()
    for (let i = 0; i < 63; i++) people.ann.make()
    const people2 = new TwoPeople()
    const [kept] = [people2.open()]
    for (let i = 0; i < 64; i++) people2.ann.make()
    expect(people.ann.handleOpen(first, people.bobId, 0).type).toBe('proven')
    expect(people2.ann.handleOpen(kept ?? empty, people2.bobId, 0)).toMatchObject({ reason: 'spentTicket' })
  })
})
