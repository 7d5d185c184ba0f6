import { encodeUtf8, equalConstantTime } from '@crowfly/bytes'
import { forEachSeed, formatHex, parseHex, SeededRandom } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { generateWordsCode, type OpenRoom, type RoomCode } from '../index.ts'
import { SealedChannel } from '../seal/sealed-channel.ts'
import { answer, canoe, offer, TwoPeople } from '../testing/two-people.ts'
import { commitTo } from '../verify/commitment.ts'
import { encodeMemberAssociated, encodeNewcomerAssociated } from './associated-data.ts'
import { checkTicket } from './checked-ticket.ts'
import { makeTicket } from './made-ticket.ts'
import { decodeOpen, encodeOpen, type OpenMessage } from './open-message.ts'
import { isProven, type Proof, proveAsMember, proveAsNewcomer } from './proof.ts'
import { decodeReply, encodeReply } from './reply.ts'
import { RoomSecret } from './room-secret.ts'
import { decodeTicket, encodeTicket, type Ticket } from './ticket.ts'

const empty = new Uint8Array(0)
const identity = new Uint8Array(32)
// App. B.3, Invalid Y1
const undecodable = parseHex('2B3C6B8C4F3800E7AEF6864025B4ED79BD599117E427C41BD47D93D654B4A51C')

function alterOpen(open: Uint8Array, change: (message: OpenMessage) => Partial<OpenMessage>): Uint8Array {
  const message = decodeOpen(open)
  if (typeof message === 'string') throw new TypeError(message)
  return encodeOpen({ ...message, ...change(message) })
}

/** A member's reply that reveals this nonce. */
function replyWith(proof: Proof, people: TwoPeople, nonce: Uint8Array): Uint8Array {
  const channel = new SealedChannel({
    ...{ keys: proof.keys, pid: proof.pid, nameplate: encodeUtf8('4821'), preamble: nonce },
    ...{ own: people.annId, peer: people.bobId, peerPreambleBytes: 0 },
    wrapFirst: (envelope) => encodeReply({ tag: proof.ownTag, envelope }),
  })
  return channel.seal(answer) ?? empty
}

/** Changes a ticket, with the associated data that its `member` then is. */
function alterTicket(octets: Uint8Array, change: (ticket: Ticket) => Partial<Ticket>): Uint8Array {
  const ticket = decodeTicket(octets)
  if (typeof ticket === 'string') throw new TypeError(ticket)
  const altered = { ...ticket, ...change(ticket) }
  return encodeTicket({ ...altered, associated: encodeMemberAssociated(altered.member) })
}

describe('a share', () => {
  it.each([
    ['undecodable', undecodable],
    ['the identity', identity],
  ])('that is %s in a ticket is not answered', (_, share) => {
    const people = new TwoPeople()
    const ticket = people.ticket(alterTicket(people.ann.make(), () => ({ share })))
    expect(people.bob.open(ticket, offer)).toEqual({ type: 'refused', reason: 'badShare' })
  })

  it.each([
    ['undecodable', undecodable],
    ['the identity', identity],
  ])('that is %s in an open burns the ticket and counts', (_, share) => {
    const people = new TwoPeople()
    const open = people.open()
    const forged = alterOpen(open, () => ({ share }))
    expect(people.ann.handleOpen(forged, people.bobId, 0)).toMatchObject({ type: 'guessed' })
    expect(people.ann.handleOpen(open, people.bobId, 0)).toMatchObject({ reason: 'spentTicket' })
    expect(people.ann.guesses.count).toBe(1)
  })
})

describe('a ticket', () => {
  it.each([
    ['nobody', empty, 'wrongKind'],
    ['whom an open would be from', Uint8Array.of(3), 'wrongKind'],
    ['someone who cuts it short', Uint8Array.of(2, 1), 'badLength'],
  ])('from %s is none', (_, octets, reason) => {
    expect(new TwoPeople().bob.examine(octets, empty)).toBe(reason)
  })

  it('with octets behind it, or a length in too many of them, is none', () => {
    const people = new TwoPeople()
    const ticket = people.ann.make()
    expect(people.bob.examine(Uint8Array.of(...ticket, 0), people.annId)).toBe('badLength')
    const length = ticket[82] ?? 0
    const padded = Uint8Array.of(...ticket.subarray(0, 82), length | 0x80, 0, ...ticket.subarray(83))
    expect(people.bob.examine(padded, people.annId)).toBe('badLength')
  })

  it('is taken from the member only whose id is in it', () => {
    const people = new TwoPeople()
    expect(people.bob.examine(people.ann.make(), people.bobId)).toBe('wrongSender')
  })

  it('that comes back to its maker is not opened', () => {
    const people = new TwoPeople()
    const ticket = people.ann.make()
    expect(checkTicket(ticket, people.annId, people.annRegistry, [1])).toBe('ownId')
    people.annRegistry.rename(new Uint8Array(16).fill(7))
    expect(checkTicket(ticket, people.annId, people.annRegistry, [1])).toBe('ownId')
  })

  it('of a member that one is paired with is not opened', () => {
    const people = new TwoPeople()
    people.pair()
    expect(people.bob.examine(people.ann.make(), people.annId)).toBe('alreadyPaired')
  })

  it('with the associated data of the other role is none', () => {
    const people = new TwoPeople()
    const ticket = people.ticket()
    const associated = encodeNewcomerAssociated({
      ...{ id: people.annId, version: 1, versions: [1], nonce: identity },
    })
    expect(people.bob.examine(encodeTicket({ ...ticket, associated }), people.annId)).toBe('wrongRole')
  })

  it('that is opened a second time by the same newcomer is refused, so that they ask for another', () => {
    const people = new TwoPeople()
    const octets = people.ann.make()
    people.prove(people.open(people.ticket(octets)))
    people.bob.abandon(people.annId)
    const outcome = people.ann.handleOpen(people.open(people.ticket(octets)), people.bobId, 0)
    expect(outcome).toMatchObject({ type: 'refused', reason: 'spentTicket' })
    expect(people.ann.guesses.count).toBe(0)
  })

  it('is opened once at a time', () => {
    const people = new TwoPeople()
    people.open()
    expect(people.bob.open(people.ticket(), offer)).toEqual({ type: 'refused', reason: 'alreadyOpened' })
  })

  it.each<[string, (ticket: Ticket) => Partial<Ticket>]>([
    ['sid', () => ({ sid: identity })],
    ['door', ({ member }) => ({ member: { ...member, door: 'knock' } })],
    ['commitment', ({ member }) => ({ member: { ...member, commitment: identity } })],
    ['list of versions', ({ member }) => ({ member: { ...member, versions: [1, 2] } })],
  ])('whose %s was changed gives a wrong proof', (_, change) => {
    const people = new TwoPeople()
    const ticket = people.ticket(alterTicket(people.ann.make(), change))
    const type = ticket.member.door === 'knock' ? 'knock' : 'offer'
    const open = people.open(ticket, { type, body: empty })
    expect(people.ann.handleOpen(open, people.bobId, 0)).toMatchObject({ type: 'guessed' })
  })
})

describe('an open', () => {
  it('made of the ticket itself is none', () => {
    const people = new TwoPeople()
    const ticket = people.ticket()
    const { id: ticketId, share, associated } = ticket
    const reflected = encodeOpen({ ticketId, share, tag: new Uint8Array(64), associated, envelope: empty })
    expect(people.ann.handleOpen(reflected, people.annId, 0)).toEqual({
      type: 'malformed',
      reason: 'wrongRole',
    })
  })

  it('from another than its id says, or from the member itself, is not looked at', () => {
    const people = new TwoPeople()
    const open = people.open()
    expect(people.ann.handleOpen(open, people.annId, 0)).toMatchObject({ reason: 'misdirected' })
    const own = alterOpen(open, ({ newcomer }) => ({
      associated: encodeNewcomerAssociated({ ...newcomer, id: people.annId }),
    }))
    expect(people.ann.handleOpen(own, people.annId, 0)).toMatchObject({ reason: 'misdirected' })
    expect(people.ann.handleOpen(open, people.bobId, 0).type).toBe('proven')
  })

  it('under the id of a member that is paired is not looked at', () => {
    const people = new TwoPeople()
    people.pair()
    const other = new TwoPeople()
    const open = other.open(other.ticket(people.ann.make()))
    expect(people.ann.handleOpen(open, people.bobId, 0)).toMatchObject({ reason: 'misdirected' })
  })

  it('in a version that was not the highest is not looked at', () => {
    const people = new TwoPeople()
    const open = alterOpen(people.open(), ({ newcomer }) => ({
      associated: encodeNewcomerAssociated({ ...newcomer, version: 2, versions: [1, 2] }),
    }))
    expect(people.ann.handleOpen(open, people.bobId, 0)).toMatchObject({ reason: 'wrongVersion' })
  })

  it.each<[string, (message: OpenMessage) => Partial<OpenMessage>]>([
    ['tag', () => ({ tag: new Uint8Array(64) })],
    ['nonce', ({ newcomer }) => ({ associated: encodeNewcomerAssociated({ ...newcomer, nonce: identity }) })],
    [
      'list of versions',
      ({ newcomer }) => ({ associated: encodeNewcomerAssociated({ ...newcomer, versions: [1, 7] }) }),
    ],
  ])('whose %s was changed is a guess', (_, change) => {
    const people = new TwoPeople()
    const open = alterOpen(people.open(), change)
    expect(people.ann.handleOpen(open, people.bobId, 0)).toMatchObject({ type: 'guessed' })
  })

  it('whose envelope was changed breaks off, and counts no guess', () => {
    const people = new TwoPeople()
    const open = people.open()
    const last = open.length - 1
    open[last] = (open[last] ?? 0) ^ 1
    expect(people.ann.handleOpen(open, people.bobId, 0)).toMatchObject({ type: 'broken' })
    expect(people.ann.guesses.count).toBe(0)
  })
})

describe('a reply', () => {
  it('with a wrong tag changes nothing', () => {
    const people = new TwoPeople()
    const reply = people.prove(people.open()).channel.seal(answer) ?? empty
    const forged = reply.slice()
    forged[1] = (forged[1] ?? 0) ^ 1
    expect(people.bob.handleReply(forged, people.annId, 0)).toEqual({ type: 'dropped', reason: 'wrongTag' })
    expect(people.confirm(reply).channel.shift()).toEqual(answer)
  })

  it('with the newcomer’s own tag is not taken: the roles differ', () => {
    const people = new TwoPeople()
    const open = people.open()
    const message = decodeOpen(open)
    if (typeof message === 'string') throw new TypeError(message)
    const reflected = encodeReply({ tag: message.tag, envelope: message.envelope })
    expect(people.bob.handleReply(reflected, people.annId, 0)).toMatchObject({ reason: 'wrongTag' })
  })

  it('whose envelope was changed leaves the true one welcome', () => {
    const people = new TwoPeople()
    const reply = people.prove(people.open()).channel.seal(answer) ?? empty
    const forged = reply.slice()
    forged[200] = (forged[200] ?? 0) ^ 1
    expect(people.bob.handleReply(forged, people.annId, 0)).toMatchObject({ reason: 'badEnvelope' })
    expect(people.confirm(reply).channel.shift()).toEqual(answer)
  })

  it('that reveals another nonce than the ticket committed to breaks off', () => {
    const people = new TwoPeople()
    const random = new SeededRandom(5)
    const purpose = { secret: new RoomSecret(canoe), memberId: people.annId, door: 'open' } as const
    const made = makeTicket({ ...purpose, version: 1, versions: [1] }, random)
    const ticket = people.ticket(made.octets)
    const open = decodeOpen(people.open(ticket))
    if (typeof open === 'string') throw new TypeError(open)
    const proof = proveAsMember(made.sid, made.scalar, made, open)
    if (proof === undefined) throw new TypeError()
    // Ann's own book would reveal made.nonce; this one has found a better one.
    const reply = replyWith(proof, people, random.bytes(32))
    expect(people.bob.handleReply(reply, people.annId, 0)).toEqual({ type: 'broken', reason: 'wrongNonce' })
    expect(commitTo(made.nonce, made.sid)).toEqual(ticket.member.commitment)
  })

  it.each([
    [empty, 'wrongKind'],
    [Uint8Array.of(4), 'badLength'],
  ])('is not %j', (octets, reason) => expect(decodeReply(octets)).toBe(reason))
})

describe('versions', () => {
  const secret = new RoomSecret(canoe)
  const memberId = new Uint8Array(16).fill(1)
  const purpose = { secret, memberId, door: 'open', version: 1 } as const

  it('are agreed on: a ticket of a lower one than both speak is refused', () => {
    const { bobRegistry } = new TwoPeople()
    const made = makeTicket({ ...purpose, versions: [1, 2] }, new SeededRandom(1))
    expect(checkTicket(made.octets, memberId, bobRegistry, [1, 2])).toBe('downgraded')
    expect(checkTicket(made.octets, memberId, bobRegistry, [3])).toBe('noCommonVersion')
    expect(checkTicket(made.octets, memberId, bobRegistry, [1])).toHaveProperty('version', 1)
  })

  it('that are stripped from a ticket change the key', () => {
    const { bobRegistry } = new TwoPeople()
    const made = makeTicket({ ...purpose, versions: [1, 2] }, new SeededRandom(1))
    const stripped = alterTicket(made.octets, ({ member }) => ({ member: { ...member, versions: [1] } }))
    const ticket = checkTicket(stripped, memberId, bobRegistry, [1, 2])
    if (typeof ticket === 'string') throw new TypeError(ticket)
    const associated = encodeNewcomerAssociated({
      ...{ id: bobRegistry.id, version: 1, versions: [1, 2], nonce: identity },
    })
    const input = secret.input(ticket.sid)
    const bob = proveAsNewcomer(input, ticket, associated, new SeededRandom(2))
    if (bob === undefined) throw new TypeError()
    const ann = proveAsMember(made.sid, made.scalar, made, { share: bob.share, associated })
    expect(ann && isProven(ann, bob.proof.ownTag)).toBe(false)
    expect(made.scalar).toEqual(identity)
  })
})

describe('another word, room or id', () => {
  it('never gives the same key', () => {
    forEachSeed(12, (seed) => {
      const random = new SeededRandom(seed)
      const code = generateWordsCode('4821', random)
      const others: RoomCode[] = [
        { ...code, nameplate: '4822' },
        { ...code, words: [code.words[1], code.words[0], code.words[2]] },
        { ...code, words: [code.words[0], code.words[1], 'zoo'] },
        { kind: 'chosen', nameplate: '4821', secret: code.words.join(' ') },
      ]
      for (const other of others) {
        const people = new TwoPeople(seed, code, other)
        const open = people.open()
        expect(people.ann.handleOpen(open, people.bobId, 0).type).toBe('guessed')
      }
      const people = new TwoPeople(seed, code)
      const { ann, bob, reply } = people.pair()
      expect(equalConstantTime(ann.pid, bob.pid)).toBe(true)
      expect(new TwoPeople(seed + 1000, code).pair().ann.receive(reply, 0)).toBe('foreign')
    })
  })
})

/** What a key is made of; `member` and `newcomer` are what is different in their associated data. */
interface KeyInput {
  code: RoomCode | OpenRoom
  sid: Uint8Array
  member: object
  newcomer: object
}

describe('a key', () => {
  const member = { id: identity.slice(16), versions: [1], door: 'open', commitment: identity } as const
  const newcomer = { id: identity.slice(16), version: 1, versions: [1], nonce: identity }
  const other = new Uint8Array(32).fill(1)
  const base: KeyInput = { code: canoe, sid: identity, member: {}, newcomer: {} }

  const version = { version: 1, versions: [1] }

  /** The newcomer's key, the same randomness given, for a ticket with a fixed share. */
  function keyOf(change: Partial<KeyInput>): string {
    const { code, sid, ...changed } = { ...base, ...change }
    const made = makeTicket(
      { secret: new RoomSecret(canoe), memberId: member.id, door: 'open', ...version },
      new SeededRandom(1),
    )
    const associated = encodeMemberAssociated({ ...member, ...changed.member })
    const ticket = { share: made.share, associated }
    const said = encodeNewcomerAssociated({ ...newcomer, ...changed.newcomer })
    const bob = proveAsNewcomer(new RoomSecret(code).input(sid), ticket, said, new SeededRandom(2))
    return formatHex(bob?.proof.keys.sealOut ?? empty)
  }

  it('is another one for every other input', () => {
    const changes: Partial<KeyInput>[] = [
      {},
      { code: { kind: 'words', nameplate: '4821', words: ['canoe', 'velvet', 'olive'] } },
      { code: { ...canoe, nameplate: '4822' } },
      { code: { kind: 'open', nameplate: '4821' } },
      { sid: other },
      { member: { id: other.slice(16) } },
      { member: { versions: [1, 2] } },
      { member: { door: 'knock' } },
      { member: { commitment: other } },
      { newcomer: { id: other.slice(16) } },
      { newcomer: { version: 2, versions: [1, 2] } },
      { newcomer: { versions: [1, 2] } },
      { newcomer: { nonce: other } },
    ]
    expect(new Set(changes.map(keyOf)).size).toBe(changes.length)
    expect(keyOf({})).toBe(keyOf({}))
  })
})

describe('guessing', () => {
  const guess = (people: TwoPeople, now: number) => {
    const other = new TwoPeople(now + 7, canoe, generateWordsCode('4821', new SeededRandom(now + 1)))
    const ticket = other.bob.examine(people.ann.make(), people.annId)
    if (typeof ticket === 'string') throw new TypeError(ticket)
    return people.ann.handleOpen(other.open(ticket), other.bobId, now)
  }

  it('is noticed at five, slowed down at ten, and ended for a chosen code', () => {
    const people = new TwoPeople(1, { kind: 'chosen', nameplate: '4821', secret: 'under the rug' })
    const outcomes = Array.from({ length: 11 }, () => guess(people, 0))
    expect(
      outcomes.map((outcome) => ('warning' in outcome ? (outcome.warning ?? '') : outcome.type)),
    ).toEqual(['', '', '', '', 'guessing', '', '', '', '', 'closed', 'refused'])
    expect(outcomes[10]).toMatchObject({ reason: 'closed' })
    expect(people.ann.guesses).toEqual({ count: 10, isClosed: true })
    expect(people.ann.handleOpen(people.open(), people.bobId, 1e9)).toMatchObject({ reason: 'closed' })
  })

  it('makes even those wait who know the code; their open is good later', () => {
    const people = new TwoPeople()
    for (let i = 0; i < 10; i++) expect(guess(people, 0).type).toBe('guessed')
    const open = people.open()
    const outcome = people.ann.handleOpen(open, people.bobId, 9999)
    expect(outcome).toMatchObject({ type: 'refused', reason: 'later' })
    if (outcome.type !== 'refused') throw new TypeError()
    expect(people.bob.handleRefusal(outcome.answer, people.annId)).toBe('later')
    expect(people.bob.unacknowledged(people.annId)).toEqual([open])
    expect(people.ann.handleOpen(open, people.bobId, 10_000).type).toBe('proven')
  })
})
