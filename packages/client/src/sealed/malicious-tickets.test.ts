import type { ServerMessage } from '@crowfly/signaling/wire'
import { describe, expect, test } from 'vitest'
import type { FakePage } from '../testing/call-world.ts'
import { GhostMember } from '../testing/malice/ghost-member.ts'
import { GhostNewcomer } from '../testing/malice/ghost-newcomer.ts'
import { areTalking, idOf, MaliciousWorld } from '../testing/malice/malicious-world.ts'
import { meddle } from '../testing/malice/post.ts'

/** A `say` that puts another ticket in the place of each that a newcomer is given. */
function exchange(ticketFor: (member: string, ticket: Uint8Array) => Uint8Array) {
  return (_: string, told: ServerMessage): readonly ServerMessage[] => {
    if (told.type === 'ticket') return [{ ...told, ticket: ticketFor(told.memberId, told.ticket) }]
    if (told.type !== 'joined') return [told]
    const members = told.members.map((member) => ({
      ...member,
      ticket: ticketFor(member.memberId, member.ticket),
    }))
    return [{ ...told, members }]
  }
}

/** Tickets that went by, in the order in which they were left. */
function ticketsOf(world: MaliciousWorld): Uint8Array[] {
  const tickets: Uint8Array[] = []
  world.server.conduct = {
    hear: (_, message) => {
      if (message.type === 'leaveTickets') tickets.push(...message.tickets)
      return [message]
    },
  }
  return tickets
}

const ended = (reason: string) => ({ phase: 'ended', reason })

describe('a server that hands out tickets as it likes', () => {
  test('gives one ticket to two newcomers: both get in, the second with another', async () => {
    const world = new MaliciousWorld()
    const tickets = ticketsOf(world)
    const { page: ann, code } = await world.host('Ann')
    await world.until(() => tickets.length === 3)
    const given: string[] = []
    world.server.conduct = {
      say: (to, told) => {
        const [first] = tickets
        if (told.type !== 'joined' || first === undefined) return [told]
        given.push(to)
        const members = told.members.map((member) =>
          member.memberId === idOf(ann) ? { ...member, ticket: first } : member,
        )
        return [{ ...told, members }]
      },
    }
    const bob = await world.meet('Bob', ann, code)
    const cat = world.join('Cat', code)
    await world.until(() => areTalking(ann, bob, cat))
    expect(given).toHaveLength(2)
    expect(ann.snapshot.guessing).toBe('none')
  })

  test('gives a newcomer its own ticket back: no call', async () => {
    const world = new MaliciousWorld()
    const own = ticketsOf(world)
    const { page: ann, code } = await world.host('Ann')
    const bob = world.join('Bob', code, { ringTimeoutMs: 8_000 })
    own.length = 0
    await world.until(() => own.length > 0)
    world.server.conduct = { say: exchange((_, ticket) => own[0] ?? ticket) }
    world.tell(bob, { type: 'memberLeft', memberId: idOf(ann), reason: 'left' })
    world.tell(bob, { type: 'memberJoined', memberId: idOf(ann), ordinal: 1 })
    await world.until(() => bob.phase === 'ended')
    expect(bob.connected).toEqual([])
    expect(ann.snapshot.peers).toEqual([])
  })

  test('gives a newcomer the ticket of another member: told that the code is wrong, and no call', async () => {
    const world = new MaliciousWorld()
    const tickets = ticketsOf(world)
    const { page: ann, code } = await world.host('Ann')
    const other = await world.host('Eve')
    await world.until(() => tickets.length === 6)
    world.server.conduct = { say: exchange(() => tickets.at(-1) ?? new Uint8Array(0)) }
    const bob = world.join('Bob', code)
    await world.until(() => bob.phase === 'ended')
    expect(bob.status).toEqual(ended('wrongCode'))
    expect([ann.phase, other.page.phase]).toEqual(['waiting', 'waiting'])
  })

  test('gives a newcomer the octets of something else: as if the code were wrong', async () => {
    const world = new MaliciousWorld({ say: exchange((_, ticket) => ticket.map((octet) => octet ^ 0x55)) })
    const { code } = await world.host('Ann')
    const bob = world.join('Bob', code)
    await world.until(() => bob.phase === 'ended')
    expect(bob.status).toEqual(ended('wrongCode'))
  })

  test('alters the share in a ticket: no call, and the member counts a wrong code', async () => {
    const world = new MaliciousWorld({
      // Of a ticket of the same member's that it swaps the halves with: a point of the curve, but another.
      say: (() => {
        let last: Uint8Array | undefined
        return exchange((_, ticket) => {
          const forged = ticket.slice()
          if (last !== undefined) forged.set(last.subarray(50, 82), 50)
          last ??= ticket
          return forged
        })
      })(),
    })
    const { page: ann, code } = await world.host('Ann')
    const bob = await world.meet('Bob', ann, code)
    const cat = world.join('Cat', code)
    await world.until(() => cat.phase === 'ended')
    expect(cat.status).toEqual(ended('wrongCode'))
    expect(areTalking(ann, bob)).toBe(true)
  })

  test('brings a caller to another room with the same words: no call', async () => {
    const world = new MaliciousWorld()
    const tickets = ticketsOf(world)
    const { page: ann, code } = await world.host('Ann')
    tickets.length = 0
    const elsewhere = { ...code, nameplate: code.nameplate === '7777' ? '7778' : '7777' }
    const zoe = world.join('Zoe', elsewhere, { room: { kind: 'join', code: elsewhere, ifEmpty: 'wait' } })
    await world.until(() => zoe.phase === 'waiting' && tickets.length > 0)
    world.server.conduct = {
      hear: (_, message) =>
        message.type === 'join' ? [{ ...message, nameplate: elsewhere.nameplate }] : [message],
    }
    const bob = world.join('Bob', code)
    await world.until(() => bob.phase === 'ended')
    expect(bob.status).toEqual(ended('wrongCode'))
    expect([zoe.snapshot.callers, ann.snapshot.callers]).toEqual([[], []])
    expect(bob.snapshot.code).toEqual(code)
  })
})

describe('a server that tries codes as a newcomer', () => {
  async function guessAt(world: MaliciousWorld, ann: FakePage): Promise<GhostNewcomer> {
    const { nameplate } = world.codeOf(ann)
    const ghost = new GhostNewcomer({
      ghost: world.ghost(),
      victim: idOf(ann),
      nextCode: () => ({ ...world.unknownCode(), nameplate }),
      offer: () => ({ type: 'offer', body: new Uint8Array(64) }),
      random: world.random.fork(),
    })
    world.strike(() => {
      ghost.ghost.enter(nameplate)
      ghost.ask()
    })
    return ghost
  }

  test('burns a ticket with each; the people inside hear of it at the fifth', async () => {
    const world = new MaliciousWorld()
    const tickets = ticketsOf(world)
    const { page: ann, code } = await world.host('Ann')
    const bob = await world.meet('Bob', ann, code)
    const before = tickets.length
    const ghost = await guessAt(world, ann)
    await world.until(() => ghost.answers.length === 4)
    expect(ann.snapshot.guessing).toBe('none')
    await world.until(() => ann.snapshot.guessing === 'guessing')
    // The fifth answer is on its way.
    expect(ghost.answers).toHaveLength(4)
    await world.until(() => ghost.answers.length === 5)
    expect(tickets.length - before).toBeGreaterThanOrEqual(5)
    expect([bob.snapshot.guessing, areTalking(ann, bob)]).toEqual(['none', true])
  })

  test('gets ten at once, then one in ten seconds', async () => {
    const world = new MaliciousWorld()
    const { page: ann } = await world.host('Ann')
    const ghost = await guessAt(world, ann)
    const wrong = (): number => ghost.answers.filter((answer) => answer === 'wrongCode').length
    await world.until(() => wrong() === 10, 5_000)
    await world.advance(31_000)
    expect(wrong()).toBe(13)
    await world.advance(60_000)
    expect(wrong()).toBe(19)
    expect([ann.phase, ann.snapshot.callers]).toEqual(['waiting', []])
  })

  test('is shut out for good after 256, and so is everybody new; those inside talk on', {
    timeout: 120_000,
  }, async () => {
    const world = new MaliciousWorld()
    const { page: ann, code } = await world.host('Ann')
    const bob = await world.meet('Bob', ann, code)
    const ghost = await guessAt(world, ann)
    await world.until(() => ghost.answers.includes('closed'), 3_600_000)
    expect(ghost.answers.filter((answer) => answer === 'wrongCode')).toHaveLength(256)
    expect(ann.snapshot.guessing).toBe('closed')
    expect(areTalking(ann, bob)).toBe(true)
    ann.call.sendChat('somebody is trying codes')
    await world.until(() => bob.snapshot.chat.length === 1)
    bob.call.leave()
    world.server.conduct = { sees: (_, other) => other !== ghost.ghost.id }
    const cat = world.join('Cat', code)
    await world.until(() => cat.phase === 'ended')
    expect(cat.status).toEqual(ended('roomClosed'))
  })

  test('keeps newcomers waiting as long as it goes on, and no longer', async () => {
    const world = new MaliciousWorld()
    const { page: ann, code } = await world.host('Ann')
    const ghost = await guessAt(world, ann)
    await world.until(() => ghost.answers.includes('later'))
    const bob = world.join('Bob', code)
    await world.until(() => bob.phase === 'ended')
    expect(bob.status).toEqual(ended('noAnswer'))
    world.server.conduct = { sees: (_, other) => other !== ghost.ghost.id }
    world.strike(() => ghost.ghost.act({ type: 'leave' }))
    await world.meet('Cat', ann, code)
    expect(ann.snapshot.guessing).toBe('guessing')
  })
})

describe('a server that tries codes as a member', () => {
  /** So many ghosts, each of whom has one guess for every ticket that is opened. */
  function haunt(world: MaliciousWorld, nameplate: string, count: number): GhostMember[] {
    const ghosts: GhostMember[] = []
    world.strike(() => {
      for (let i = 0; i < count; i++) {
        const code = { ...world.unknownCode(), nameplate }
        const ghost = new GhostMember(world.ghost(), code, world.random.fork())
        ghosts.push(ghost)
        ghost.ghost.enter(nameplate)
        // Whoever is not confirmed has their tickets held back, which a server need not do.
        ghost.ghost.act({ type: 'confirm', memberId: ghost.ghost.id })
      }
    })
    return ghosts
  }

  test('as silent ghosts has eight guesses, and the caller rings out', async () => {
    const world = new MaliciousWorld()
    const opened = new Set<string>()
    const nameplate = '4821'
    const ghosts = haunt(world, nameplate, 30)
    for (const ghost of ghosts) ghost.isSilent = true
    const bob = world.join('Bob', { ...world.unknownCode(), nameplate })
    await world.until(() => bob.phase === 'ended')
    for (const { ghost, outcomes } of ghosts) if (outcomes.length > 0) opened.add(ghost.id)
    expect(opened.size).toBe(8)
    expect(bob.status).toEqual(ended('noAnswer'))
    expect(bob.snapshot.peers).toEqual([])
  })

  test('as ghosts who answer has sixteen, and the caller hears that the code is wrong', async () => {
    const world = new MaliciousWorld()
    const nameplate = '4821'
    const ghosts = haunt(world, nameplate, 30)
    const bob = world.join('Bob', { ...world.unknownCode(), nameplate })
    await world.until(() => bob.phase === 'ended')
    expect(
      ghosts.flatMap(({ outcomes }) => outcomes).filter((outcome) => outcome === 'guessed'),
    ).toHaveLength(16)
    expect(bob.status).toEqual(ended('wrongCode'))
  })

  test('as one ghost that says again and again that the ticket was spent has sixteen', async () => {
    const world = new MaliciousWorld()
    const nameplate = '4821'
    const [ghost] = haunt(world, nameplate, 1)
    // A refusal ends with its reason; spent tickets are asked for again.
    world.server.conduct = {
      say: meddle((told) => [
        { ...told, envelope: Uint8Array.of(...told.envelope.subarray(0, told.envelope.length - 1), 1) },
      ]),
    }
    const code = { ...world.unknownCode(), nameplate }
    const bob = world.join('Bob', code, { ringTimeoutMs: 600_000 })
    await world.until(() => bob.phase === 'ended', 700_000)
    expect(ghost?.outcomes).toHaveLength(16)
    expect(bob.status).toEqual(ended('wrongCode'))
  })

  test('beside a true member keeps nobody from a call', async () => {
    const world = new MaliciousWorld()
    const { page: ann, code } = await world.host('Ann')
    const ghosts = haunt(world, code.nameplate, 5)
    for (const ghost of ghosts) ghost.isSilent = true
    const bob = await world.meet('Bob', ann, code)
    expect(bob.snapshot.peers).toHaveLength(1)
    expect(bob.phase).toBe('inCall')
  })
})
