import { forEachSeed, SeededRandom } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { MemberLink } from './member-link.ts'
import { type PairContent, pairEnvelope } from './pair-envelope.ts'
import { decode } from './schema.ts'

type Content = Exclude<PairContent, { type: 'reset' }>

const body = (n: number) => Uint8Array.of(n)

function read(envelope: Uint8Array | undefined): Content {
  const decoded = decode(pairEnvelope, envelope ?? new Uint8Array(0))
  if (typeof decoded === 'string' || decoded.content.type === 'reset') throw new TypeError('no message')
  return decoded.content
}

/** Everything that the link sends now. */
function drain(link: MemberLink): Content[] {
  const contents: Content[] = []
  for (let envelope = link.next(); envelope !== undefined; envelope = link.next())
    contents.push(read(envelope))
  return contents
}

function bodies(link: MemberLink): number[] {
  const found: number[] = []
  for (let next = link.shift(); next !== undefined; next = link.shift()) found.push(next[0] ?? -1)
  return found
}

function ends(): { opener: MemberLink; other: MemberLink } {
  return {
    opener: new MemberLink(true, new SeededRandom(1)),
    other: new MemberLink(false, new SeededRandom(2)),
  }
}

/** Both ends, with one message delivered, so that both know the link. */
function established(): { opener: MemberLink; other: MemberLink } {
  const { opener, other } = ends()
  opener.push(body(0))
  for (const content of drain(opener)) other.receive(content)
  bodies(other)
  opener.receive(read(other.ack()))
  return { opener, other }
}

describe('a link', () => {
  it('is opened by the newcomer; the other side waits, and then answers', () => {
    const { opener, other } = ends()
    other.push(body(9))
    expect(other.next()).toBeUndefined()
    opener.push(body(1))
    const [first] = drain(opener)
    expect(first).toMatchObject({ type: 'message', answering: 0, seq: 1, ack: 0 })
    if (first !== undefined) expect(other.receive(first)).toBe('accepted')
    expect(bodies(other)).toEqual([1])
    const [answer] = drain(other)
    expect(answer).toMatchObject({ seq: 1, ack: 1, opening: first?.opening })
    expect(answer?.answering).not.toBe(0)
  })

  it('has at most 32 messages on the way, and 256 in all', () => {
    const { opener } = established()
    let taken = 0
    while (opener.push(body(1))) taken++
    expect(taken).toBe(256)
    expect(drain(opener)).toHaveLength(32)
  })

  it('takes at most 1 MiB', () => {
    const { opener } = established()
    for (let i = 0; i < 16; i++) expect(opener.push(new Uint8Array(65_000))).toBe(true)
    expect(opener.push(new Uint8Array(65_000))).toBe(false)
  })

  it('drops duplicates, holds what comes early, and acknowledges both', () => {
    const { opener, other } = established()
    for (const n of [1, 2, 3]) opener.push(body(n))
    const [one, two, three] = drain(opener)
    if (one === undefined || two === undefined || three === undefined) throw new TypeError('three were sent')
    other.ack()
    other.receive(three)
    other.receive(three)
    expect(bodies(other)).toEqual([])
    expect(other.ackDue).toBe('soon')
    other.receive(one)
    other.receive(two)
    expect(bodies(other)).toEqual([1, 2, 3])
    other.receive(one)
    expect(bodies(other)).toEqual([])
    expect(read(other.ack()).ack).toBe(4)
    expect(other.ackDue).toBe('none')
  })

  it('holds at most 32 messages and 256 KiB for their predecessors', () => {
    const { other, opener } = established()
    const link = { opening: read(opener.ack()).opening, answering: read(other.ack()).answering, ack: 0 }
    for (let seq = 3; seq < 100; seq++) other.receive({ type: 'message', ...link, seq, body: body(seq) })
    other.receive({ type: 'message', ...link, seq: 2, body: body(2) })
    expect(bodies(other)).toHaveLength(33)
    for (let seq = 36; seq < 46; seq++) {
      other.receive({ type: 'message', ...link, seq, body: new Uint8Array(60_000) })
    }
    other.receive({ type: 'message', ...link, seq: 35, body: body(35) })
    expect(bodies(other)).toHaveLength(5)
  })

  it('asks to acknowledge at once after 16 messages', () => {
    const { opener, other } = established()
    for (let i = 0; i < 16; i++) opener.push(body(i))
    for (const content of drain(opener)) {
      expect(other.ackDue).not.toBe('now')
      other.receive(content)
    }
    expect(other.ackDue).toBe('now')
  })

  it('sends everything again that is not acknowledged, with the newest acknowledgement', () => {
    const { opener, other } = established()
    for (const n of [1, 2, 3]) opener.push(body(n))
    const [one] = drain(opener)
    if (one !== undefined) other.receive(one)
    other.push(body(7))
    for (const content of drain(other)) opener.receive(content)
    opener.rewind()
    expect(drain(opener).map((content) => [content.type === 'message' && content.seq, content.ack])).toEqual([
      [3, 1],
      [4, 1],
    ])
  })

  it('sends nothing after a stall until it is rewound, and no stall is left of what arrived after all', () => {
    const { opener, other } = established()
    opener.stall()
    expect(opener.isStalled).toBe(false)
    opener.push(body(1))
    const sent = drain(opener)
    opener.stall()
    opener.push(body(2))
    expect(drain(opener)).toEqual([])
    for (const content of sent) other.receive(content)
    opener.receive(read(other.ack()))
    expect(drain(opener)).toHaveLength(1)
  })

  it('knows an opener that has begun anew', () => {
    const { other } = established()
    const opener = new MemberLink(true, new SeededRandom(3))
    opener.push(body(1))
    const [first] = drain(opener)
    expect(first && other.receive(first)).toBe('begunAnew')
  })

  it('knows an opener that goes on with a link that was forgotten, and is reset', () => {
    const { opener } = established()
    const other = new MemberLink(false, new SeededRandom(4))
    opener.push(body(1))
    const [next] = drain(opener)
    expect(next && other.receive(next)).toBe('unknownLink')
    expect(opener.isResetBy(next?.opening ?? 0)).toBe(true)
    expect(opener.isResetBy(1)).toBe(false)
    expect(other.isResetBy(next?.opening ?? 0)).toBe(false)
  })

  it('knows an other side that has begun anew', () => {
    const { opener, other } = established()
    const { opening, answering } = read(other.ack())
    expect(opener.receive({ type: 'ack', opening, answering: answering ^ 1, ack: 1 })).toBe('begunAnew')
    expect(opener.receive({ type: 'ack', opening: opening ^ 1, answering, ack: 1 })).toBe('stale')
    expect(opener.receive({ type: 'ack', opening, answering: 0, ack: 1 })).toBe('stale')
  })

  it('ignores acknowledgements of what was never queued', () => {
    const { opener, other } = established()
    opener.push(body(1))
    drain(opener)
    opener.receive({ ...read(other.ack()), type: 'ack', ack: 77 })
    expect(opener.isWaiting).toBe(true)
  })

  it('delivers exactly once and in order over a way that loses, doubles and swaps', () => {
    forEachSeed(100, (seed) => {
      const random = new SeededRandom(seed)
      const { opener, other } = ends()
      const way: { to: MemberLink; content: Content }[] = []
      const got: number[] = []
      let sent = 0
      for (let step = 0; step < 3000 && got.length < 100; step++) {
        if (sent < 100 && random.chance(0.2) && opener.push(body(sent))) sent++
        for (const content of drain(opener)) way.push({ to: other, content })
        if (other.ackDue !== 'none') way.push({ to: opener, content: read(other.ack()) })
        const [item] = way.splice(random.integer(Math.min(way.length, 4)), 1)
        if (item !== undefined && random.chance(0.8)) item.to.receive(item.content)
        if (item !== undefined && random.chance(0.2)) way.push(item)
        if (random.chance(0.02)) opener.rewind()
        got.push(...bodies(other))
      }
      expect(got).toEqual(Array.from({ length: 100 }, (_, i) => i))
    })
  })
})
