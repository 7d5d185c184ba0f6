import { formatHex, parseHex, SeededRandom } from '@crowfly/testkit'
import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { describe, expect, it } from 'vitest'
import { decodeEnvelope, endOfSequence, maxEnvelopeBytes } from './envelope.ts'
import { openEnvelope, sealEnvelope } from './envelope-cipher.ts'
import { type MessageType, messageCode } from './message-type.ts'
import { OpeningSide } from './opening-side.ts'
import { PairingKeys } from './pairing-keys.ts'
import { decodePlaintext, encodePlaintext, maxBodyBytes } from './plaintext.ts'
import { SealedChannel } from './sealed-channel.ts'
import { SealingSide } from './sealing-side.ts'

const random = new SeededRandom(1)
const route = {
  nameplate: random.bytes(4),
  pid: random.bytes(8),
  from: random.bytes(16),
  to: random.bytes(16),
}
const key = random.bytes(32)

describe('the keys of a pairing', () => {
  it('are the ones of RFC 5869 over the session key, a pair for each direction', async () => {
    const { hkdfSync } = await import('node:crypto')
    const sessionKey = new SeededRandom(2).bytes(64)
    const derive = (label: string, length = 32): Uint8Array =>
      new Uint8Array(hkdfSync('sha512', sessionKey, 'crowfly-pair-1', `crowfly-pair-1 ${label}`, length))
    const member = new PairingKeys(sessionKey.slice(), 'member')
    expect(member).toMatchObject({
      sealOut: derive('seal a>b'),
      sealIn: derive('seal b>a'),
      bindOut: derive('bind a>b'),
      bindIn: derive('bind b>a'),
    })
    const wiped = sessionKey.slice()
    const newcomer = new PairingKeys(wiped, 'newcomer')
    expect([newcomer.sealOut, newcomer.sealIn]).toEqual([member.sealIn, member.sealOut])
    expect([newcomer.bindOut, newcomer.bindIn]).toEqual([member.bindIn, member.bindOut])
    expect(wiped).toEqual(new Uint8Array(64))
    expect(member.deriveEmoji(parseHex('61'), parseHex('62'), 6)).toEqual(derive('emojiab', 6))
  })
})

describe('a plaintext', () => {
  const lengths = [0, 1, 1011, 1012, 8179, 8180, 16_371, 16_372, 32_755, 32_756, maxBodyBytes]

  it.each<[MessageType, number[]]>([
    ['offer', [8, 8, 8, 8, 8, 16, 16, 32, 32, 63, 63]],
    ['answer', [8, 8, 8, 8, 8, 16, 16, 32, 32, 63, 63]],
    ['candidates', [1, 1, 1, 2, 8, 9, 16, 17, 32, 33, 63]],
    ['ack', [1, 1, 1, 2, 8, 9, 16, 17, 32, 33, 63]],
  ])('of the type %s has a length that depends on the bucket only', (type, kibibytes) => {
    for (const [i, length] of lengths.entries()) {
      const message = { type, ack: 7, body: new SeededRandom(i).bytes(length) }
      const octets = encodePlaintext(message)
      expect(octets.length / 1024).toBe(kibibytes[i])
      expect(decodePlaintext(octets)).toEqual(message)
    }
  })

  it.each([
    ['nothing', () => new Uint8Array(0)],
    ['less than a header', () => new Uint8Array(12)],
    ['an unknown type', (octets: Uint8Array) => octets.fill(99, 0, 1)],
    ['an acknowledgement of 2³² and more', (octets: Uint8Array) => octets.fill(1, 4, 5)],
    ['a length above what is there', (octets: Uint8Array) => octets.fill(1, 9, 10)],
    ['padding that is not zero', (octets: Uint8Array) => octets.fill(1, 1023)],
    [
      'more padding than there has to be',
      (octets: Uint8Array) => Uint8Array.of(...octets, ...new Uint8Array(1024)),
    ],
    ['the padding of another type', (octets: Uint8Array) => octets.fill(messageCode('offer'), 0, 1)],
  ])('is not %s', (_, alter) => {
    const octets = encodePlaintext({ type: 'message', ack: 0, body: new Uint8Array(5).fill(1) })
    expect(decodePlaintext(octets)).toBeDefined()
    expect(decodePlaintext(alter(octets))).toBeUndefined()
  })
})

describe('an envelope', () => {
  it('is RFC 8439’s AEAD under a nonce that is its number', () => {
    const plaintext = new Uint8Array(1024).fill(7)
    const envelope = sealEnvelope(key, route, 0x0102, plaintext)
    const header = `01${formatHex(route.pid)}0000000000000102`
    expect(formatHex(envelope.subarray(0, 17))).toBe(header)
    const associated = `0d${Buffer.from('crowfly-env-1').toString('hex')}04${formatHex(route.nameplate)}10${formatHex(route.from)}10${formatHex(route.to)}11${header}`
    const cipher = chacha20poly1305(key, parseHex('000000000000000000000102'), parseHex(associated))
    expect(formatHex(envelope.subarray(17))).toBe(formatHex(cipher.encrypt(plaintext)))
    const decoded = decodeEnvelope(envelope)
    if (typeof decoded === 'string') throw new TypeError(decoded)
    expect(openEnvelope(key, route, decoded)).toEqual(plaintext)
  })

  it.each([
    ['0100112233445566770000000000000001', 1023, 'badLength'],
    ['0100112233445566770000000000000001', 1025, 'badLength'],
    ['0100112233445566770000000000000001', 65 * 1024, 'badLength'],
    ['0100112233445566770000000100000001', 1024, 'badSequence'],
    ['0100112233445566770000000000000000', 1024, 'badSequence'],
    ['0200112233445566770000000000000001', 1024, 'wrongKind'],
  ])('is not %s and %i octets', (header, length, reason) => {
    const bytes = new Uint8Array(17 + length + 16)
    bytes.set(parseHex(header))
    expect(decodeEnvelope(bytes)).toBe(reason)
  })

  it('leaves room in 64 KiB for the open or reply that it travels in', () => {
    expect(maxEnvelopeBytes).toBeLessThanOrEqual(65_536 - 512)
  })
})

describe('a key', () => {
  it('seals no number twice, and none from 2³² on', () => {
    const side = new SealingSide(key.slice(), route, (envelope) => envelope, endOfSequence - 2)
    expect(side.isExhausted).toBe(false)
    const last = decodeEnvelope(side.seal('message', 0, new Uint8Array(0)))
    expect(last).toHaveProperty('seq', endOfSequence - 1)
    expect(side.isExhausted).toBe(true)
  })
})

describe('a sender who has the keys and breaks the rules', () => {
  const make = (): { channel: SealedChannel; send: (seq: number, plaintext: Uint8Array) => Uint8Array } => {
    const sealIn = random.bytes(32)
    const back = { ...route, from: route.to, to: route.from }
    const keys = { sealOut: random.bytes(32), sealIn: sealIn.slice() }
    const { pid, nameplate, from: own, to: peer } = route
    const channel = new SealedChannel({
      keys,
      pid,
      nameplate,
      own,
      peer,
      wrapFirst: (envelope) => envelope,
      preamble: key,
      peerPreambleBytes: 0,
    })
    return { channel, send: (seq, plaintext) => sealEnvelope(sealIn, back, seq, plaintext) }
  }

  it('is left at a plaintext that is none', () => {
    const { channel, send } = make()
    expect(channel.receive(send(1, new Uint8Array(1024).fill(255)), 0)).toBe('failed')
    expect(channel.failure).toBe('badPlaintext')
  })

  it('is left when they acknowledge what was never sent', () => {
    const { channel, send } = make()
    const plaintext = encodePlaintext({ type: 'ack', ack: 1, body: new Uint8Array(0) })
    expect(channel.receive(send(1, plaintext), 0)).toBe('failed')
    expect(channel.failure).toBe('badAck')
  })

  it('is left when more is to be held than may be', () => {
    const { channel, send } = make()
    const plaintext = encodePlaintext({ type: 'message', ack: 0, body: new Uint8Array(0) })
    for (let seq = 2; seq <= 33; seq++) expect(channel.receive(send(seq, plaintext), 0)).toBe('held')
    expect(channel.receive(send(34, plaintext), 0)).toBe('failed')
    expect(channel.failure).toBe('overflow')
  })

  it('is left when too many octets are to be held', () => {
    const side = new OpeningSide(key.slice(), route)
    const plaintext = encodePlaintext({ type: 'message', ack: 0, body: new Uint8Array(maxBodyBytes) })
    const receive = (seq: number) => {
      const envelope = decodeEnvelope(sealEnvelope(key, route, seq, plaintext))
      if (typeof envelope === 'string') throw new TypeError(envelope)
      return side.receive(envelope, 0)
    }
    expect([2, 3, 4, 5, 6].map(receive)).toEqual(['held', 'held', 'held', 'held', 'overflow'])
  })
})
