import { describe, expect, test } from 'vitest'
import { areTalking, idOf, MaliciousWorld } from '../testing/malice/malicious-world.ts'

const ended = (reason: string) => ({ phase: 'ended', reason })

describe('a server that lies about who is there', () => {
  test('invents forty members: nobody sees any of them, and who is there still talks', async () => {
    const world = new MaliciousWorld()
    const { page: ann, code } = await world.host('Ann')
    const ghosts = Array.from({ length: 6 }, () => world.ghost())
    world.strike(() => {
      for (const ghost of ghosts) ghost.enter(code.nameplate)
    })
    const bob = await world.meet('Bob', ann, code)
    world.strike(() => {
      for (let i = 0; i < 34; i++) world.ghost().enter(code.nameplate)
    })
    await world.advance(60_000)
    expect(areTalking(ann, bob)).toBe(true)
    expect([ann.notices, bob.notices]).toEqual([['peerJoined Bob'], ['peerJoined Ann']])
    expect(ann.snapshot.callers).toEqual([])
  })

  test('gives a caller ghosts alone: rings out, and nobody is shown', async () => {
    const world = new MaliciousWorld()
    const { page: ann, code } = await world.host('Ann')
    world.strike(() => world.ghost().enter(code.nameplate))
    world.server.conduct = { sees: (_, other) => other !== idOf(ann) }
    const bob = world.join('Bob', code)
    await world.until(() => bob.phase === 'ended')
    expect(bob.status).toEqual(ended('noAnswer'))
    expect([bob.snapshot.peers, bob.notices]).toEqual([[], []])
  })

  test('tells one who waits that a ghost was there before: calls it in vain, and ends', async () => {
    const world = new MaliciousWorld()
    const { page: ann } = await world.host('Ann')
    const ghost = world.ghost()
    world.tell(ann, { type: 'memberJoined', memberId: ghost.id, ordinal: 0 })
    await world.until(() => ann.phase === 'calling')
    await world.until(() => ann.phase === 'ended')
    expect(ann.status).toEqual(ended('noAnswer'))
  })

  test('says that the other has left in mid-call: shown as that, and a minute later they talk again', async () => {
    const world = new MaliciousWorld()
    const { host, caller } = await world.pair()
    world.tell(host, { type: 'memberLeft', memberId: idOf(caller), reason: 'left' })
    await world.until(() => host.phase === 'waiting')
    expect(host.notices).toEqual(['peerJoined Bob', 'peerLeft Bob'])
    // Nobody is asked: they have the pass of the call that was.
    await world.until(() => areTalking(host, caller))
    expect(host.notices).toEqual(['peerJoined Bob', 'peerLeft Bob', 'peerJoined Bob'])
  })

  test('says that somebody has expired whose media flows: they stay', async () => {
    const world = new MaliciousWorld()
    const { host, caller } = await world.pair()
    world.tell(host, { type: 'memberLeft', memberId: idOf(caller), reason: 'expired' })
    await world.advance(120_000)
    host.call.sendChat('are you gone?')
    await world.until(() => caller.snapshot.chat.length === 1)
    expect(areTalking(host, caller)).toBe(true)
  })

  test('has people go and come again without end: media and chat go on', async () => {
    const world = new MaliciousWorld()
    const { host, caller } = await world.pair()
    const [hostId, callerId] = [idOf(host), idOf(caller)]
    for (let i = 0; i < 20; i++) {
      world.tell(host, { type: 'memberLeft', memberId: callerId, reason: 'expired' })
      world.tell(host, { type: 'memberJoined', memberId: callerId, ordinal: 2 })
      world.tell(caller, { type: 'memberLeft', memberId: hostId, reason: 'expired' })
      world.tell(caller, { type: 'memberJoined', memberId: hostId, ordinal: 1 })
      await world.advance(500)
    }
    await world.until(() => areTalking(host, caller))
    host.call.sendChat('dizzy')
    await world.until(() => caller.snapshot.chat.length === 1)
    expect(host.snapshot.guessing).toBe('none')
  })

  test('makes newcomers of both: each calls the other, and both hear that nobody answers', async () => {
    const world = new MaliciousWorld()
    const { page: ann, code } = await world.host('Ann')
    world.server.conduct = {
      say: (to, told) =>
        [told].map((each) =>
          each.type === 'memberJoined' && to === idOf(ann) ? { ...each, ordinal: 0 } : each,
        ),
    }
    const bob = world.join('Bob', code)
    await world.until(() => bob.phase === 'ended' && ann.phase === 'ended')
    expect([ann.status, bob.status]).toEqual([ended('noAnswer'), ended('noAnswer')])
  })

  test('makes members of both: each waits, and nobody rings', async () => {
    const world = new MaliciousWorld()
    const { page: ann, code } = await world.host('Ann')
    world.server.conduct = {
      say: (to, told) => {
        if (told.type !== 'joined' || to === idOf(ann)) return [told]
        const members = told.members.map(({ memberId }) => memberId)
        world.server.after(50, () => {
          for (const memberId of members) world.server.say(to, { type: 'memberJoined', memberId, ordinal: 9 })
        })
        return [{ ...told, members: [] }]
      },
    }
    const bob = world.join('Bob', code)
    await world.advance(60_000)
    expect([ann.phase, bob.phase]).toEqual(['waiting', 'waiting'])
    expect([ann.snapshot.callers, bob.snapshot.callers]).toEqual([[], []])
  })
})

describe('a server that splits a room', () => {
  test('of four makes two calls of two; together they see each other', async () => {
    const world = new MaliciousWorld()
    const { page: ann, code } = await world.host('Ann')
    const east = new Set([idOf(ann)])
    world.server.conduct = { sees: (viewer, other) => east.has(viewer) === east.has(other) }
    const cat = world.join('Cat', code, { room: { kind: 'join', code, ifEmpty: 'wait' } })
    await world.until(() => cat.phase === 'waiting')
    world.confirm(cat)
    const dan = await world.meet('Dan', cat, code)
    // The next one comes to the other half.
    world.server.conduct = {
      sees: (viewer, other) =>
        [idOf(cat), idOf(dan)].includes(viewer) === [idOf(cat), idOf(dan)].includes(other),
    }
    const bob = await world.meet('Bob', ann, code)
    expect([ann, bob, cat, dan].map((page) => page.connected)).toEqual([['Bob'], ['Ann'], ['Dan'], ['Cat']])
    world.server.conduct = {}
    const eve = world.join('Eve', code)
    await world.until(() => eve.connected.length === 4)
  })
})

describe('a server that keeps two of three apart', () => {
  test('is told on by the third', async () => {
    const world = new MaliciousWorld()
    const { page: ann, code } = await world.host('Ann')
    const bob = await world.meet('Bob', ann, code)
    world.server.conduct = {
      sees: (viewer, other) => viewer === idOf(bob) || other === idOf(bob) || viewer === other,
    }
    const cat = world.join('Cat', code)
    await world.until(() => bob.connected.length === 2)
    expect([ann.connected, cat.connected]).toEqual([['Bob'], ['Bob']])
    await world.until(
      () => ann.notices.includes('memberHidden Bob') && cat.notices.includes('memberHidden Bob'),
    )
    expect(bob.notices).toEqual(['peerJoined Ann', 'peerJoined Cat'])
  })
})
