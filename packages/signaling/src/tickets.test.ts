import { describe, expect, it } from 'vitest'
import { BareServer, memberId } from './testing/bare-server.ts'

const elsewhere = [198, 51, 100, 7]

/** A room with a member on path 1, who has left tickets 1, 2, 3. */
function room(limits: ConstructorParameters<typeof BareServer>[0] = {}): {
  bare: BareServer
  nameplate: string
} {
  const bare = new BareServer(limits)
  const nameplate = bare.create(1)
  bare.leaveTickets(1, [1, 2, 3])
  return { bare, nameplate }
}

/** The numbers of the tickets that `joined` or `looked` brought; 0 for none. */
function listed(bare: BareServer, path: number, type: 'joined' | 'looked' = 'joined'): number[] {
  return (bare.message(path, type)?.members ?? []).map(({ ticket }) => ticket[0] ?? 0)
}

function wanted(bare: BareServer, path: number): number[] {
  return bare.messages(path, 'ticketsWanted').map(({ count }) => count)
}

/** What came of `askTicket`, as member and number. */
function brought(bare: BareServer, path: number): [string, number][] {
  return bare.messages(path, 'ticket').map(({ memberId, ticket }) => [memberId, ticket[0] ?? 0])
}

describe('tickets', () => {
  it('are asked for when a member comes in, and again whenever one is handed out', () => {
    const { bare, nameplate } = room()
    expect(wanted(bare, 1)).toEqual([3])
    bare.enter(2, nameplate)
    expect(wanted(bare, 1)).toEqual([3, 1])
    expect(wanted(bare, 2)).toEqual([3])
  })

  it('are handed out to one newcomer each, the oldest first, until there are none', () => {
    const { bare, nameplate } = room()
    for (const path of [2, 3, 4, 5]) bare.enter(path, nameplate)
    expect([2, 3, 4, 5].map((path) => listed(bare, path)[0])).toEqual([1, 2, 3, 0])
  })

  it('are asked for once, however often one is missing', () => {
    const { bare, nameplate } = room()
    for (const path of [2, 3, 4, 5, 6]) {
      bare.enter(path, nameplate)
      bare.item(path, { type: 'leave' })
    }
    expect(wanted(bare, 1)).toEqual([3, 1, 1, 1])
    bare.leaveTickets(1, [4])
    expect(wanted(bare, 1)).toEqual([3, 1, 1, 1])
    bare.leaveTickets(1, [5, 6])
    bare.enter(7, nameplate)
    expect(listed(bare, 7)).toEqual([4])
    expect(wanted(bare, 1)).toEqual([3, 1, 1, 1, 1])
  })

  it('are as many as the setting says', () => {
    const bare = new BareServer({ ticketsPerMember: 7 })
    bare.create(1)
    expect(wanted(bare, 1)).toEqual([7])
  })

  it('are kept up to sixteen of each member, however many are left', () => {
    const { bare, nameplate } = room()
    for (let i = 0; i < 50; i++)
      bare.leaveTickets(
        1,
        Array.from({ length: 16 }, (_, n) => 100 + n),
      )
    for (let path = 2; path < 19; path++) {
      bare.enter(path, nameplate, [198, 51, 100, path])
      bare.item(path, { type: 'leave' })
    }
    expect(listed(bare, 17)).toEqual([112])
    expect(listed(bare, 18)).toEqual([0])
  })

  it('count as left, and are no tickets, when they are empty', () => {
    const bare = new BareServer()
    const nameplate = bare.create(1)
    bare.item(1, { type: 'leaveTickets', isAnew: false, tickets: [new Uint8Array(0), Uint8Array.of(9)] })
    expect(wanted(bare, 1)).toEqual([3, 1])
    bare.enter(2, nameplate)
    expect(listed(bare, 2)).toEqual([9])
  })

  it('of before are withdrawn by new ones, those kept for who looks too', () => {
    const { bare, nameplate } = room()
    bare.greet(2)
    bare.look(2, nameplate)
    bare.leaveTickets(1, [7], true)
    bare.join(2, nameplate)
    expect(listed(bare, 2)).toEqual([7])
    bare.enter(3, nameplate)
    expect(listed(bare, 3)[0]).toBe(0)
  })

  it('do not come with a return: who returns has paired with the others', () => {
    const { bare, nameplate } = room()
    bare.enter(2, nameplate)
    const { token = new Uint8Array(0), ordinal = 0 } = bare.message(2, 'joined') ?? {}
    bare.close(2)
    bare.greet(3)
    bare.item(3, { type: 'join', nameplate, memberId: memberId(2), ordinal, token, ifEmpty: 'wait' })
    expect(listed(bare, 3)).toEqual([0])
    expect(wanted(bare, 1)).toEqual([3, 1])
  })
})

describe('a ticket that is asked for', () => {
  it('comes at once when there is one', () => {
    const { bare, nameplate } = room()
    bare.enter(2, nameplate)
    bare.item(2, { type: 'askTicket', memberId: memberId(1) })
    expect(brought(bare, 2)).toEqual([[memberId(1), 2]])
  })

  it('comes later when there is none, in the order of asking, and is asked of its member', () => {
    const { bare, nameplate } = room()
    for (const path of [2, 3, 4, 5]) bare.enter(path, nameplate)
    for (const path of [5, 4]) bare.item(path, { type: 'askTicket', memberId: memberId(1) })
    expect(wanted(bare, 1)).toEqual([3, 1, 1, 1, 1, 1])
    expect(brought(bare, 5)).toEqual([])
    bare.leaveTickets(1, [4, 5])
    expect([5, 4].map((path) => brought(bare, path))).toEqual([[[memberId(1), 4]], [[memberId(1), 5]]])
  })

  it('comes once, however often it is asked for meanwhile', () => {
    const { bare, nameplate } = room()
    for (const path of [2, 3, 4, 5]) bare.enter(path, nameplate)
    for (let i = 0; i < 5; i++) bare.item(5, { type: 'askTicket', memberId: memberId(1) })
    bare.leaveTickets(1, [4, 5, 6])
    expect(brought(bare, 5)).toHaveLength(1)
  })

  it('goes to the next who asked when the first has left', () => {
    const { bare, nameplate } = room()
    for (const path of [2, 3, 4, 5, 6]) bare.enter(path, nameplate)
    for (const path of [5, 6]) bare.item(path, { type: 'askTicket', memberId: memberId(1) })
    bare.item(5, { type: 'leave' })
    bare.leaveTickets(1, [4])
    expect(brought(bare, 5)).toEqual([])
    expect(brought(bare, 6)).toEqual([[memberId(1), 4]])
  })

  it('is no more to be had than joins from one address', () => {
    const { bare, nameplate } = room({ joinsPerMinute: 3 })
    bare.enter(2, nameplate, elsewhere)
    for (let i = 0; i < 3; i++) {
      bare.item(2, { type: 'askTicket', memberId: memberId(1) })
      bare.leaveTickets(1, [50 + i])
    }
    expect(brought(bare, 2)).toHaveLength(2)
    bare.advance(20_000, [1, 2])
    bare.item(2, { type: 'askTicket', memberId: memberId(1) })
    expect(brought(bare, 2)).toHaveLength(3)
  })

  it('is not that of oneself, nor of nobody', () => {
    const { bare } = room()
    bare.item(1, { type: 'askTicket', memberId: memberId(1) })
    bare.item(1, { type: 'askTicket', memberId: memberId(9) })
    expect(brought(bare, 1)).toEqual([])
    expect(bare.isSentOff(1)).toBe(false)
  })
})

describe('the tickets of a newcomer', () => {
  it('are held back until somebody inside has confirmed them', () => {
    const { bare, nameplate } = room()
    bare.enter(2, nameplate)
    bare.leaveTickets(2, [21, 22, 23])
    bare.enter(3, nameplate)
    expect(listed(bare, 3)).toEqual([2, 0])
    bare.item(3, { type: 'askTicket', memberId: memberId(2) })
    bare.leaveTickets(2, [24])
    expect(brought(bare, 3)).toEqual([])
    bare.item(1, { type: 'confirm', memberId: memberId(2) })
    expect(brought(bare, 3)).toEqual([[memberId(2), 21]])
    bare.enter(4, nameplate)
    expect(listed(bare, 4)).toEqual([3, 22, 0])
  })

  it('are not handed out because newcomers confirm each other', () => {
    const { bare, nameplate } = room()
    for (const path of [2, 3]) bare.enter(path, nameplate)
    bare.leaveTickets(2, [21])
    bare.item(3, { type: 'confirm', memberId: memberId(2) })
    bare.item(2, { type: 'confirm', memberId: memberId(2) })
    bare.enter(4, nameplate)
    expect(listed(bare, 4)).toEqual([3, 0, 0])
  })

  it('are handed out when it has been there for longest and nobody is left who could confirm', () => {
    const { bare, nameplate } = room()
    for (const path of [2, 3]) {
      bare.enter(path, nameplate)
      bare.leaveTickets(path, [path * 10])
    }
    bare.item(3, { type: 'askTicket', memberId: memberId(2) })
    bare.item(1, { type: 'leave' })
    expect(brought(bare, 3)).toEqual([[memberId(2), 20]])
    bare.leaveTickets(2, [25])
    bare.enter(4, nameplate)
    expect(listed(bare, 4)).toEqual([25, 0])
  })

  it('stay held back when the one who is confirmed comes by another session', () => {
    const { bare, nameplate } = room()
    bare.enter(2, nameplate)
    bare.leaveTickets(2, [21])
    const { token = new Uint8Array(0) } = bare.message(1, 'joined') ?? {}
    bare.greet(3)
    bare.item(3, { type: 'join', nameplate, memberId: memberId(1), ordinal: 1, token, ifEmpty: 'wait' })
    expect(bare.messages(2, 'memberLeft')).toEqual([])
    expect(bare.message(2, 'memberJoined')).toEqual({
      type: 'memberJoined',
      memberId: memberId(1),
      ordinal: 1,
    })
    bare.leaveTickets(3, [15])
    bare.enter(4, nameplate)
    expect(new Map(bare.message(4, 'joined')?.members.map((m) => [m.memberId, m.ticket[0]]))).toEqual(
      new Map([
        [memberId(1), 15],
        [memberId(2), undefined],
      ]),
    )
  })
})
