import { describe, expect, it } from 'vitest'
import { BareServer, memberId } from './testing/bare-server.ts'
import { note, noted, notes, RoomWorld } from './testing/room-world.ts'

const alive = [1, 2, 3, 4, 5, 6]

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

/** A path that looks. */
function look(bare: BareServer, path: number, nameplate: string): void {
  bare.greet(path)
  bare.look(path, nameplate)
}

function seen(bare: BareServer, path: number, type: 'joined' | 'looked'): number {
  return bare.message(path, type)?.members[0]?.ticket[0] ?? 0
}

describe('a look', () => {
  it('shows who is there with a ticket of each and ICE servers, and nobody is told', () => {
    const { bare, nameplate } = room()
    const before = bare.said(1).length
    look(bare, 2, nameplate)
    expect(bare.message(2, 'looked')).toEqual({
      type: 'looked',
      nameplate,
      members: [{ memberId: memberId(1), ordinal: 1, isAway: false, ticket: Uint8Array.of(1) }],
      iceServers: [
        { urls: ['stun:h:8443'], username: '', credential: '' },
        { urls: ['turn:h:8443'], username: memberId(2), credential: nameplate },
      ],
      iceLifetimeMs: 60_000,
    })
    // A ticket has gone, and another one is asked for: that is all.
    const said = bare.said(1).slice(before)
    expect(said).toMatchObject([{ type: 'item', message: { type: 'ticketsWanted', count: 1 } }])
    expect(bare.server.counters.members).toBe(1)
    bare.close(2)
    expect(bare.messages(1, 'memberLeft')).toEqual([])
  })

  it('keeps its tickets for the join that follows, and no others are taken', () => {
    const { bare, nameplate } = room()
    look(bare, 2, nameplate)
    look(bare, 3, nameplate)
    bare.join(2, nameplate)
    expect(seen(bare, 2, 'joined')).toBe(1)
    bare.join(3, nameplate)
    expect(seen(bare, 3, 'joined')).toBe(2)
    bare.greet(4)
    bare.join(4, nameplate)
    expect(seen(bare, 4, 'joined')).toBe(3)
  })

  it('gives its tickets back when its connection ends or it looks elsewhere', () => {
    const { bare, nameplate } = room()
    look(bare, 2, nameplate)
    bare.close(2)
    look(bare, 3, nameplate)
    expect(seen(bare, 3, 'looked')).toBe(1)
    bare.look(3, '000000001')
    look(bare, 4, nameplate)
    expect(seen(bare, 4, 'looked')).toBe(1)
  })

  it('loses its tickets after 60 s to newcomers who find none, and not before', () => {
    const { bare, nameplate } = room()
    for (const path of [2, 3, 4]) look(bare, path, nameplate)
    bare.advance(59_999, alive)
    bare.greet(5)
    bare.join(5, nameplate)
    expect(seen(bare, 5, 'joined')).toBe(0)
    bare.advance(1, alive)
    bare.item(5, { type: 'askTicket', memberId: memberId(1) })
    expect(bare.message(5, 'ticket')?.ticket).toEqual(Uint8Array.of(1))
    bare.leaveTickets(1, [4])
    bare.join(2, nameplate)
    expect(seen(bare, 2, 'joined')).toBe(4)
    bare.join(3, nameplate)
    expect(seen(bare, 3, 'joined')).toBe(2)
  })

  it('is refused where there is no room, and where there was one', () => {
    const { bare, nameplate } = room()
    bare.item(1, { type: 'leave' })
    look(bare, 2, '000000001')
    expect(bare.message(2, 'refused')?.code).toBe('unknownNameplate')
    bare.look(2, nameplate)
    expect(bare.message(2, 'refused')?.code).toBe('nobodyThere')
    bare.look(2, 'kitchen')
    expect(bare.message(2, 'refused')?.code).toBe('nobodyThere')
  })

  it('counts as a try of an unknown nameplate', () => {
    const { bare, nameplate } = room({ unknownNameplatesPerMinute: 2 })
    look(bare, 2, '000000001')
    bare.look(2, '000000002')
    bare.look(2, nameplate)
    expect(bare.message(2, 'refused')).toEqual({
      type: 'refused',
      code: 'tooManyTries',
      retryAfterMs: 30_000,
    })
  })

  it('is granted so many times a minute to one address, and takes no joins away', () => {
    const { bare, nameplate } = room({ looksPerMinute: 2, joinsPerMinute: 1 })
    look(bare, 2, nameplate)
    bare.look(2, nameplate)
    bare.look(2, nameplate)
    expect(bare.messages(2, 'looked')).toHaveLength(2)
    expect(bare.message(2, 'refused')?.retryAfterMs).toBe(30_000)
    bare.join(2, nameplate)
    expect(bare.message(2, 'joined')?.nameplate).toBe(nameplate)
  })

  it('is granted with joins so many times a minute at one room; the join after a look is free', () => {
    const { bare, nameplate } = room({ joinsPerMinutePerRoom: 2 })
    look(bare, 2, nameplate)
    look(bare, 3, nameplate)
    look(bare, 4, nameplate)
    expect(bare.message(4, 'refused')?.code).toBe('tooManyTries')
    bare.join(4, nameplate)
    expect(bare.message(4, 'refused')?.retryAfterMs).toBe(30_000)
    bare.join(2, nameplate)
    expect(bare.message(2, 'joined')?.nameplate).toBe(nameplate)
  })

  it('is granted to so many at a time, of whom those make room who have looked for long', () => {
    const { bare, nameplate } = room({ maxPendingPerRoom: 2 })
    look(bare, 2, nameplate)
    look(bare, 3, nameplate)
    look(bare, 4, nameplate)
    expect(bare.message(4, 'refused')).toEqual({
      type: 'refused',
      code: 'tooManyTries',
      retryAfterMs: 10_000,
    })
    bare.advance(60_000, alive)
    bare.look(4, nameplate)
    expect(bare.message(4, 'looked')?.nameplate).toBe(nameplate)
    expect(seen(bare, 4, 'looked')).toBe(1)
    // Who had to make room is a newcomer like others.
    bare.join(2, nameplate)
    expect(bare.message(2, 'joined')?.nameplate).toBe(nameplate)
  })

  it('ends with a room of one’s own', () => {
    const { bare, nameplate } = room()
    look(bare, 2, nameplate)
    bare.item(2, { type: 'create', memberId: memberId(2) })
    expect(bare.message(2, 'joined')?.nameplate).not.toBe(nameplate)
    expect(bare.left).toEqual([`${memberId(2)} left`])
    look(bare, 3, nameplate)
    expect(seen(bare, 3, 'looked')).toBe(1)
  })

  it('is refused under the id of a member', () => {
    const { bare, nameplate } = room()
    bare.greet(2)
    bare.look(2, nameplate, 1)
    expect(bare.message(2, 'refused')?.code).toBe('memberIdInUse')
  })

  it('is malformed from inside a room', () => {
    const { bare, nameplate } = room()
    bare.look(1, nameplate)
    expect(bare.last(1, 'goodbye')?.code).toBe('malformed')
  })
})

describe('the driver of a server', () => {
  it('is told when somebody looks no more, but not when they are there in another way', () => {
    const { bare, nameplate } = room()
    look(bare, 2, nameplate)
    bare.look(2, nameplate)
    bare.join(2, nameplate)
    expect(bare.left).toEqual([])
    look(bare, 3, nameplate)
    bare.close(3)
    expect(bare.left).toEqual([`${memberId(3)} left`])
  })

  it('is not told that somebody left who reopens the room that they looked at', () => {
    const { bare, nameplate } = room()
    look(bare, 2, nameplate)
    bare.item(1, { type: 'leave' })
    bare.join(2, nameplate, 'wait')
    expect(bare.message(2, 'joined')?.nameplate).toBe(nameplate)
    expect(bare.left).toEqual([`${memberId(1)} left`])
  })

  it('is told of a look under another id than that of the join', () => {
    const { bare, nameplate } = room()
    bare.greet(2)
    bare.look(2, nameplate, 7)
    bare.join(2, nameplate)
    expect(bare.left).toEqual([`${memberId(7)} left`])
    bare.close(2)
    look(bare, 3, nameplate)
    expect(seen(bare, 3, 'looked')).toBe(1)
  })
})

describe('a member session that looks', () => {
  it('has an answer four one-way legs after its person wants in', () => {
    const world = new RoomWorld()
    const ann = world.creator()
    const bob = world.member()
    ann.watch = (event) => {
      if (event.type === 'envelope') ann.send(bob, note(`answer to ${noted(event.envelope)}`))
    }
    bob.look(ann.nameplate)
    world.until(() => bob.has('looked'))
    expect(bob.find('looked')).toEqual({
      type: 'looked',
      members: [{ id: ann.id, isAway: false, ticket: note(`${ann.id} 1`) }],
      iceServers: [{ urls: ['stun:crowfly.example:8443'] }],
    })
    world.advance(5_000)
    expect(ann.has('memberJoined')).toBe(false)
    const pressed = world.clock.now()
    bob.open({ kind: 'join', nameplate: ann.nameplate, ifEmpty: 'refuse' })
    for (const text of ['open', 'candidates']) expect(bob.send(ann, note(text))).toBe(true)
    world.until(() => notes(bob, ann).includes('answer to open'))
    // Each leg takes 10 ms.
    expect(world.clock.now() - pressed).toBeCloseTo(40)
    expect(notes(ann, bob)).toEqual(['open', 'candidates'])
    expect(bob.find('joined')?.members).toEqual(bob.find('looked')?.members)
    const types = ann.events.map(({ type }) => type)
    expect(types.indexOf('memberJoined')).toBeLessThan(types.indexOf('envelope'))
  })

  it('looks again when its connection is replaced, and elsewhere when told to', () => {
    const world = new RoomWorld()
    const ann = world.creator()
    const bea = world.creator()
    const bob = world.member()
    bob.look(ann.nameplate)
    world.until(() => bob.has('looked'))
    bob.drop()
    world.until(() => bob.all('looked').length === 2)
    bob.look(bea.nameplate)
    world.until(() => bob.all('looked').length === 3)
    expect(bob.all('looked').map(({ members }) => members[0]?.id)).toEqual([ann.id, ann.id, bea.id])
    expect(bob.has('connectionLost')).toBe(false)
  })

  it('hears of a refusal, and may still go in or look again', () => {
    const world = new RoomWorld()
    const ann = world.creator()
    const bob = world.member()
    bob.look('000000001')
    world.until(() => bob.has('lookRefused'))
    expect(bob.find('lookRefused')).toEqual({ type: 'lookRefused', code: 'unknownNameplate' })
    bob.look(ann.nameplate)
    world.until(() => bob.has('looked'))
    bob.open({ kind: 'create' })
    world.until(() => bob.has('joined'))
    expect(bob.nameplate).not.toBe(ann.nameplate)
  })

  it('keeps to itself what a look shows that was overtaken by going in', () => {
    const world = new RoomWorld()
    const ann = world.creator()
    const bob = world.member()
    bob.look('000000001')
    bob.look(ann.nameplate)
    bob.open({ kind: 'join', nameplate: ann.nameplate, ifEmpty: 'refuse' })
    world.until(() => bob.has('joined'))
    world.advance(1_000)
    expect(bob.has('looked') || bob.has('lookRefused') || bob.has('refused')).toBe(false)
    expect(bob.find('joined')?.members[0]?.ticket).toEqual(note(`${ann.id} 1`))
  })
})
