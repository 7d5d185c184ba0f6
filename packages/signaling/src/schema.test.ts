import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SchemaError } from './index.ts'
import {
  bool,
  borrowed,
  choice,
  fixed,
  fixedOrEmpty,
  list,
  octets,
  rest,
  text,
  u8,
  u16,
  u32,
  union,
} from './schema.ts'
import {
  type ClientFrame,
  clientFrame,
  decode,
  encode,
  pairMessage,
  type ServerFrame,
  serverFrame,
  type Union,
} from './wire.ts'

const anyBytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => Uint8Array.from(bytes))
const anyU32 = fc.nat(0xffff_ffff)
const anyId = anyBytes(16).map((bytes) => Buffer.from(bytes).toString('base64url'))
const anyNameplate = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 4, maxLength: 9 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => `k-${text}`),
)
const anyEnvelope = fc.uint8Array({ maxLength: 300 }).map((bytes) => Uint8Array.from(bytes))
const anyTicket = fc.uint8Array({ maxLength: 255 }).map((bytes) => Uint8Array.from(bytes))
const anyText = fc.string({ unit: 'grapheme', maxLength: 20 })
const anyMembers = fc.array(
  fc.record({ memberId: anyId, ordinal: anyU32, isAway: fc.boolean(), ticket: anyTicket }),
  { maxLength: 5 },
)
const anyIceOffer = {
  iceServers: fc.array(
    fc.record({ urls: fc.array(anyText, { maxLength: 3 }), username: anyText, credential: anyText }),
    { maxLength: 3 },
  ),
  iceLifetimeMs: anyU32,
}

const anyClientFrame: fc.Arbitrary<ClientFrame> = fc.oneof(
  fc.record({ type: fc.constant('hello'), version: fc.nat(255), session: anyBytes(16), received: anyU32 }),
  fc.record({ type: fc.constantFrom('ack', 'ping', 'pong'), ack: anyU32 }),
  fc.record({
    type: fc.constant('item'),
    seq: anyU32,
    ack: anyU32,
    message: fc.oneof(
      fc.record({ type: fc.constant('create'), memberId: anyId }),
      fc.record({
        type: fc.constant('join'),
        nameplate: anyNameplate,
        memberId: anyId,
        ordinal: anyU32,
        token: fc.oneof(anyBytes(0), anyBytes(32)),
        ifEmpty: fc.constantFrom('refuse', 'wait'),
      }),
      fc.record({ type: fc.constant('leave') }),
      fc.record({ type: fc.constant('send'), to: anyId, envelope: anyEnvelope }),
      fc.record({ type: fc.constant('look'), nameplate: anyNameplate, memberId: anyId }),
      fc.record({
        type: fc.constant('leaveTickets'),
        isAnew: fc.boolean(),
        tickets: fc.array(anyTicket, { maxLength: 16 }),
      }),
      fc.record({ type: fc.constantFrom('askTicket', 'confirm', 'reportGuess'), memberId: anyId }),
    ),
  }),
)

const anyServerFrame: fc.Arbitrary<ServerFrame> = fc.oneof(
  fc.record({
    type: fc.constant('welcome'),
    isResumed: fc.boolean(),
    received: anyU32,
    pingEveryMs: fc.nat(0xffff),
    deadAfterMs: fc.nat(0xffff),
    graceMs: anyU32,
  }),
  fc.record({
    type: fc.constant('goodbye'),
    code: fc.constantFrom('restarting', 'replaced'),
    retryAfterMs: anyU32,
  }),
  fc.record({
    type: fc.constant('item'),
    seq: anyU32,
    ack: anyU32,
    message: fc.oneof(
      fc.record({
        type: fc.constant('joined'),
        nameplate: anyNameplate,
        ordinal: anyU32,
        token: anyBytes(32),
        members: anyMembers,
        ...anyIceOffer,
      }),
      fc.record({
        type: fc.constant('looked'),
        nameplate: anyNameplate,
        members: anyMembers,
        ...anyIceOffer,
      }),
      fc.record({ type: fc.constant('ticket'), memberId: anyId, ticket: anyTicket }),
      fc.record({ type: fc.constant('ticketsWanted'), count: fc.nat(255) }),
      fc.record({ type: fc.constant('confirmed'), token: anyBytes(32) }),
      fc.record({ type: fc.constantFrom('memberAway', 'memberBack'), memberId: anyId }),
      fc.record({
        type: fc.constant('memberLeft'),
        memberId: anyId,
        reason: fc.constantFrom('left', 'expired'),
      }),
      fc.record({ type: fc.constant('envelope'), from: anyId, envelope: anyEnvelope }),
    ),
  }),
)

/** Round trip, and refusal of everything shorter or longer. */
function check<T extends object>(schema: Union<T>, message: T): void {
  const bytes = encode(schema, message)
  expect(decode(schema, bytes)).toEqual(message)
  const padded = new Uint8Array(bytes.length + 9).fill(7)
  padded.set(bytes, 4)
  expect(decode(schema, padded, 4, 4 + bytes.length)).toEqual(message)
}

describe('the schema', () => {
  it('reads back every frame of a client', () => {
    fc.assert(fc.property(anyClientFrame, (frame) => check(clientFrame, frame)))
  })

  it('reads back every frame of a server', () => {
    fc.assert(fc.property(anyServerFrame, (frame) => check(serverFrame, frame)))
  })

  it('never throws, and reads from any octets only what it would write', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const schemas: readonly Union<object>[] = [clientFrame, serverFrame, pairMessage]
        for (const schema of schemas) {
          const message = decode(schema, bytes)
          if (typeof message !== 'string') expect(encode(schema, message)).toEqual(Uint8Array.from(bytes))
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('refuses a frame that is cut short anywhere, and one with something behind it', () => {
    const bytes = encode(clientFrame, { type: 'hello', version: 1, session: new Uint8Array(16), received: 5 })
    expect(decode(clientFrame, bytes, 0, 0)).toBe('empty')
    for (let end = 1; end < bytes.length; end++) expect(decode(clientFrame, bytes, 0, end)).toBe('badField')
    expect(decode(clientFrame, Uint8Array.of(...bytes, 0))).toBe('trailingBytes')
  })

  it('refuses unknown types, of frames and of messages', () => {
    expect(decode(clientFrame, Uint8Array.of(0x99))).toBe('unknownType')
    expect(decode(clientFrame, Uint8Array.of(3, 0, 0, 0, 1, 0, 0, 0, 0, 0x20))).toBe('badField')
  })
})

describe('a field', () => {
  const schema = union({
    message: [
      1,
      {
        flag: bool,
        word: choice(['a', 'b']),
        pass: fixedOrEmpty(2),
        short: text(3),
        long: text(300),
        numbers: list(u16, 2),
        body: rest(4),
      },
    ],
  })
  const sound = {
    type: 'message',
    flag: true,
    word: 'b',
    pass: Uint8Array.of(1, 2),
    short: 'é',
    long: 'x',
    numbers: [1],
    body: Uint8Array.of(9),
  } as const
  const wire = [1, 1, 1, 2, 1, 2, 2, 0xc3, 0xa9, 0, 1, 0x78, 1, 0, 1, 9]

  it('lies on the wire as PROTOCOL.md §2 says', () => {
    expect([...encode(schema, sound)]).toEqual(wire)
    expect(decode(schema, Uint8Array.from(wire))).toEqual(sound)
  })

  it.each([
    ['a bool of 2', 1, 2],
    ['a word that is not there', 2, 2],
    ['a pass of another length', 3, 1],
    ['a text that is too long', 6, 4],
    ['UTF-8 that is cut off', 7, 0x41],
    ['a long text that is too long', 9, 2],
    ['too many items', 12, 3],
  ])('refuses %s', (_, at, value) => {
    expect(decode(schema, Uint8Array.from(wire.with(at, value)))).toBe('badField')
  })

  it('refuses a rest that is too long', () => {
    expect(decode(schema, Uint8Array.from([...wire, 1, 2, 3]))).toMatchObject({ type: 'message' })
    expect(decode(schema, Uint8Array.from([...wire, 1, 2, 3, 4]))).toBe('badField')
  })

  it.each([
    ['a word that is not there', { word: 'c' }],
    ['a pass of another length', { pass: new Uint8Array(3) }],
    ['a text that is too long', { short: 'éé' }],
    ['a number that does not fit', { numbers: [70_000] }],
    ['a fraction', { numbers: [1.5] }],
    ['too many items', { numbers: [1, 2, 3] }],
    ['a rest that is too long', { body: new Uint8Array(5) }],
  ])('does not write %s', (_, change) => {
    expect(() => encode(schema, Object.assign({ ...sound }, change))).toThrow(SchemaError)
  })

  it('does not write what is larger than the caller allows', () => {
    expect(() => encode(schema, sound, wire.length - 1)).toThrow(SchemaError)
  })

  it('holds the largest integers', () => {
    const integers = union({ message: [1, { a: u8, b: u16, c: u32 }] })
    const message = { type: 'message', a: 0xff, b: 0xffff, c: 0xffff_ffff } as const
    expect(decode(integers, encode(integers, message))).toEqual(message)
  })
})

describe('octets of any number', () => {
  const schema = union({ one: [1, { few: octets(3), many: octets(300) }] })

  it('have their length before them', () => {
    const message = { type: 'one', few: Uint8Array.of(7), many: new Uint8Array(0) } as const
    expect([...encode(schema, message)]).toEqual([1, 1, 7, 0, 0])
    expect(decode(schema, Uint8Array.of(1, 1, 7, 0, 0))).toEqual(message)
  })

  it('are refused when there are more', () => {
    expect(decode(schema, Uint8Array.of(1, 4, 0, 0, 0, 0, 0, 0))).toBe('badField')
    const message = { type: 'one', few: new Uint8Array(4), many: new Uint8Array(0) } as const
    expect(() => encode(schema, message)).toThrow(SchemaError)
  })
})

describe('a nameplate', () => {
  it.each(['', '482', '0123456789', 'x'.repeat(193)])('is refused in the form of %o', (nameplate) => {
    const look = { type: 'look', nameplate, memberId: 'A'.repeat(22) } as const
    expect(() => encode(clientFrame, { type: 'item', seq: 1, ack: 0, message: look })).toThrow(SchemaError)
    const text = [...new TextEncoder().encode(nameplate)]
    const head = [3, 0, 0, 0, 1, 0, 0, 0, 0, 0x19, text.length]
    expect(decode(clientFrame, Uint8Array.from([...head, ...text, ...new Uint8Array(16)]))).toBe('badField')
  })
})

describe('octets', () => {
  it('of a fixed field are its own, of a borrowed one the input’s', () => {
    const schema = union({ both: [1, { own: fixed(2), lent: borrowed(2) }] })
    const input = Uint8Array.of(1, 2, 3, 4, 5)
    const message = decode(schema, input)
    input.fill(0)
    expect(message).toEqual({ type: 'both', own: Uint8Array.of(2, 3), lent: new Uint8Array(2) })
  })

  it('are as many as the field has', () => {
    const schema = union({ one: [1, { lent: borrowed(2) }] })
    expect(decode(schema, Uint8Array.of(1, 2))).toBe('badField')
    expect(() => encode(schema, { type: 'one', lent: new Uint8Array(3) })).toThrow(SchemaError)
  })
})
