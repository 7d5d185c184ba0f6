import { type Datagram, formatTransportAddress, type PathId, PathTable, parseAddress } from '@crowfly/sansio'
import { formatHex, parseHex, testCrypto } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { AttributeType } from './attribute-type.ts'
import { decodeErrorCode } from './attributes/error-code.ts'
import { checkFingerprint, encodeFingerprint } from './attributes/fingerprint.ts'
import { decodeMappedAddress } from './attributes/mapped-address.ts'
import { encodeMessageIntegrity } from './attributes/message-integrity.ts'
import { decodeSoftware } from './attributes/software.ts'
import { decodeUnknownAttributes } from './attributes/unknown-attributes.ts'
import { decodeXorMappedAddress } from './attributes/xor-mapped-address.ts'
import { BindingServer } from './binding-server.ts'
import { StunMessage } from './message.ts'
import type { MessageClass } from './message-type.ts'
import { StunMessageWriter } from './message-writer.ts'

const ID = parseHex('b7e7a701bc34d686fa87dfae')

function transportAddress(family: 4 | 6, text: string, port: number) {
  return { family, address: parseAddress(text) ?? new Uint8Array(0), port }
}

function setUp(software?: string) {
  const paths = new PathTable({ capacity: 8 })
  const server = new BindingServer(software === undefined ? { paths } : { paths, software })
  const v4 = paths.intern(
    'udp',
    transportAddress(4, '192.0.2.1', 3478),
    transportAddress(4, '198.51.100.7', 50000),
  )
  const v6 = paths.open(
    'tcp',
    transportAddress(6, '2001:db8::1', 3478),
    transportAddress(6, '2001:db8::7:1', 443),
  )
  return { server, v4, v6 }
}

function requestOf(
  write: (writer: StunMessageWriter) => void = () => {},
  messageClass: MessageClass = 'request',
): Uint8Array {
  const writer = new StunMessageWriter(new Uint8Array(1024))
  writer.writeHeader(0x001, messageClass, ID)
  write(writer)
  return writer.message
}

/** The reply as a message, decoded in the server's buffer; undefined when there is none. */
function ask(server: BindingServer, path: PathId, bytes: Uint8Array): StunMessage | undefined {
  server.handleDatagram({ bytes, start: 0, end: bytes.length, path }, 0)
  const out: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: -1 }
  if (!server.pollTransmit(out)) return undefined
  expect(out.path).toBe(path)
  expect(server.pollTransmit(out)).toBe(false)
  const reply = new StunMessage()
  expect(reply.decodeWithClassic(out.bytes, out.start, out.end)).toBeUndefined()
  return reply
}

function mappedAddress(reply: StunMessage | undefined): string | undefined {
  const address = reply && decodeXorMappedAddress(reply)
  return address && formatTransportAddress(address)
}

describe('BindingServer', () => {
  it('answers with the address that the request came from, over IPv4 and IPv6', () => {
    const { server, v4, v6 } = setUp()
    const reply = ask(server, v4, requestOf())
    expect(reply?.messageClass).toBe('successResponse')
    expect(reply?.method).toBe(0x001)
    expect(reply?.hasTransactionId(ID)).toBe(true)
    expect(mappedAddress(reply)).toBe('198.51.100.7:50000')
    expect(mappedAddress(ask(server, v6, requestOf()))).toBe('[2001:db8::7:1]:443')
    expect(server.counters.succeeded).toBe(2)
  })

  it('answers byte for byte the same to the same request', () => {
    const { server, v4 } = setUp()
    const reply = ask(server, v4, requestOf())
    expect(reply && formatHex(reply.bytes.slice(reply.start, reply.end))).toBe(
      '0101000c2112a442b7e7a701bc34d686fa87dfae' + '00200008' + '0001e242' + 'e721c045',
    )
  })

  it('leaves FINGERPRINT out unless the request had it', () => {
    const { server, v4, v6 } = setUp()
    expect(ask(server, v4, requestOf())?.has(AttributeType.FINGERPRINT)).toBe(false)
    for (const path of [v4, v6]) {
      const reply = ask(server, path, requestOf(encodeFingerprint))
      expect(reply && checkFingerprint(reply)).toBe('right')
      expect(mappedAddress(reply)).toBeDefined()
    }
  })

  it('ignores attributes that it knows or may ignore, credentials among them', () => {
    const { server, v4 } = setUp()
    const request = requestOf((writer) => {
      writer.writeAttribute(0xc057, new Uint8Array(4))
      writer.writeAttribute(AttributeType.USERNAME, new Uint8Array(5))
      encodeMessageIntegrity(writer, new Uint8Array(3), testCrypto)
      encodeFingerprint(writer)
    })
    const reply = ask(server, v4, request)
    expect(mappedAddress(reply)).toBe('198.51.100.7:50000')
    expect(reply?.has(AttributeType.MESSAGE_INTEGRITY)).toBe(false)
  })

  it('names itself in SOFTWARE when told to', () => {
    const { server, v6 } = setUp('Crowfly 0.1')
    const reply = ask(server, v6, requestOf(encodeFingerprint))
    expect(reply && decodeSoftware(reply)).toBe('Crowfly 0.1')
    expect(reply && checkFingerprint(reply)).toBe('right')
    const refusal = ask(
      server,
      v6,
      requestOf((writer) => writer.writeAttribute(0x0024, new Uint8Array(4))),
    )
    expect(refusal && decodeSoftware(refusal)).toBe('Crowfly 0.1')
  })
})

describe('a request with unknown comprehension-required attributes', () => {
  it('is refused with 420 and the list of them', () => {
    const { server, v4 } = setUp()
    const request = requestOf((writer) => {
      writer.writeAttribute(0x0024, new Uint8Array(4))
      writer.writeAttribute(0x0025, new Uint8Array(0))
      encodeFingerprint(writer)
    })
    const reply = ask(server, v4, request)
    expect(reply?.messageClass).toBe('errorResponse')
    expect(reply?.hasTransactionId(ID)).toBe(true)
    expect(reply && decodeErrorCode(reply)).toEqual({ code: 420, reason: '' })
    expect(reply && decodeUnknownAttributes(reply)).toEqual([0x0024, 0x0025])
    expect(reply && checkFingerprint(reply)).toBe('right')
    expect(server.counters).toMatchObject({ refused: 1, succeeded: 0 })
  })

  it('is told nothing that it need not know', () => {
    const { server, v4 } = setUp()
    const reply = ask(
      server,
      v4,
      requestOf((writer) => writer.writeAttribute(0x0024, new Uint8Array(0))),
    )
    expect(reply && formatHex(reply.bytes.slice(reply.start, reply.end))).toBe(
      '011100102112a442b7e7a701bc34d686fa87dfae' + '0009000400000414' + '000a000200240000',
    )
  })

  it('is refused with a list that has an end', () => {
    const { server, v4 } = setUp('a name')
    const request = requestOf((writer) => {
      for (let type = 0x4000; type < 0x4080; type++) writer.writeAttribute(type, new Uint8Array(0))
      encodeFingerprint(writer)
    })
    const reply = ask(server, v4, request)
    expect(reply && decodeUnknownAttributes(reply)?.length).toBe(32)
    expect(reply && checkFingerprint(reply)).toBe('right')
  })
})

describe('what is no request', () => {
  it.each<[string, Uint8Array, object]>([
    ['a Binding indication', requestOf(undefined, 'indication'), { indications: 1 }],
    ['a response', requestOf(undefined, 'successResponse'), { unsupported: 1 }],
    ['another method', parseHex('0003 0000 2112a442 000000000000000000000000'), { unsupported: 1 }],
    ['too short', new Uint8Array(19), { malformed: { tooShort: 1 } }],
    ['not STUN', new Uint8Array(20).fill(0xff), { malformed: { notStun: 1 } }],
    ['longer than it says', new Uint8Array(24), { malformed: { badLength: 1 } }],
    [
      'with an attribute that ends too late',
      parseHex('0001 0008 2112a442 000000000000000000000000 8022 0009 00000000'),
      { malformed: { attributeOverrun: 1 } },
    ],
    [
      'with an attribute behind FINGERPRINT',
      parseHex('0001 0010 2112a442 000000000000000000000000 8028 0004 00000000 8022 0004 00000000'),
      { malformed: { fingerprintNotLast: 1 } },
    ],
  ])('%s gets no answer, and is counted', (_, bytes, counters) => {
    const { server, v4 } = setUp()
    expect(ask(server, v4, bytes)).toBeUndefined()
    expect(server.counters).toMatchObject(counters)
    expect(server.counters.succeeded).toBe(0)
  })

  it('is a request with a wrong FINGERPRINT too', () => {
    const { server, v4 } = setUp()
    const bytes = requestOf(encodeFingerprint)
    bytes[27] = (bytes[27] ?? 0) ^ 1
    expect(ask(server, v4, bytes)).toBeUndefined()
    expect(server.counters.malformed.wrongFingerprint).toBe(1)
  })
})

// RFC 5389 §12.2, by RFC 8489 §11 and §12
describe('a client of RFC 3489', () => {
  const classicId = parseHex('00112233 445566778899aabbccddeeff')

  it('gets MAPPED-ADDRESS and its 16-byte transaction id', () => {
    const { server, v4 } = setUp()
    const request = requestOf()
    request.set(classicId, 4)
    const reply = ask(server, v4, request)
    expect(reply?.isClassic).toBe(true)
    expect(reply && formatHex(reply.bytes.slice(4, 20))).toBe(formatHex(classicId))
    const address = reply && decodeMappedAddress(reply)
    expect(address && formatTransportAddress(address)).toBe('198.51.100.7:50000')
    expect(reply?.has(AttributeType.XOR_MAPPED_ADDRESS)).toBe(false)
  })

  it('is refused CHANGE-REQUEST, in a list of even length', () => {
    const { server, v4 } = setUp()
    const request = requestOf((writer) => writer.writeAttribute(0x0003, new Uint8Array(4)))
    request.set(classicId, 4)
    const reply = ask(server, v4, request)
    expect(reply && decodeErrorCode(reply)?.code).toBe(420)
    expect(reply && decodeUnknownAttributes(reply)).toEqual([0x0003, 0x0003])
  })
})

it('BindingServer allocates nothing for a plain request', () => {
  const { server, v4 } = setUp('Crowfly')
  const bytes = requestOf(encodeFingerprint)
  const input: Datagram = { bytes, start: 0, end: bytes.length, path: v4 }
  const out: Datagram = { bytes: new Uint8Array(0), start: 0, end: 0, path: -1 }
  const run = (count: number) => {
    for (let i = 0; i < count; i++) {
      server.handleDatagram(input, i)
      server.pollTransmit(out)
    }
  }
  run(50_000)
  const buffer = out.bytes
  // The least of several rounds: until the engine has compiled everything it keeps some numbers on the heap, and a
  // collection only makes a round's growth less.
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < 10; round++) {
    const before = process.memoryUsage().heapUsed
    run(100_000)
    const growth = process.memoryUsage().heapUsed - before
    if (growth >= 0) least = Math.min(least, growth)
  }
  // A boxed number a request would be 1.6 MB, an object 2.4 MB at the least.
  expect(least).toBeLessThan(400_000)
  expect(out.bytes).toBe(buffer)
  expect(server.counters.succeeded).toBe(1_050_000)
})
