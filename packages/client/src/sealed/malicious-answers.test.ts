import { encodeUnknown, envelopeKind, openKind } from '@crowfly/pairing'
import { decodeEnvelope, decodeOpen, encodeRefusal } from '@crowfly/pairing/wire'
import { describe, expect, test } from 'vitest'
import { GhostNewcomer } from '../testing/malice/ghost-newcomer.ts'
import { MaliciousServer } from '../testing/malice/malicious-server.ts'
import { areTalking, idOf, MaliciousWorld } from '../testing/malice/malicious-world.ts'
import { meddle } from '../testing/malice/post.ts'

const ended = (reason: string) => ({ phase: 'ended', reason })

/** The names of the pairings that go by. */
function pidsOf(world: MaliciousWorld): Uint8Array[] {
  const pids: Uint8Array[] = []
  world.server.conduct = {
    say: meddle((told) => {
      const envelope = told.envelope[0] === envelopeKind ? decodeEnvelope(told.envelope) : 'none'
      if (typeof envelope !== 'string') pids.push(envelope.pid.slice())
      return [told]
    }),
  }
  return pids
}

describe('a server that answers for others', () => {
  test.each([
    ['wrongCode', 'wrongCode'],
    ['closed', 'roomClosed'],
  ] as const)('forges the refusal %s: the caller hears it, the member of nothing', async (reason, told) => {
    const world = new MaliciousWorld()
    const { page: ann, code } = await world.host('Ann')
    world.server.conduct = {
      say: meddle((envelope, to) => {
        const open = envelope.envelope[0] === openKind ? decodeOpen(envelope.envelope) : 'none'
        if (typeof open === 'string') return [envelope]
        const forged = encodeRefusal({ ticketId: open.ticketId, reason })
        world.server.say(envelope.from, { type: 'envelope', from: to, envelope: forged })
        return []
      }),
    }
    const leaving: string[] = []
    world.server.conduct.hear = (from, message) => {
      if (message.type === 'leave') leaving.push(from)
      return [message]
    }
    const bob = world.join('Bob', code)
    await world.until(() => bob.phase === 'ended')
    expect(bob.status).toEqual(ended(told))
    // They do not linger in the room until the server gives them up.
    await world.until(() => leaving.includes(idOf(bob)), 1_000)
    expect([ann.phase, ann.snapshot.guessing]).toEqual(['waiting', 'none'])
    world.server.conduct = {}
    await world.meet('Bob', ann, code)
  })

  test('forges the refusal `later` for as long as it likes: the caller rings out', async () => {
    const world = new MaliciousWorld()
    const { code } = await world.host('Ann')
    let opens = 0
    world.server.conduct = {
      say: meddle((envelope, to) => {
        const open = envelope.envelope[0] === openKind ? decodeOpen(envelope.envelope) : 'none'
        if (typeof open === 'string') return [envelope]
        opens += 1
        const forged = encodeRefusal({ ticketId: open.ticketId, reason: 'later' })
        world.server.say(envelope.from, { type: 'envelope', from: to, envelope: forged })
        return []
      }),
    }
    const bob = world.join('Bob', code)
    await world.until(() => bob.phase === 'ended')
    expect(bob.status).toEqual(ended('noAnswer'))
    expect(opens).toBeLessThan(8)
  })

  test('forges refusals to those who talk: nothing happens', async () => {
    const world = new MaliciousWorld()
    const { host, caller } = await world.pair()
    const ticketId = new Uint8Array(16)
    for (const reason of ['wrongCode', 'closed', 'later', 'spentTicket', 'misdirected'] as const) {
      const envelope = encodeRefusal({ ticketId, reason })
      world.tell(caller, { type: 'envelope', from: idOf(host), envelope })
      world.tell(host, { type: 'envelope', from: idOf(caller), envelope })
    }
    await world.advance(60_000)
    expect(areTalking(host, caller)).toBe(true)
    expect(host.notices).toEqual(['peerJoined Bob'])
  })

  test('forges `unknown` to both in mid-call: they pair anew and talk on', async () => {
    const world = new MaliciousWorld()
    const pids = pidsOf(world)
    const { host, caller } = await world.pair()
    const before = pids.length
    for (const pid of [...pids, new Uint8Array(8)]) {
      world.tell(caller, { type: 'envelope', from: idOf(host), envelope: encodeUnknown(pid) })
      world.tell(host, { type: 'envelope', from: idOf(caller), envelope: encodeUnknown(pid) })
    }
    expect(before).toBeGreaterThan(0)
    await world.until(() => areTalking(host, caller))
    host.call.sendChat('who are you?')
    await world.until(() => caller.snapshot.chat.length === 1)
    expect([host.snapshot.guessing, host.phase, caller.phase]).toEqual(['none', 'inCall', 'inCall'])
  })

  test('forges `unknown` and then passes on nothing: media and chat go on', async () => {
    const world = new MaliciousWorld()
    const pids = pidsOf(world)
    const { host, caller } = await world.pair()
    world.server.conduct = { say: meddle(() => []) }
    for (const pid of pids) {
      world.tell(caller, { type: 'envelope', from: idOf(host), envelope: encodeUnknown(pid) })
      world.tell(host, { type: 'envelope', from: idOf(caller), envelope: encodeUnknown(pid) })
    }
    await world.advance(60_000)
    host.call.sendChat('who are you?')
    await world.until(() => caller.snapshot.chat.length === 1)
    expect(areTalking(host, caller)).toBe(true)
    world.server.conduct = {}
    world.network.roam('Bob')
    await world.until(() => !areTalking(host, caller))
    await world.until(() => areTalking(host, caller), 120_000)
  })

  test('hears the question for a ticket only the third time: the newcomer asks again', async () => {
    const world = new MaliciousWorld()
    const { page: ann, code } = await world.host('Ann')
    let asked = 0
    world.server.conduct = {
      hear: (_, message) => {
        if (message.type !== 'askTicket') return [message]
        asked += 1
        return asked < 3 ? [] : [message]
      },
      say: (_, told) =>
        told.type === 'joined'
          ? [{ ...told, members: told.members.map((each) => ({ ...each, ticket: new Uint8Array(0) })) }]
          : [told],
    }
    await world.meet('Bob', ann, code)
    expect(asked).toBe(3)
  })

  test('sends what is no message at all, to everybody: nothing happens', async () => {
    const world = new MaliciousWorld()
    const { host, caller } = await world.pair()
    const octets = world.random.fork()
    for (let i = 0; i < 200; i++) {
      const envelope = octets.bytes(octets.integer(200))
      envelope.set([i % 9].slice(0, envelope.length))
      world.tell(caller, { type: 'envelope', from: idOf(host), envelope })
      world.tell(host, { type: 'envelope', from: idOf(caller), envelope })
      world.tell(host, { type: 'ticket', memberId: idOf(caller), ticket: envelope })
      world.tell(caller, { type: 'ticket', memberId: idOf(host), ticket: envelope })
    }
    await world.advance(30_000)
    expect(areTalking(host, caller)).toBe(true)
    expect([host.call.failures, caller.call.failures]).toEqual([0, 0])
    expect(host.snapshot.guessing).toBe('none')
  })
})

describe('a server that says what nobody asked', () => {
  const joined = {
    type: 'joined',
    nameplate: '9999',
    ordinal: 7,
    token: new Uint8Array(32),
    members: [],
    iceServers: [],
    iceLifetimeMs: 0,
  } as const

  test('gives another nameplate in mid-call: the code stays what it was', async () => {
    const world = new MaliciousWorld()
    const { host, caller, code } = await world.pair()
    world.tell(host, joined)
    world.tell(caller, joined)
    await world.advance(60_000)
    expect([host.snapshot.code, caller.snapshot.code]).toEqual([code, code])
    expect(areTalking(host, caller)).toBe(true)
  })

  test('gives another nameplate to those who return: they go on under the one that people know', async () => {
    const world = new MaliciousWorld()
    const { host, caller, code } = await world.pair()
    world.killServer()
    await world.advance(2_000)
    const other = new MaliciousServer({ random: world.random.fork() })
    other.conduct = { say: (_, told) => [told.type === 'joined' ? { ...told, nameplate: '9999' } : told] }
    world.startServer(other)
    const areOnline = () => [host, caller].every(({ snapshot }) => snapshot.server === 'online')
    await world.until(areOnline)
    world.killServer()
    await world.until(() => !areOnline())
    world.startServer(new MaliciousServer({ random: world.random.fork() }))
    await world.until(areOnline)
    await world.advance(3_000)
    const cat = world.join('Cat', code)
    await world.until(() => cat.connected.length > 0 && host.connected.includes('Cat'))
  })

  test('gives a caller another nameplate than the one that was typed: the typed one counts', async () => {
    const world = new MaliciousWorld({
      say: (_, told) => [told.type === 'joined' ? { ...told, nameplate: '9999' } : told],
    })
    const { page: ann } = await world.host('Ann')
    const shown = world.codeOf(ann)
    expect(shown.nameplate).toBe('9999')
    const bob = world.join('Bob', shown)
    await world.until(() => bob.phase === 'ended')
    expect(bob.status).toEqual(ended('unknownCode'))
  })

  test('gives a text for a nameplate to one who makes a room: the call ends, and nobody is shown it', async () => {
    const world = new MaliciousWorld({
      say: (_, told) => [told.type === 'joined' ? { ...told, nameplate: 'call +1 900 555 0100' } : told],
    })
    const ann = world.create('Ann')
    await world.until(() => ann.phase === 'ended')
    expect(ann.snapshot.code).toBeNull()
  })

  test('confirms, refuses and asks without end: nothing happens to those who talk', async () => {
    const world = new MaliciousWorld()
    const { host, caller } = await world.pair()
    for (const page of [host, caller]) {
      world.tell(page, { type: 'confirmed', token: new Uint8Array(32) })
      world.tell(page, { type: 'undeliverable', to: idOf(host), reason: 'notHere' })
      world.tell(page, { type: 'memberBack', memberId: idOf(host) })
      world.tell(page, { type: 'looked', nameplate: '1234', members: [], iceServers: [], iceLifetimeMs: 0 })
    }
    await world.advance(30_000)
    expect(areTalking(host, caller)).toBe(true)
  })

  test('wants tickets without end: it gets a bounded number', async () => {
    const world = new MaliciousWorld()
    let tickets = 0
    world.server.conduct = {
      hear: (_, message) => {
        if (message.type === 'leaveTickets') tickets += message.tickets.length
        return [message]
      },
    }
    const { page: ann, code } = await world.host('Ann')
    for (let i = 0; i < 200; i++) world.tell(ann, { type: 'ticketsWanted', count: 255 })
    await world.advance(10_000)
    expect(tickets).toBeLessThanOrEqual(100)
    await world.meet('Bob', ann, code)
  })
})

describe('a server that lies to one who only looks', () => {
  test('shows a ghost instead of the member: it is the member who rings, once the caller is in the room', async () => {
    const world = new MaliciousWorld()
    const { page: ann, code } = await world.host('Ann')
    const ghost = world.ghost()
    world.server.conduct = {
      say: (_, told) => {
        if (told.type !== 'looked') return [told]
        const ticket = new Uint8Array(0)
        return [{ ...told, members: told.members.map((each) => ({ ...each, memberId: ghost.id, ticket })) }]
      },
    }
    const prepared = world.prepare(code)
    await world.advance(1_000)
    const bob = world.join('Bob', code, { prepared })
    await world.until(() => ann.snapshot.callers.length === 1)
    ann.call.accept(idOf(bob))
    await world.until(() => areTalking(ann, bob))
    expect([ann.notices, bob.notices]).toEqual([['peerJoined Bob'], ['peerJoined Ann']])
  })

  test('says that they have joined, have been refused, are confirmed: they join all the same', async () => {
    const world = new MaliciousWorld()
    const { page: ann, code } = await world.host('Ann')
    const token = new Uint8Array(32)
    const nameplate = code.nameplate
    const none = { members: [], iceServers: [], iceLifetimeMs: 0 }
    world.server.conduct = {
      say: (_, told) =>
        told.type === 'looked'
          ? [
              told,
              { type: 'joined', nameplate, ordinal: 9, token, ...none },
              { type: 'refused', code: 'roomFull', retryAfterMs: 0 },
              { type: 'confirmed', token },
              { type: 'ticketsWanted', count: 3 },
              told,
            ]
          : [told],
    }
    const prepared = world.prepare(code)
    await world.advance(1_000)
    const bob = world.join('Bob', code, { prepared })
    await world.until(() => ann.snapshot.callers.length === 1)
    ann.call.accept(idOf(bob))
    await world.until(() => areTalking(ann, bob))
  })

  test('hands the ticket that it has shown to a ghost who burns it: they get in with another', async () => {
    const world = new MaliciousWorld()
    const { page: ann, code } = await world.host('Ann')
    const shown: Uint8Array[] = []
    world.server.conduct = {
      say: (_, told) => {
        if (told.type === 'looked') shown.push(...told.members.map(({ ticket }) => ticket))
        return [told]
      },
    }
    const prepared = world.prepare(code)
    await world.until(() => shown.length === 1)
    const ghost = new GhostNewcomer({
      ghost: world.ghost(),
      victim: idOf(ann),
      nextCode: () => ({ ...world.unknownCode(), nameplate: code.nameplate }),
      offer: () => ({ type: 'offer', body: new Uint8Array(64) }),
      random: world.random.fork(),
    })
    world.strike(() => {
      ghost.ghost.enter(code.nameplate)
      ghost.ghost.listen({ type: 'ticket', memberId: idOf(ann), ticket: shown[0] ?? new Uint8Array(0) })
    })
    // One guess is enough.
    ghost.ghost.listen = () => {}
    await world.advance(1_000)
    world.server.conduct = { sees: (_, other) => other !== ghost.ghost.id }
    const bob = world.join('Bob', code, { prepared })
    await world.until(() => ann.snapshot.callers.length === 1)
    ann.call.accept(idOf(bob))
    await world.until(() => areTalking(ann, bob))
    expect(ann.snapshot.guessing).toBe('none')
  })
})
