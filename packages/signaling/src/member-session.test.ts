import { SeededRandom } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { MemberSession, MemberSessionError, SchemaError } from './index.ts'
import { note, notes, RoomWorld } from './testing/room-world.ts'
import { clientFrame, decode, encode, type ServerFrame, serverFrame } from './wire.ts'

describe('a member session', () => {
  it('creates a room, is joined, and both exchange messages in order', () => {
    const world = new RoomWorld()
    const ann = world.creator()
    const bob = world.joiner(ann)
    expect(bob.find('joined')).toEqual({
      type: 'joined',
      nameplate: ann.nameplate,
      members: [{ id: ann.id, isAway: false, ticket: note(`${ann.id} 1`) }],
      iceServers: [{ urls: ['stun:crowfly.example:8443'] }],
    })
    world.until(() => ann.has('memberJoined'))
    expect(ann.find('memberJoined')).toEqual({ type: 'memberJoined', member: bob.id, isNewcomer: true })
    expect(bob.send(ann, note('1'))).toBe(true)
    expect(ann.send(bob, note('a'))).toBe(true)
    bob.send(ann, note('2'))
    world.until(() => notes(ann, bob).length === 2 && notes(bob, ann).length === 1)
    expect(notes(ann, bob)).toEqual(['1', '2'])
    expect(notes(bob, ann)).toEqual(['a'])
  })

  it('is in its room one round trip after its connection stands', () => {
    const world = new RoomWorld()
    const ann = world.member()
    const start = world.clock.now()
    ann.open({ kind: 'create' })
    world.until(() => ann.has('joined'))
    // Two delays to connect, two to ask and to hear.
    expect(world.clock.now() - start).toBeCloseTo(40)
  })

  it('carries what is sent unchanged, up to 64 KiB', () => {
    const world = new RoomWorld()
    const ann = world.creator()
    const bob = world.joiner(ann)
    const envelopes = [0, 1, 65_536].map((length) => Uint8Array.from({ length }, (_, i) => i % 251))
    for (const envelope of envelopes) bob.send(ann, envelope)
    world.until(() => ann.all('envelope').length === envelopes.length)
    expect(ann.all('envelope').map(({ envelope }) => envelope)).toEqual(envelopes)
  })

  it('tells the others when it leaves, and is told to disconnect', () => {
    const world = new RoomWorld()
    const ann = world.creator()
    const bob = world.joiner(ann)
    bob.leave()
    expect(bob.find('disconnect')).toBeDefined()
    world.until(() => ann.has('memberLeft'))
    expect(ann.find('memberLeft')).toEqual({ type: 'memberLeft', member: bob.id, reason: 'left' })
    expect(bob.session.pollTimeout()).toBe(Infinity)
    expect(bob.send(ann, note('late'))).toBe(false)
  })

  it('leaves at once, too, if it was let in and does not know yet', () => {
    const world = new RoomWorld()
    const ann = world.creator()
    const bob = world.member()
    bob.open({ kind: 'join', nameplate: ann.nameplate, ifEmpty: 'refuse' })
    world.until(() => world.server.counters.members === 2)
    expect(bob.has('joined')).toBe(false)
    bob.leave()
    world.until(() => ann.has('memberLeft'))
    expect(ann.find('memberLeft')).toEqual({ type: 'memberLeft', member: bob.id, reason: 'left' })
  })

  it('delivers what was sent right before leaving', () => {
    const world = new RoomWorld()
    const ann = world.creator()
    const bob = world.joiner(ann)
    bob.send(ann, note('bye'))
    bob.leave()
    world.until(() => ann.has('memberLeft'))
    expect(notes(ann, bob)).toEqual(['bye'])
  })

  it('is another member in a duplicated tab', () => {
    const world = new RoomWorld()
    const ann = world.creator()
    const first = world.joiner(ann)
    const second = world.joiner(ann)
    expect(second.id).not.toBe(first.id)
    world.until(() => ann.all('memberJoined').length === 2)
    expect(first.has('memberLeft')).toBe(false)
  })

  it('takes no more when too much waits for the server, of its own either', () => {
    const world = new RoomWorld()
    const ann = world.creator()
    const bob = world.joiner(ann)
    bob.cut()
    bob.isOffline = true
    let taken = 0
    while (bob.send(ann, note(String(taken)))) taken++
    expect(taken).toBe(128)
    expect(bob.session.confirm(ann.id)).toBe(false)
    bob.isOffline = false
    world.until(() => notes(ann, bob).length === taken)
    expect(notes(ann, bob)).toEqual(Array.from({ length: taken }, (_, i) => String(i)))
  })

  it('throws on misuse', () => {
    const world = new RoomWorld()
    const ann = world.creator()
    const bob = world.joiner(ann)
    expect(() => ann.open({ kind: 'create' })).toThrow(MemberSessionError)
    const session = new MemberSession({ random: world.random })
    const room = { kind: 'join', nameplate: '482', ifEmpty: 'refuse' } as const
    expect(() => session.open(room, 0)).toThrow(MemberSessionError)
    expect(() => session.look('', 0)).toThrow(MemberSessionError)
    expect(() => ann.look(bob.nameplate)).toThrow(MemberSessionError)
    expect(() => bob.send(ann, new Uint8Array(65_537))).toThrow(SchemaError)
  })
})

describe('the ICE servers of a member session', () => {
  it('are asked for again when half of their life is over, and never if they have no end', () => {
    const world = new RoomWorld(1, {}, 60_000)
    const ann = world.creator()
    world.advance(29_000)
    expect(ann.has('iceServersChanged')).toBe(false)
    world.advance(32_000)
    expect(ann.all('iceServersChanged')).toHaveLength(2)
    expect(ann.find('iceServersChanged')?.iceServers).toEqual([{ urls: ['stun:crowfly.example:8443'] }])
    const lasting = new RoomWorld()
    const bob = lasting.creator()
    lasting.advance(10_000_000)
    expect(bob.has('iceServersChanged')).toBe(false)
  })

  it('are asked for every ten seconds at most, whatever the server says', () => {
    const world = new RoomWorld(1, {}, 1)
    const ann = world.creator()
    world.advance(60_000)
    expect(ann.all('iceServersChanged')).toHaveLength(5)
  })

  it('are asked for again by who was not answered, as a server with a full outbox does', () => {
    const session = new MemberSession({ random: new SeededRandom(1) })
    const path = 1
    let asked = 0
    const hear = (frame: ServerFrame, now: number): void => {
      const bytes = encode(serverFrame, frame)
      session.handleDatagram({ bytes, start: 0, end: bytes.length, path }, now)
      const out = { bytes: new Uint8Array(0), start: 0, end: 0, path }
      while (session.pollTransmit(out)) {
        const sent = decode(clientFrame, out.bytes)
        if (typeof sent === 'object' && sent.type === 'item' && sent.message.type === 'askIceServers') asked++
      }
      while (session.pollEvent() !== undefined);
    }
    session.open({ kind: 'create' }, 0)
    session.handleOpen(path, undefined, 0)
    const paces = { pingEveryMs: 1000, deadAfterMs: 5000, graceMs: 60_000 }
    hear({ type: 'welcome', isResumed: false, received: 0, ...paces }, 0)
    const nothing = { token: new Uint8Array(32), members: [], iceServers: [] }
    const joined = {
      type: 'joined',
      nameplate: '4821',
      ordinal: 1,
      iceLifetimeMs: 60_000,
      ...nothing,
    } as const
    hear({ type: 'item', seq: 1, ack: 1, message: joined }, 0)
    for (let now = 1000; now < 45_000; now += 1000) hear({ type: 'ping', ack: 1 }, now)
    expect(asked).toBe(2)
    hear(
      { type: 'item', seq: 2, ack: 3, message: { type: 'iceServers', iceServers: [], iceLifetimeMs: 0 } },
      45_000,
    )
    for (let now = 46_000; now < 90_000; now += 1000) hear({ type: 'ping', ack: 3 }, now)
    expect(asked).toBe(2)
  })

  it('come with the return to a server that has forgotten, before the connection is restored', () => {
    const world = new RoomWorld(1, {}, 3_600_000)
    const ann = world.creator()
    world.crash()
    world.start()
    world.until(() => ann.has('connectionRestored'))
    expect(ann.all('iceServersChanged')).toHaveLength(1)
    const types = ann.events.map(({ type }) => type)
    expect(types.indexOf('iceServersChanged')).toBeLessThan(types.indexOf('connectionRestored'))
  })
})

describe('a refused member session', () => {
  it('hears that nobody ever had the nameplate', () => {
    const world = new RoomWorld()
    const bob = world.member()
    bob.open({ kind: 'join', nameplate: '000000001', ifEmpty: 'wait' })
    world.until(() => bob.has('refused'))
    expect(bob.find('refused')).toEqual({ type: 'refused', code: 'unknownNameplate' })
    expect(bob.has('disconnect')).toBe(true)
    expect(bob.session.pollTimeout()).toBe(Infinity)
  })

  it('hears that nobody is there any more, or waits under the same nameplate', () => {
    const world = new RoomWorld()
    const ann = world.creator()
    ann.leave()
    world.advance(1000)
    const bob = world.member()
    bob.open({ kind: 'join', nameplate: ann.nameplate, ifEmpty: 'refuse' })
    world.until(() => bob.has('refused'))
    expect(bob.find('refused')?.code).toBe('nobodyThere')
    const cat = world.member()
    cat.open({ kind: 'join', nameplate: ann.nameplate, ifEmpty: 'wait' })
    world.until(() => cat.has('joined'))
    expect(cat.find('joined')).toMatchObject({ nameplate: ann.nameplate, members: [] })
  })

  it('hears of limits with the time to wait', () => {
    const world = new RoomWorld(1, { maxConnectionsPerAddress: 1 })
    world.creator()
    const bob = world.member([192, 0, 2, 1])
    bob.open({ kind: 'create' })
    world.until(() => bob.has('refused'))
    expect(bob.find('refused')).toEqual({ type: 'refused', code: 'tooManyTries', retryAfterMs: 10_000 })
  })
})
