import { describe, expect, it } from 'vitest'
import { defaultSignalingLimits, SchemaError } from './index.ts'
import { BareServer, memberId } from './testing/bare-server.ts'

const elsewhere = [198, 51, 100, 7]
const unknown = '000000001'

describe('the limits of the server', () => {
  it('refuse a connection over the number from one address, and take it again when one has closed', () => {
    const bare = new BareServer({ maxConnectionsPerAddress: 2 })
    for (const path of [1, 2, 3]) bare.open(path)
    expect(bare.last(3, 'goodbye')).toEqual({
      type: 'goodbye',
      code: 'tooManyConnections',
      retryAfterMs: 10_000,
    })
    expect(bare.isSentOff(3)).toBe(true)
    bare.open(4, elsewhere)
    expect(bare.said(4)).toEqual([])
    bare.close(1)
    bare.open(5)
    expect(bare.said(5)).toEqual([])
  })

  it('refuse a connection over the number in all', () => {
    const bare = new BareServer({ maxConnections: 2 })
    bare.open(1)
    bare.open(2, elsewhere)
    bare.open(3, [203, 0, 113, 1])
    expect(bare.last(3, 'goodbye')?.code).toBe('tooManyConnections')
  })

  it('refuse connections that come too often from one address, and say when the next may come', () => {
    const bare = new BareServer({ connectionsPerMinute: 2 })
    for (const path of [1, 2, 3]) {
      bare.open(path)
      bare.close(path)
    }
    expect(bare.last(3, 'goodbye')).toEqual({
      type: 'goodbye',
      code: 'tooManyConnections',
      retryAfterMs: 30_000,
    })
    bare.advance(30_000)
    bare.open(4)
    expect(bare.said(4)).toEqual([])
  })

  it('count IPv6 addresses by their /64', () => {
    const bare = new BareServer({ maxConnectionsPerAddress: 1 })
    const address = (subnet: number, host: number) => [
      0x20,
      1,
      0xd,
      0xb8,
      0,
      0,
      0,
      subnet,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      host,
    ]
    bare.open(1, address(1, 1))
    bare.open(2, address(1, 2))
    bare.open(3, address(2, 1))
    expect(bare.isSentOff(2)).toBe(true)
    expect(bare.isSentOff(3)).toBe(false)
  })

  it('refuse a session over their number', () => {
    const bare = new BareServer({ maxSessions: 1 })
    bare.create(1)
    bare.greet(2)
    expect(bare.last(2, 'goodbye')).toEqual({ type: 'goodbye', code: 'serverFull', retryAfterMs: 10_000 })
  })

  it('refuse a room over their number', () => {
    const bare = new BareServer({ maxRooms: 1 })
    bare.create(1)
    bare.create(2)
    expect(bare.message(2, 'refused')).toEqual({ type: 'refused', code: 'serverFull', retryAfterMs: 30_000 })
  })

  it('refuse a member over the number of a room', () => {
    const bare = new BareServer({ maxMembersPerRoom: 2 })
    const nameplate = bare.create(1)
    for (const path of [2, 3]) {
      bare.greet(path)
      bare.join(path, nameplate)
    }
    expect(bare.message(2, 'joined')?.members).toHaveLength(1)
    expect(bare.message(3, 'refused')?.code).toBe('roomFull')
  })

  it('refuse new rooms over the hourly number of one address', () => {
    const bare = new BareServer({ roomsPerHour: 2 })
    for (const path of [1, 2, 3]) bare.create(path)
    expect(bare.message(3, 'refused')).toEqual({
      type: 'refused',
      code: 'tooManyTries',
      retryAfterMs: 1_800_000,
    })
    expect(bare.create(4, elsewhere)).not.toBe('')
  })

  it('refuse every join once the unknown nameplates of a minute are used up, known ones too', () => {
    const bare = new BareServer({ unknownNameplatesPerMinute: 2 })
    const nameplate = bare.create(1, elsewhere)
    bare.greet(2)
    for (let i = 0; i < 3; i++) bare.join(2, unknown)
    const codes = bare.messages(2, 'refused').map(({ code, retryAfterMs }) => [code, retryAfterMs])
    expect(codes).toEqual([
      ['unknownNameplate', 0],
      ['unknownNameplate', 0],
      ['tooManyTries', 30_000],
    ])
    bare.join(2, nameplate)
    expect(bare.messages(2, 'refused').at(-1)?.code).toBe('tooManyTries')
    bare.advance(30_000, [1, 2])
    bare.join(2, nameplate)
    expect(bare.message(2, 'joined')?.nameplate).toBe(nameplate)
  })

  it('refuse joins over the number a minute of one address, but not a return with a token', () => {
    const bare = new BareServer({ joinsPerMinute: 1 })
    const nameplate = bare.create(1)
    const joined = bare.message(1, 'joined')
    bare.greet(2)
    bare.join(2, nameplate)
    bare.greet(3)
    bare.join(3, nameplate)
    expect(bare.message(3, 'refused')).toEqual({
      type: 'refused',
      code: 'tooManyTries',
      retryAfterMs: 60_000,
    })
    bare.greet(4)
    const { token = new Uint8Array(0), ordinal = 0 } = joined ?? {}
    bare.item(4, { type: 'join', nameplate, memberId: memberId(1), ordinal, token, ifEmpty: 'wait' })
    expect(bare.message(4, 'joined')?.ordinal).toBe(1)
  })

  it('send a connection off that says too much a second, and say when it may come back', () => {
    const bare = new BareServer({ messageBurst: 5, messagesPerSecond: 2 })
    bare.create(1)
    for (let i = 0; i < 4; i++) bare.frame(1, { type: 'ping', ack: 0 })
    expect(bare.last(1, 'goodbye')).toEqual({ type: 'goodbye', code: 'tooFast', retryAfterMs: 500 })
    bare.now += 500
    bare.open(2)
    bare.hello(2, 1)
    expect(bare.last(2, 'welcome')?.isResumed).toBe(true)
  })

  it('send a connection off that sends too many octets a second', () => {
    const bare = new BareServer({ byteBurst: 1000, bytesPerSecond: 100 })
    bare.create(1)
    bare.item(1, { type: 'send', to: memberId(2), envelope: new Uint8Array(900) })
    bare.item(1, { type: 'send', to: memberId(2), envelope: new Uint8Array(100) })
    expect(bare.last(1, 'goodbye')?.code).toBe('tooFast')
  })

  it('send a connection off that does not say hello', () => {
    const bare = new BareServer()
    bare.open(1)
    bare.advance(defaultSignalingLimits.helloTimeoutMs - 1)
    expect(bare.isSentOff(1)).toBe(false)
    bare.advance(1)
    expect(bare.last(1, 'goodbye')?.code).toBe('tooSlow')
  })

  it('call a frame malformed whose envelope is too large', () => {
    const bare = new BareServer()
    bare.create(1)
    bare.bytes(1, new Uint8Array(1 + 8 + 1 + 16 + 65_537).fill(0x13, 9, 10).fill(3, 0, 1))
    expect(bare.last(1, 'goodbye')?.code).toBe('malformed')
    expect(bare.server.counters.malformed.badField).toBe(1)
  })

  it('refuse envelopes for which the mailbox of a member has no place, and tell the sender', () => {
    const bare = new BareServer({ maxOutboxMessages: 32 })
    const nameplate = bare.create(1)
    bare.greet(2)
    bare.join(2, nameplate)
    bare.close(1)
    for (let i = 0; i < 30; i++) bare.item(2, { type: 'send', to: memberId(1), envelope: new Uint8Array(10) })
    expect(bare.messages(2, 'undeliverable')[0]).toEqual({
      type: 'undeliverable',
      to: memberId(1),
      reason: 'mailboxFull',
    })
    // Of the places, `joined`, `ticketsWanted` and `memberJoined` have three.
    expect(bare.server.counters.envelopes).toBe(24 - 3)
    expect(bare.server.counters.members).toBe(2)
  })

  it('refuse envelopes over the octets of a mailbox, and over those of all mailboxes', () => {
    for (const limits of [{ maxOutboxBytes: 2000 }, { maxTotalOutboxBytes: 2000 }]) {
      const bare = new BareServer(limits)
      const nameplate = bare.create(1)
      bare.greet(2)
      bare.join(2, nameplate)
      for (let i = 0; i < 3; i++)
        bare.item(2, { type: 'send', to: memberId(1), envelope: new Uint8Array(900) })
      expect(bare.messages(1, 'envelope').length).toBeLessThan(3)
      expect(bare.server.counters.undeliverable).toBeGreaterThan(0)
    }
  })

  it('end a session that leaves everything unacknowledged until its outbox is full', () => {
    const bare = new BareServer({ maxOutboxMessages: 32 })
    const nameplate = bare.create(1)
    bare.close(1)
    for (let path = 2; path < 40; path++) {
      bare.greet(path)
      bare.join(path, nameplate)
      bare.item(path, { type: 'leave' })
      bare.close(path)
    }
    expect(bare.server.counters).toMatchObject({ members: 0, rooms: 0, sessions: 0, waitingBytes: 0 })
  })

  it('forget the oldest quarantined nameplate for a newer one', () => {
    const bare = new BareServer({ maxQuarantined: 1, unknownNameplatesPerMinute: 100 })
    const [first = '', second = ''] = [1, 2].map((path) => {
      const nameplate = bare.create(path)
      bare.item(path, { type: 'leave' })
      return nameplate
    })
    bare.greet(3)
    bare.join(3, second)
    expect(bare.message(3, 'refused')?.code).toBe('nobodyThere')
    bare.join(3, first)
    expect(bare.message(3, 'refused')?.code).toBe('unknownNameplate')
  })

  it('quarantine a nameplate for as long as they say', () => {
    const bare = new BareServer({ quarantineMs: 5000, unknownNameplatesPerMinute: 100 })
    const nameplate = bare.create(1)
    bare.item(1, { type: 'leave' })
    bare.greet(2)
    bare.advance(4999, [1, 2])
    bare.join(2, nameplate)
    expect(bare.message(2, 'refused')?.code).toBe('nobodyThere')
    bare.advance(1, [1, 2])
    bare.join(2, nameplate)
    expect(bare.message(2, 'refused')?.code).toBe('unknownNameplate')
  })

  it('forget the budget of the address unused for longest when there are too many', () => {
    const bare = new BareServer({ maxAddresses: 2, roomsPerHour: 1 })
    bare.create(1, [192, 0, 2, 1])
    bare.create(2, [192, 0, 2, 2])
    bare.create(3, [192, 0, 2, 3])
    expect(bare.create(4, [192, 0, 2, 1])).not.toBe('')
    expect(bare.create(5, [192, 0, 2, 1])).toBe('')
  })

  it('remember a session without a connection for the grace', () => {
    const bare = new BareServer({ graceMs: 7000 })
    const nameplate = bare.create(1)
    bare.greet(2)
    bare.join(2, nameplate)
    bare.close(1)
    expect(bare.message(2, 'memberAway')?.memberId).toBe(memberId(1))
    bare.advance(6999, [2])
    expect(bare.message(2, 'memberLeft')).toBeUndefined()
    bare.advance(1, [2])
    expect(bare.message(2, 'memberLeft')).toEqual({
      type: 'memberLeft',
      memberId: memberId(1),
      reason: 'expired',
    })
  })

  it('refuse everything when they are zero', () => {
    const bare = new BareServer({ roomsPerHour: 0 })
    bare.create(1)
    expect(bare.message(1, 'refused')).toEqual({
      type: 'refused',
      code: 'tooManyTries',
      retryAfterMs: 3_600_000,
    })
  })

  it('are refused at the start when the protocol cannot carry them', () => {
    expect(() => new BareServer({ deadAfterMs: 70_000 })).toThrow(SchemaError)
  })

  it('ping everybody and find the dead as often as they say', () => {
    const bare = new BareServer({ pingEveryMs: 300, deadAfterMs: 1000 })
    bare.greet(1)
    bare.advance(299)
    expect(bare.last(1, 'ping')).toBeUndefined()
    bare.advance(1)
    expect(bare.last(1, 'ping')).toBeDefined()
    bare.advance(699)
    expect(bare.isSentOff(1)).toBe(false)
    bare.advance(1)
    expect(bare.isSentOff(1)).toBe(true)
    expect(bare.server.counters.dead).toBe(1)
  })
})
