import { SeededRandom } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { offer, TwoPeople } from '../testing/two-people.ts'
import { GuessBudget } from './guess-budget.ts'
import { makeTicket } from './made-ticket.ts'
import { OpeningBudget } from './opening-budget.ts'
import { RoomSecret } from './room-secret.ts'

const member = (number: number): Uint8Array => new Uint8Array(16).fill(number)

describe('a member’s budget of wrong proofs', () => {
  it.each([
    ['words', 256],
    ['standing', 256],
    ['chosen', 10],
  ] as const)('for a code of the kind %s ends at %i', (kind, end) => {
    const budget = new GuessBudget(kind)
    for (let wrong = 1; wrong < end; wrong++) {
      expect(budget.spend(0)).toBe(wrong === 5 ? 'guessing' : undefined)
      expect(budget.isClosed).toBe(false)
    }
    expect(budget.spend(0)).toBe('closed')
    expect(budget.isClosed).toBe(true)
    expect(budget.spend(0)).toBeUndefined()
  })

  it('lets ten through at once, and then one in ten seconds', () => {
    const budget = new GuessBudget('words')
    for (let wrong = 0; wrong < 10; wrong++) {
      expect(budget.wait(1000)).toBe(0)
      budget.spend(1000)
    }
    expect(budget.wait(1000)).toBe(10_000)
    expect(budget.wait(10_999)).toBe(1)
    expect(budget.wait(11_000)).toBe(0)
    budget.spend(11_000)
    expect(budget.wait(11_000)).toBe(10_000)
    // All of the burst is there again, and no more than that.
    for (let wrong = 0; wrong < 10; wrong++) {
      expect(budget.wait(1e9)).toBe(0)
      budget.spend(1e9)
    }
    expect(budget.wait(1e9)).toBe(10_000)
  })
})

describe('a newcomer’s budget of tickets', () => {
  it('has eight unconfirmed ones at a time, sixteen in all', () => {
    const budget = new OpeningBudget()
    for (let i = 0; i < 8; i++) expect(budget.spend(member(i))).toBeUndefined()
    expect(budget.spend(member(8))).toBe('tooManyUnconfirmed')
    for (let i = 0; i < 8; i++) budget.settle(member(i))
    for (let i = 8; i < 16; i++) expect(budget.spend(member(i))).toBeUndefined()
    budget.settle(member(8))
    expect(budget.spend(member(16))).toBe('tooManyTickets')
  })

  it('does not count members who were vouched for, once each', () => {
    const budget = new OpeningBudget()
    for (let i = 0; i < 8; i++) budget.spend(member(i))
    budget.vouch([member(8), member(9)])
    expect(budget.spend(member(8))).toBeUndefined()
    expect(budget.spend(member(9))).toBeUndefined()
    expect(budget.spend(member(8))).toBe('tooManyUnconfirmed')
  })

  it('bounds what a server that forges members learns', () => {
    const people = new TwoPeople()
    const random = new SeededRandom(4)
    const forge = (memberId: Uint8Array) => {
      const made = makeTicket(
        {
          secret: new RoomSecret({ kind: 'chosen', nameplate: '4821', secret: 'a guess' }),
          ...{ memberId, door: 'open', version: 1, versions: [1] },
        },
        random,
      )
      const ticket = people.bob.examine(made.octets, memberId)
      if (typeof ticket === 'string') throw new TypeError(ticket)
      return people.bob.open(ticket, offer)
    }
    let opened = 0
    for (let i = 1; i < 100; i++) {
      if (forge(member(i)).type === 'opened') opened++
      else people.bob.abandon(member(i - 8))
    }
    expect(opened).toBe(16)
    people.bob.vouch([member(100)])
    expect(forge(member(100)).type).toBe('opened')
  })
})
