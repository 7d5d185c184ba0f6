import { SeededRandom } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { BareServer, memberId } from './testing/bare-server.ts'

const nobody = new Uint8Array(0)
const home = [192, 0, 2, 1]
const elsewhere = [198, 51, 100, 7]

describe('a room with a name of its own', () => {
  it('is opened by who waits in it, and joined by its name', () => {
    const bare = new BareServer()
    bare.greet(1)
    bare.join(1, 'küche', 'wait')
    expect(bare.message(1, 'joined')).toMatchObject({ nameplate: 'küche', ordinal: 1, members: [] })
    bare.enter(2, 'küche')
    expect(bare.message(2, 'joined')?.ordinal).toBe(2)
  })

  it('has nobody in it before, and at once after', () => {
    const bare = new BareServer()
    bare.greet(1)
    bare.join(1, 'kitchen')
    expect(bare.message(1, 'refused')).toEqual({ type: 'refused', code: 'nobodyThere', retryAfterMs: 0 })
    bare.join(1, 'kitchen', 'wait')
    bare.item(1, { type: 'leave' })
    bare.join(1, 'kitchen')
    expect(bare.messages(1, 'refused')).toHaveLength(2)
    bare.join(1, 'kitchen', 'wait')
    expect(bare.messages(1, 'joined')).toHaveLength(2)
  })

  it('may be looked for too early by everybody in an office', () => {
    const bare = new BareServer()
    for (let path = 1; path <= 30; path++) {
      bare.greet(path)
      bare.look(path, 'kitchen')
      expect(bare.message(path, 'refused')?.code).toBe('nobodyThere')
    }
    bare.join(1, 'kitchen', 'wait')
    expect(bare.message(1, 'joined')?.nameplate).toBe('kitchen')
  })

  it('costs what a new room costs', () => {
    const bare = new BareServer({ roomsPerHour: 1 })
    bare.greet(1)
    bare.join(1, 'kitchen', 'wait')
    bare.item(1, { type: 'leave' })
    bare.join(1, 'attic', 'wait')
    expect(bare.message(1, 'refused')).toEqual({
      type: 'refused',
      code: 'tooManyTries',
      retryAfterMs: 3_600_000,
    })
  })

  it('cannot have the form of a nameplate that the server hands out', () => {
    const bare = new BareServer()
    bare.greet(1)
    bare.join(1, '4821', 'wait')
    expect(bare.message(1, 'refused')?.code).toBe('unknownNameplate')
  })
})

describe('the nameplates that a server hands out', () => {
  it('have four digits', () => {
    expect(new BareServer().create(1)).toMatch(/^\d{4}$/)
  })

  it('have five as soon as a tenth of the shorter ones are taken or rest', () => {
    const bare = new BareServer({ roomsPerHour: 2000, connectionsPerMinute: 5000 })
    bare.greet(1)
    const nameplates = Array.from({ length: 1001 }, () => {
      bare.item(1, { type: 'create', memberId: memberId(1) })
      bare.item(1, { type: 'leave' })
      bare.frame(1, { type: 'pong', ack: bare.messages(1, 'joined').length })
      bare.now += 100
      return bare.message(1, 'joined')?.nameplate ?? ''
    })
    expect(nameplates.slice(0, 1000).every((nameplate) => nameplate.length === 4)).toBe(true)
    expect(nameplates[1000]).toMatch(/^\d{5}$/)
    expect(new Set(nameplates).size).toBe(1001)
  })
})

describe('newcomers whom nobody confirms', () => {
  it('keep others out when there are many, until they are confirmed or gone', () => {
    const bare = new BareServer({ maxPendingPerRoom: 2 })
    const nameplate = bare.create(1)
    for (const path of [2, 3, 4]) bare.enter(path, nameplate)
    expect(bare.message(4, 'refused')).toEqual({
      type: 'refused',
      code: 'tooManyTries',
      retryAfterMs: 10_000,
    })
    bare.item(1, { type: 'confirm', memberId: memberId(2) })
    bare.join(4, nameplate)
    expect(bare.message(4, 'joined')?.ordinal).toBe(4)
    bare.enter(5, nameplate)
    expect(bare.message(5, 'refused')?.code).toBe('tooManyTries')
    bare.item(3, { type: 'leave' })
    bare.join(5, nameplate)
    expect(bare.message(5, 'joined')?.ordinal).toBe(5)
  })

  it('keep nobody out who returns', () => {
    const before = new BareServer()
    const nameplate = before.create(1)
    for (const path of [2, 3]) before.enter(path, nameplate)
    const after = new BareServer({ maxPendingPerRoom: 1 }, new SeededRandom(2))
    for (const path of [1, 2, 3]) {
      const { token = nobody, ordinal = 0 } = before.message(path, 'joined') ?? {}
      after.greet(path)
      after.item(path, {
        type: 'join',
        nameplate,
        memberId: memberId(path),
        ordinal,
        token,
        ifEmpty: 'wait',
      })
      expect(after.message(path, 'joined')?.ordinal).toBe(path)
    }
  })
})

describe('a member who is confirmed', () => {
  /** Says the join of a return on a path of its own, to the server that knows or another one. */
  function comeBack(bare: BareServer, path: number, nameplate: string, id: number, token: Uint8Array): void {
    bare.greet(path)
    bare.item(path, {
      type: 'join',
      nameplate,
      memberId: memberId(id),
      ordinal: id,
      token,
      ifEmpty: 'wait',
    })
  }

  it('is told so with a token that shows it to a server that has forgotten', () => {
    const before = new BareServer()
    const nameplate = before.create(1)
    for (const path of [2, 3]) before.enter(path, nameplate)
    before.item(1, { type: 'confirm', memberId: memberId(2) })
    const shown = [1, 2, 3].map((path) => before.message(path, 'joined')?.token ?? nobody)
    const { token: better = nobody } = before.message(2, 'confirmed') ?? {}
    expect(better).not.toEqual(shown[1])
    expect(before.messages(3, 'confirmed')).toEqual([])

    const after = new BareServer({}, new SeededRandom(2))
    comeBack(after, 1, nameplate, 1, shown[0] ?? nobody)
    comeBack(after, 2, nameplate, 2, better)
    comeBack(after, 3, nameplate, 3, shown[2] ?? nobody)
    after.leaveTickets(2, [20])
    after.leaveTickets(3, [30])
    after.enter(4, nameplate)
    expect(after.message(4, 'joined')?.members.map(({ ticket }) => ticket[0])).toEqual([
      undefined,
      20,
      undefined,
    ])
  })

  it('is so under no other name, ordinal or nameplate', () => {
    const bare = new BareServer({ unknownNameplatesPerMinute: 100 })
    const nameplate = bare.create(1)
    const { token = nobody } = bare.message(1, 'joined') ?? {}
    const said = {
      type: 'join',
      nameplate,
      memberId: memberId(1),
      ordinal: 1,
      token,
      ifEmpty: 'wait',
    } as const
    bare.item(1, { type: 'leave' })
    bare.greet(2)
    bare.item(2, { ...said, nameplate: '000000001' })
    expect(bare.message(2, 'refused')?.code).toBe('unknownNameplate')
    bare.item(2, { ...said, ordinal: 7 })
    expect(bare.message(2, 'joined')?.ordinal).toBe(1)
    bare.item(2, { type: 'leave' })
    bare.item(2, { ...said, memberId: memberId(2), ordinal: 9 })
    expect(bare.message(2, 'joined')?.ordinal).toBe(1)
    bare.item(2, { type: 'leave' })
  })
})

describe('wrong proofs that are reported', () => {
  /** A member on path 1 at home, and wrong proofs of as many newcomers from elsewhere. */
  function guessed(bare: BareServer, count: number, isGone = false): string {
    const nameplate = bare.create(1, home)
    for (let path = 2; path < 2 + count; path++) {
      bare.enter(path, nameplate, elsewhere)
      if (isGone) bare.item(path, { type: 'leave' })
      bare.item(1, { type: 'reportGuess', memberId: memberId(path) })
      bare.close(path)
    }
    return nameplate
  }

  it('keep an address out of every room when its hour’s worth is used up, and nobody else', () => {
    const bare = new BareServer({ guessesPerHour: 2, joinsPerMinutePerRoom: 100 })
    const nameplate = guessed(bare, 2)
    const other = bare.create(50, home)
    bare.enter(60, other, elsewhere)
    expect(bare.message(60, 'refused')).toEqual({
      type: 'refused',
      code: 'tooManyTries',
      retryAfterMs: 1_800_000,
    })
    bare.look(60, other)
    expect(bare.messages(60, 'refused')).toHaveLength(2)
    bare.enter(61, nameplate, [203, 0, 113, 5])
    expect(bare.message(61, 'joined')?.nameplate).toBe(nameplate)
  })

  it('count also of those who have left at once', () => {
    const bare = new BareServer({ guessesPerHour: 2, joinsPerMinutePerRoom: 100 })
    const nameplate = guessed(bare, 2, true)
    bare.enter(60, nameplate, elsewhere)
    expect(bare.message(60, 'refused')?.code).toBe('tooManyTries')
  })

  it('count once for each newcomer, and from nobody but confirmed members', () => {
    const bare = new BareServer({ guessesPerHour: 2 })
    const nameplate = bare.create(1, home)
    for (const path of [2, 3]) bare.enter(path, nameplate, elsewhere)
    for (let i = 0; i < 5; i++) bare.item(1, { type: 'reportGuess', memberId: memberId(2) })
    bare.item(2, { type: 'reportGuess', memberId: memberId(3) })
    bare.item(2, { type: 'reportGuess', memberId: memberId(1) })
    bare.enter(4, nameplate, elsewhere)
    expect(bare.message(4, 'joined')?.ordinal).toBe(4)
  })

  it('do not count against who is confirmed, nor of strangers', () => {
    const bare = new BareServer({ guessesPerHour: 1 })
    const nameplate = bare.create(1, home)
    bare.enter(2, nameplate, elsewhere)
    bare.item(1, { type: 'confirm', memberId: memberId(2) })
    for (const id of [2, 1, 99]) bare.item(1, { type: 'reportGuess', memberId: memberId(id) })
    bare.enter(3, nameplate, elsewhere)
    expect(bare.message(3, 'joined')?.ordinal).toBe(3)
  })
})
