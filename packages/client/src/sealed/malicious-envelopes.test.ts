import { encodeUtf8 } from '@crowfly/bytes'
import { envelopeKind, openKind, replyKind } from '@crowfly/pairing'
import type { ServerMessage } from '@crowfly/signaling/wire'
import { describe, expect, test } from 'vitest'
import type { FakePage } from '../testing/call-world.ts'
import { areTalking, MaliciousWorld } from '../testing/malice/malicious-world.ts'
import type { Told } from '../testing/malice/misconduct.ts'
import { flip, meddle } from '../testing/malice/post.ts'
import { findLeaks } from '../testing/malice/wire-tap.ts'

/** Nothing is left of what was thrown or rejected on the way. */
function expectCalm(...pages: readonly FakePage[]): void {
  expect(pages.map(({ call }) => call.failures)).toEqual(pages.map(() => 0))
}

describe('a server that reads', () => {
  test('finds no word, name, description, candidate or text in anything that it is sent', async () => {
    const world = new MaliciousWorld({}, 4)
    const { page: ann, code } = await world.host('Annabelle Ångström')
    const bob = await world.meet('Bobadilla', ann, code)
    const cat = world.join('Catriona', code)
    await world.until(() => areTalking(ann, bob, cat))
    ann.call.sendChat('meet me under the clock')
    world.network.roam('Bobadilla')
    await world.until(() => bob.snapshot.chat.length === 1 && areTalking(ann, bob, cat))
    const words = code.kind === 'words' ? code.words : []
    const secrets = [
      ...words.filter((word) => word.length > 3),
      words.join('-'),
      ...['Annabelle', 'Ångström', 'Bobadilla', 'Catriona', 'under the clock'],
      ...['a=fingerprint', 'sha-256', 'a=ice-ufrag', 'm=audio', 'candidate:', 'typ host', 'ufrag f'],
    ]
    expect(words.join('-').length).toBeGreaterThan(12)
    expect(findLeaks(world.server.heard, secrets)).toEqual([])
    expectCalm(ann, bob, cat)
  })

  test('would find them, if they were there', async () => {
    const world = new MaliciousWorld()
    const { code } = await world.host('Ann')
    world.join('Bob', code)
    await world.advance(100)
    const frames = world.server.heard
    expect(findLeaks(frames, [code.nameplate])).toContain(`${code.nameplate} in UTF-8`)
    const planted = [
      encodeUtf8('--maple--'),
      Buffer.from('x maple x').toString('base64'),
      Buffer.from('xy maple x').toString('base64url'),
      Buffer.from('maple', 'utf16le'),
      Buffer.from('maple').toString('hex'),
    ].map((octets) => Buffer.from(octets))
    for (const octets of planted) expect(findLeaks([...frames, octets], ['maple'])).not.toEqual([])
  })
})

describe('a server that alters', () => {
  test.each([
    ['everything at its end', 1, 'noAnswer'],
    ['everything but refusals', 500, 'wrongCode'],
  ] as const)('%s brings about no call, and the caller is told', async (_, fromEnd, reason) => {
    const world = new MaliciousWorld({
      say: meddle((told) => [{ ...told, envelope: flip(told.envelope, fromEnd) }]),
    })
    const { page: ann, code } = await world.host('Ann')
    const bob = world.join('Bob', code)
    await world.until(() => bob.phase === 'ended')
    expect(bob.status).toEqual({ phase: 'ended', reason })
    expect([ann.phase, ann.snapshot.callers, ann.notices]).toEqual(['waiting', [], []])
    expectCalm(ann, bob)
    world.server.conduct = {}
    await world.meet('Bob', ann, code)
  })

  test('the answer brings about no call until it comes as it was sent', async () => {
    const world = new MaliciousWorld({
      say: meddle((told) => [
        told.envelope[0] === replyKind ? { ...told, envelope: flip(told.envelope) } : told,
      ]),
    })
    const { page: ann, code } = await world.host('Ann')
    const bob = world.join('Bob', code)
    await world.until(() => ann.snapshot.callers.length === 1)
    ann.call.accept(ann.snapshot.callers[0]?.id ?? '')
    await world.advance(20_000)
    expect([bob.status, bob.connected]).toEqual([
      expect.objectContaining({ phase: 'calling', ringing: false }),
      [],
    ])
    expect(ann.connected).toEqual([])
    world.server.conduct = {}
    await world.until(() => areTalking(ann, bob))
    expectCalm(ann, bob)
  })

  test('the fingerprint finds nothing to alter: it is the members’ own that are applied', async () => {
    const forged = encodeUtf8('sha-256 00:11')
    let swaps = 0
    const world = new MaliciousWorld({
      say: meddle((told) => {
        const at = Buffer.from(told.envelope).indexOf('sha-256')
        if (at < 0) return [told]
        swaps += 1
        const envelope = told.envelope.slice()
        envelope.set(forged, at)
        return [{ ...told, envelope }]
      }),
    })
    const { page: ann, code } = await world.host('Ann')
    const bob = await world.meet('Bob', ann, code)
    expect(swaps).toBe(0)
    const [[own], [other]] = [world.network.on('Ann'), world.network.on('Bob')]
    expect(own?.remoteDescription?.sdp).toContain(other?.localDescription?.sdp.match(/sha-256 \S+/)?.[0])
    expectCalm(ann, bob)
  })

  test('a call that stands does not harm it', async () => {
    const world = new MaliciousWorld()
    const { host, caller } = await world.pair()
    world.server.conduct = { say: meddle((told) => [{ ...told, envelope: flip(told.envelope, 20) }]) }
    world.network.roam('Bob')
    await world.advance(60_000)
    host.call.sendChat('still here?')
    world.server.conduct = {}
    await world.until(() => areTalking(host, caller) && caller.snapshot.chat.length === 1, 120_000)
  })
})

describe('a server that keeps the order of things to itself', () => {
  test('delivers each envelope five times, and everything happens once', async () => {
    const world = new MaliciousWorld({ say: meddle((told) => [told, told, told, told, told]) })
    const { page: ann, code } = await world.host('Ann')
    const bob = await world.meet('Bob', ann, code)
    expect([ann.notices, bob.notices]).toEqual([['peerJoined Bob'], ['peerJoined Ann']])
    expect(ann.snapshot.guessing).toBe('none')
    expectCalm(ann, bob)
  })

  test('plays everything from the past again, and nothing happens', async () => {
    const past: { to: string; told: Told<'envelope'> }[] = []
    const world = new MaliciousWorld({
      say: meddle((told, to) => {
        past.push({ to, told })
        return [told]
      }),
    })
    const { page: ann, code } = await world.host('Ann')
    const bob = await world.meet('Bob', ann, code)
    await world.advance(10_000)
    const before = [ann.snapshot, bob.snapshot]
    world.server.conduct = {}
    world.strike(() => {
      for (const { to, told } of [...past, ...past.toReversed()]) world.server.say(to, told)
    })
    await world.advance(30_000)
    expect(past.length).toBeGreaterThan(4)
    const shown = ({ status, notices, callers, guessing }: FakePage['snapshot']) => ({
      ...{ status, notices, callers, guessing },
    })
    expect([ann.snapshot, bob.snapshot].map(shown)).toEqual(before.map(shown))
    expect(areTalking(ann, bob)).toBe(true)
    expectCalm(ann, bob)
  })

  test('plays a caller’s whole past again to the member after they have hung up: nobody rings', async () => {
    const past: { to: string; told: ServerMessage }[] = []
    const world = new MaliciousWorld({
      say: (to, told) => {
        past.push({ to, told })
        return [told]
      },
    })
    const { page: ann, code } = await world.host('Ann')
    const annId = ann.snapshot.selfId ?? ''
    const bob = await world.meet('Bob', ann, code)
    bob.call.leave()
    await world.until(() => ann.phase === 'waiting')
    await world.advance(60_000)
    world.server.conduct = {}
    world.strike(() => {
      for (const { to, told } of past) {
        const isOfBob = told.type === 'memberJoined' || told.type === 'envelope'
        if (to === annId && isOfBob) world.server.say(to, told)
      }
    })
    await world.advance(60_000)
    expect([ann.phase, ann.snapshot.callers, ann.snapshot.peers]).toEqual(['waiting', [], []])
    await world.meet('Cat', ann, code)
  })

  test('delivers the last first', async () => {
    const held: { to: string; told: Told<'envelope'> }[] = []
    const world = new MaliciousWorld()
    world.server.conduct = {
      say: meddle((told, to) => {
        if (told.envelope[0] !== envelopeKind) return [told]
        if (held.length === 0) {
          world.server.after(2_000, () => {
            for (const late of held.splice(0).toReversed()) world.server.say(late.to, late.told)
          })
        }
        held.push({ to, told })
        return []
      }),
    }
    const { page: ann, code } = await world.host('Ann')
    const bob = await world.meet('Bob', ann, code)
    expectCalm(ann, bob)
  })

  test('drops every envelope the first time that it comes: the call takes seconds longer', async () => {
    const seen = new Set<string>()
    const world = new MaliciousWorld({
      say: meddle((told) => {
        const key = Buffer.from(told.envelope).toString('hex')
        const isNew = !seen.has(key)
        seen.add(key)
        return isNew ? [] : [told]
      }),
    })
    const { page: ann, code } = await world.host('Ann')
    const startedAt = world.clock.now()
    const bob = await world.meet('Bob', ann, code)
    expect(world.clock.now() - startedAt).toBeGreaterThan(5_000)
    expect(world.clock.now() - startedAt).toBeLessThan(40_000)
    expectCalm(ann, bob)
  })

  test.each([2_000, 9_000, 25_000])(
    'holds every envelope back for %i ms, and the call comes about',
    async (ms) => {
      const world = new MaliciousWorld()
      world.server.conduct = {
        say: meddle((told, to) => {
          world.server.after(ms, () => world.server.say(to, told))
          return []
        }),
      }
      const { page: ann, code } = await world.host('Ann')
      const bob = world.join('Bob', code, { ringTimeoutMs: 180_000 })
      await world.until(() => ann.snapshot.callers.length === 1)
      ann.call.accept(ann.snapshot.callers[0]?.id ?? '')
      await world.until(() => areTalking(ann, bob), 180_000)
      expect([ann.notices, bob.notices]).toEqual([['peerJoined Bob'], ['peerJoined Ann']])
    },
  )

  test('loses one envelope for good in mid-call: the two pair anew by themselves', async () => {
    const world = new MaliciousWorld()
    const { host, caller } = await world.pair()
    await world.advance(20_000)
    const lost = new Set<string>()
    world.server.conduct = {
      say: meddle(({ from, envelope, ...told }) => {
        const key = Buffer.from(envelope).toString('hex')
        if (lost.size === 0 && envelope[0] === envelopeKind) lost.add(key)
        return lost.has(key) ? [] : [{ ...told, from, envelope }]
      }),
    }
    world.network.roam('Bob')
    await world.until(() => !areTalking(host, caller))
    await world.until(() => areTalking(host, caller), 180_000)
    expect(lost.size).toBe(1)
  })

  test('delivers everything as if it came from the other newcomer', async () => {
    const world = new MaliciousWorld()
    const { page: ann, code } = await world.host('Ann')
    const [bob, cat] = [world.join('Bob', code), world.join('Cat', code)]
    const annId = ann.snapshot.selfId ?? ''
    const swap = (id: string): string => {
      const [first, second] = [bob.call.getSnapshot().selfId, cat.call.getSnapshot().selfId]
      return id === first ? (second ?? id) : id === second ? (first ?? id) : id
    }
    world.server.conduct = {
      say: meddle((told, to) => [to === annId ? { ...told, from: swap(told.from) } : told]),
    }
    await world.until(() => bob.phase === 'ended' || ann.snapshot.callers.length > 0, 180_000)
    expect([ann.phase, ann.snapshot.callers, ann.snapshot.guessing]).toEqual(['waiting', [], 'none'])
    expect(['wrongCode', 'noAnswer']).toContain(bob.status.phase === 'ended' && bob.status.reason)
    expectCalm(ann, bob, cat)
    world.server.conduct = {}
    await world.meet('Dan', ann, code)
  })
})

describe('a server that opens nobody’s tickets', () => {
  test('and passes on nothing: the caller rings out', async () => {
    const world = new MaliciousWorld({ say: meddle((told) => (told.envelope[0] === openKind ? [] : [told])) })
    const { page: ann, code } = await world.host('Ann')
    const bob = world.join('Bob', code)
    await world.until(() => bob.phase === 'ended')
    expect(bob.status).toEqual({ phase: 'ended', reason: 'noAnswer' })
    expect(ann.phase).toBe('waiting')
  })
})
