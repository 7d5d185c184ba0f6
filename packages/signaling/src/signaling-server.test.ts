import { formatHex, SeededRandom } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { BareServer, memberId } from './testing/bare-server.ts'

const nobody = new Uint8Array(0)

describe('the server', () => {
  it('hands out a new nameplate to each room', () => {
    const bare = new BareServer()
    const nameplates = Array.from({ length: 20 }, (_, path) => bare.create(path))
    expect(new Set(nameplates).size).toBe(20)
  })

  it('never gives out a nameplate that is in use or quarantined, whatever the dice say', () => {
    // The first nameplate comes up three times.
    let draws = 0
    const bare = new BareServer({}, { fill: (target) => void target.fill(Math.max(2, draws++)) })
    const first = bare.create(1)
    const second = bare.create(2)
    expect(second).not.toBe(first)
    const again = new BareServer({}, { fill: (target) => void target.fill(7) })
    expect(again.create(1)).not.toBe('')
    again.item(1, { type: 'leave' })
    expect(again.create(2)).toBe('')
    expect(again.message(2, 'refused')?.code).toBe('serverFull')
  })

  it('tells each side of the other, in the order of joins', () => {
    const bare = new BareServer()
    const nameplate = bare.create(1)
    bare.greet(2)
    bare.join(2, nameplate)
    expect(bare.message(1, 'memberJoined')).toEqual({
      type: 'memberJoined',
      memberId: memberId(2),
      ordinal: 2,
    })
    expect(bare.message(2, 'joined')).toMatchObject({
      nameplate,
      ordinal: 2,
      members: [{ memberId: memberId(1), ordinal: 1, isAway: false, ticket: nobody }],
    })
  })

  it('passes envelopes on within a room and nowhere else', () => {
    const bare = new BareServer()
    const nameplate = bare.create(1)
    bare.create(3)
    bare.greet(2)
    bare.join(2, nameplate)
    const envelope = Uint8Array.of(1, 2, 3)
    bare.item(2, { type: 'send', to: memberId(1), envelope })
    expect(bare.message(1, 'envelope')).toEqual({ type: 'envelope', from: memberId(2), envelope })
    bare.item(2, { type: 'send', to: memberId(3), envelope })
    bare.item(2, { type: 'send', to: memberId(2), envelope })
    expect(bare.message(3, 'envelope')).toBeUndefined()
    expect(bare.messages(2, 'undeliverable').map(({ reason }) => reason)).toEqual(['notHere', 'notHere'])
  })

  it('drops what it has had already, and ends a session that skips a number', () => {
    const bare = new BareServer()
    bare.create(1)
    bare.frame(1, { type: 'item', seq: 1, ack: 0, message: { type: 'create', memberId: memberId(1) } })
    expect(bare.messages(1, 'joined')).toHaveLength(1)
    expect(bare.server.counters.duplicates).toBe(1)
    bare.frame(1, { type: 'item', seq: 3, ack: 0, message: { type: 'leave' } })
    expect(bare.last(1, 'goodbye')?.code).toBe('malformed')
    expect(bare.server.counters.malformed.sequenceGap).toBe(1)
    expect(bare.server.counters.sessions).toBe(0)
  })

  it.each([
    ['an acknowledgement of what was never sent', 'wrongAck'],
    ['a second hello', 'unexpected'],
    ['a second room', 'unexpected'],
    ['a frame of no known type', 'unknownType'],
    ['an empty frame', 'empty'],
  ] as const)('ends a session for %s', (what, reason) => {
    const bare = new BareServer()
    bare.create(1)
    if (what.startsWith('an ack')) bare.frame(1, { type: 'pong', ack: 99 })
    else if (what === 'a second hello') bare.hello(1)
    else if (what === 'a second room') bare.item(1, { type: 'create', memberId: memberId(1) })
    else bare.bytes(1, what === 'an empty frame' ? nobody : Uint8Array.of(0xff))
    expect(bare.last(1, 'goodbye')?.code).toBe('malformed')
    expect(bare.server.counters.malformed[reason]).toBe(1)
    expect(bare.server.counters).toMatchObject({ sessions: 0, rooms: 0, members: 0 })
  })

  it('refuses whoever says anything before hello, and every other version', () => {
    const bare = new BareServer()
    bare.open(1)
    bare.frame(1, { type: 'ping', ack: 0 })
    expect(bare.last(1, 'goodbye')?.code).toBe('malformed')
    bare.open(2)
    bare.bytes(2, Uint8Array.of(1, 3, 0x99))
    expect(bare.last(2, 'goodbye')?.code).toBe('incompatibleVersion')
  })

  it('replaces the connection of a session by a newer one, and sends again what was not acknowledged', () => {
    const bare = new BareServer()
    const nameplate = bare.create(1)
    bare.open(2)
    bare.hello(2, 1)
    expect(bare.last(1, 'goodbye')?.code).toBe('replaced')
    expect(bare.last(2, 'welcome')).toMatchObject({ isResumed: true, received: 1 })
    expect(bare.message(2, 'joined')?.nameplate).toBe(nameplate)
    expect(bare.server.counters).toMatchObject({ connections: 1, sessions: 1, members: 1 })
  })

  it('begins anew with a client that cannot be the one it knew', () => {
    const bare = new BareServer()
    const nameplate = bare.create(1)
    bare.greet(3)
    bare.join(3, nameplate)
    bare.close(1)
    bare.open(2)
    bare.hello(2, 1, 77)
    expect(bare.last(2, 'welcome')).toMatchObject({ isResumed: false, received: 0 })
    expect(bare.message(3, 'memberLeft')?.memberId).toBe(memberId(1))
  })

  it('admits a member id that is in use only to whoever has its token, and ends the other session', () => {
    const bare = new BareServer()
    const nameplate = bare.create(1)
    const { token = nobody } = bare.message(1, 'joined') ?? {}
    bare.greet(2)
    bare.join(2, nameplate, 'refuse', 1)
    expect(bare.message(2, 'refused')?.code).toBe('memberIdInUse')
    const forged = token.with(0, (token[0] ?? 0) ^ 1)
    bare.item(2, {
      type: 'join',
      nameplate,
      memberId: memberId(1),
      ordinal: 1,
      token: forged,
      ifEmpty: 'refuse',
    })
    expect(bare.messages(2, 'refused')).toHaveLength(2)
    bare.item(2, { type: 'join', nameplate, memberId: memberId(1), ordinal: 2, token, ifEmpty: 'refuse' })
    expect(bare.messages(2, 'refused')).toHaveLength(3)
    bare.item(2, { type: 'join', nameplate, memberId: memberId(1), ordinal: 1, token, ifEmpty: 'refuse' })
    expect(bare.message(2, 'joined')?.ordinal).toBe(1)
    expect(bare.last(1, 'goodbye')?.code).toBe('replaced')
    expect(bare.server.counters).toMatchObject({ sessions: 1, members: 1, rooms: 1 })
  })

  it('opens a room it never heard of to whoever has a token for it', () => {
    const before = new BareServer()
    const nameplate = before.create(1)
    const { token = nobody } = before.message(1, 'joined') ?? {}
    const after = new BareServer({}, new SeededRandom(2))
    after.greet(1)
    after.item(1, { type: 'join', nameplate, memberId: memberId(1), ordinal: 1, token, ifEmpty: 'wait' })
    expect(after.message(1, 'joined')).toMatchObject({ nameplate, ordinal: 1, members: [] })
    after.greet(2)
    after.join(2, nameplate)
    expect(after.message(2, 'joined')?.ordinal).toBe(2)
  })

  it('acknowledges by itself after 16 items', () => {
    const bare = new BareServer()
    bare.create(1)
    bare.greet(2)
    bare.join(2, bare.message(1, 'joined')?.nameplate ?? '')
    // The joined message carried the first acknowledgement.
    for (let i = 0; i < 15; i++) bare.item(2, { type: 'send', to: memberId(1), envelope: nobody })
    expect(bare.last(2, 'ack')).toBeUndefined()
    bare.item(2, { type: 'send', to: memberId(1), envelope: nobody })
    expect(bare.last(2, 'ack')).toEqual({ type: 'ack', ack: 17 })
  })

  it('says goodbye to everybody when it stops, and to whoever comes then', () => {
    const bare = new BareServer()
    const nameplate = bare.create(1)
    bare.greet(2)
    bare.join(2, nameplate)
    bare.shutdown()
    for (const path of [1, 2]) {
      expect(bare.last(path, 'goodbye')).toEqual({ type: 'goodbye', code: 'restarting', retryAfterMs: 500 })
      expect(bare.isSentOff(path)).toBe(true)
    }
    expect(bare.message(1, 'memberAway')).toBeUndefined()
    expect(bare.server.pollTimeout()).toBe(Infinity)
    bare.open(3)
    expect(bare.last(3, 'goodbye')?.code).toBe('restarting')
  })

  it('never writes again to octets that it handed out', () => {
    const bare = new BareServer()
    const nameplate = bare.create(1)
    bare.greet(2)
    bare.join(2, nameplate)
    for (let i = 0; i < 40; i++) bare.item(2, { type: 'send', to: memberId(1), envelope: Uint8Array.of(i) })
    bare.close(1)
    bare.open(3)
    bare.hello(3, 1)
    bare.advance(60_000)
    for (const { bytes, copy } of bare.handedOut) expect(formatHex(bytes)).toBe(formatHex(copy))
  })

  it('names the ICE servers for the host that the client asked for, and for this member of this room', () => {
    const bare = new BareServer()
    const nameplate = bare.create(1)
    const offer = {
      iceServers: [
        { urls: ['stun:h:8443'], username: '', credential: '' },
        { urls: ['turn:h:8443'], username: memberId(1), credential: nameplate },
      ],
      iceLifetimeMs: 60_000,
    }
    expect(bare.message(1, 'joined')).toMatchObject(offer)
    bare.item(1, { type: 'askIceServers' })
    expect(bare.message(1, 'iceServers')).toEqual({ type: 'iceServers', ...offer })
  })

  it('does not hear what a client says to a room that it was not let into', () => {
    const bare = new BareServer()
    const nameplate = bare.create(1)
    bare.greet(2)
    bare.join(2, '000000001')
    bare.item(2, { type: 'askIceServers' })
    bare.item(2, { type: 'send', to: memberId(1), envelope: Uint8Array.of(1) })
    bare.leaveTickets(2, [1])
    bare.item(2, { type: 'confirm', memberId: memberId(1) })
    bare.item(2, { type: 'leave' })
    expect(bare.server.counters.unheard).toBe(5)
    expect(bare.message(1, 'envelope')).toBeUndefined()
    expect(bare.messages(2, 'iceServers')).toEqual([])
    bare.join(2, nameplate)
    expect(bare.message(2, 'joined')?.nameplate).toBe(nameplate)
  })

  it('names ICE servers until the outbox is three quarters full to a client that does not read', () => {
    const bare = new BareServer()
    bare.create(1)
    for (let i = 0; i < 300; i++) bare.item(1, { type: 'askIceServers' })
    expect(bare.messages(1, 'iceServers')).toHaveLength(190)
    expect(bare.isSentOff(1)).toBe(false)
  })

  it('tells its driver who has left, and not of a member who comes back in a new session', () => {
    const bare = new BareServer()
    const nameplate = bare.create(1)
    bare.greet(2)
    bare.join(2, nameplate)
    const token = bare.message(1, 'joined')?.token ?? new Uint8Array(0)
    bare.open(3)
    bare.hello(3)
    bare.item(3, { type: 'join', nameplate, memberId: memberId(1), ordinal: 1, token, ifEmpty: 'wait' })
    expect(bare.message(3, 'joined')?.ordinal).toBe(1)
    expect(bare.left).toEqual([])
    bare.item(2, { type: 'leave' })
    expect(bare.left).toEqual([`${memberId(2)} left`])
    bare.close(3)
    bare.advance(29_999)
    expect(bare.left).toHaveLength(1)
    bare.advance(1)
    expect(bare.left).toEqual([`${memberId(2)} left`, `${memberId(1)} expired`])
  })

  it('counts what it does', () => {
    const bare = new BareServer()
    bare.create(1)
    bare.greet(2)
    bare.join(2, '000000001')
    const { counters } = bare.server
    expect(counters).toMatchObject({
      connections: 2,
      sessions: 2,
      rooms: 1,
      members: 1,
      framesIn: 4,
      framesOut: 5,
    })
    expect(counters.refused.unknownNameplate).toBe(1)
  })
})
