import { equalTransportAddress, type TransportAddress } from '@crowfly/sansio'
import { StunMessage, StunMessageWriter } from '@crowfly/stun'
import { formatHex, parseHex, SeededRandom } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { TurnAttributeType } from '../turn-attribute-type.ts'
import { TurnMethod } from '../turn-method.ts'
import { decodeAdditionalAddressFamily, encodeAdditionalAddressFamily } from './additional-address-family.ts'
import { decodeAddressErrorCode, encodeAddressErrorCode } from './address-error-code.ts'
import { decodeChannelNumber, encodeChannelNumber } from './channel-number.ts'
import { decodeData, encodeData } from './data.ts'
import { encodeDontFragment, hasDontFragment } from './dont-fragment.ts'
import { decodeEvenPort, encodeEvenPort } from './even-port.ts'
import { decodeIcmp, encodeIcmp } from './icmp.ts'
import { decodeLifetime, encodeLifetime } from './lifetime.ts'
import { decodeRequestedAddressFamily, encodeRequestedAddressFamily } from './requested-address-family.ts'
import {
  decodeRequestedTransport,
  encodeRequestedTransport,
  TransportProtocol,
} from './requested-transport.ts'
import { decodeReservationToken, encodeReservationToken } from './reservation-token.ts'
import { decodeXorPeerAddress, encodeXorPeerAddress } from './xor-peer-address.ts'
import { decodeXorRelayedAddress, encodeXorRelayedAddress } from './xor-relayed-address.ts'

const V4: TransportAddress = { family: 4, address: parseHex('c0000201'), port: 49170 }
const V6: TransportAddress = {
  family: 6,
  address: parseHex('20010db8 00000000 00000000 00000001'),
  port: 1024,
}

function messageWith(write: (writer: StunMessageWriter) => void): StunMessage {
  const writer = new StunMessageWriter(new Uint8Array(2048))
  writer.writeHeader(TurnMethod.ALLOCATE, 'request', new SeededRandom(1).bytes(12))
  write(writer)
  const message = new StunMessage()
  expect(message.decode(writer.message)).toBeUndefined()
  return message
}

function messageWithValue(type: number, value: string): StunMessage {
  return messageWith((writer) => writer.writeAttribute(type, parseHex(value)))
}

/** The one attribute's value, as hex. */
function written(write: (writer: StunMessageWriter) => void): string {
  const message = messageWith(write)
  return formatHex(message.valueAt(message.firstAttribute))
}

describe('each attribute of TURN', () => {
  it('is written as RFC 8656 §18 draws it', () => {
    expect(written((writer) => encodeChannelNumber(writer, 0x4001))).toBe('40010000')
    expect(written((writer) => encodeLifetime(writer, 600))).toBe('00000258')
    expect(written((writer) => encodeRequestedAddressFamily(writer, 4))).toBe('01000000')
    expect(written((writer) => encodeAdditionalAddressFamily(writer, 6))).toBe('02000000')
    expect(written((writer) => encodeEvenPort(writer, { reserveNext: true }))).toBe('80')
    expect(written((writer) => encodeEvenPort(writer, { reserveNext: false }))).toBe('00')
    expect(written((writer) => encodeRequestedTransport(writer, TransportProtocol.UDP))).toBe('11000000')
    expect(written(encodeDontFragment)).toBe('')
    expect(written((writer) => encodeIcmp(writer, { icmpType: 3, icmpCode: 4, errorData: 1400 }))).toBe(
      '00000604' + '00000578',
    )
    expect(written((writer) => encodeAddressErrorCode(writer, { family: 6, code: 440, reason: 'no' }))).toBe(
      '02000428' + '6e6f',
    )
  })

  it('gives back what was written', () => {
    expect(decodeChannelNumber(messageWith((writer) => encodeChannelNumber(writer, 0x4fff)))).toBe(0x4fff)
    for (const seconds of [0, 600, 0x7fffffff, 0xffffffff]) {
      expect(decodeLifetime(messageWith((writer) => encodeLifetime(writer, seconds)))).toBe(seconds)
    }
    for (const family of [4, 6] as const) {
      const requested = messageWith((writer) => encodeRequestedAddressFamily(writer, family))
      expect(decodeRequestedAddressFamily(requested)).toBe(family)
      expect(decodeAdditionalAddressFamily(requested)).toBeUndefined()
      const additional = messageWith((writer) => encodeAdditionalAddressFamily(writer, family))
      expect(decodeAdditionalAddressFamily(additional)).toBe(family)
    }
    for (const reserveNext of [true, false]) {
      const message = messageWith((writer) => encodeEvenPort(writer, { reserveNext }))
      expect(decodeEvenPort(message)).toEqual({ reserveNext })
    }
    expect(decodeRequestedTransport(messageWith((writer) => encodeRequestedTransport(writer, 6)))).toBe(6)
    expect(hasDontFragment(messageWith(encodeDontFragment))).toBe(true)
    const token = parseHex('0102030405060708')
    expect(decodeReservationToken(messageWith((writer) => encodeReservationToken(writer, token)))).toEqual(
      token,
    )
    const icmp = { icmpType: 127, icmpCode: 511, errorData: 0xffffffff }
    expect(decodeIcmp(messageWith((writer) => encodeIcmp(writer, icmp)))).toEqual(icmp)
    expect(
      decodeAddressErrorCode(
        messageWith((writer) => encodeAddressErrorCode(writer, { family: 6, code: 508 })),
      ),
    ).toEqual({ family: 6, code: 508, reason: 'Insufficient Capacity' })
  })

  it.each([
    ['XOR-PEER-ADDRESS', encodeXorPeerAddress, decodeXorPeerAddress],
    ['XOR-RELAYED-ADDRESS', encodeXorRelayedAddress, decodeXorRelayedAddress],
  ])('%s may be there several times', (_, encode, decode) => {
    const message = messageWith((writer) => {
      encode(writer, V4)
      encode(writer, V6)
    })
    const at = message.firstAttribute
    const first = decode(message)
    const second = decode(message, message.findNext(at))
    expect(first && equalTransportAddress(first, V4)).toBe(true)
    expect(second && equalTransportAddress(second, V6)).toBe(true)
    expect(decode(message, message.findNext(message.findNext(at)))).toBeUndefined()
  })

  it('DATA is a run of the message’s own bytes', () => {
    for (const payload of ['', '01', '0102030405']) {
      const message = messageWith((writer) => encodeData(writer, parseHex(payload)))
      const run = decodeData(message)
      expect(run && formatHex(message.bytes.subarray(run.start, run.end))).toBe(payload)
    }
  })

  it('is undefined when absent', () => {
    const message = messageWith(() => {})
    const decoded = [
      decodeAdditionalAddressFamily,
      decodeAddressErrorCode,
      decodeChannelNumber,
      decodeData,
      decodeEvenPort,
      decodeIcmp,
      decodeLifetime,
      decodeRequestedAddressFamily,
      decodeRequestedTransport,
      decodeReservationToken,
      decodeXorPeerAddress,
      decodeXorRelayedAddress,
    ].map((decode) => decode(message))
    expect(decoded.every((value) => value === undefined)).toBe(true)
    expect(hasDontFragment(message)).toBe(false)
  })

  it.each([
    ['CHANNEL_NUMBER', decodeChannelNumber, ['', '4000', '400000', '4000000000']],
    ['LIFETIME', decodeLifetime, ['', '0258', '0000025800']],
    ['REQUESTED_ADDRESS_FAMILY', decodeRequestedAddressFamily, ['', '01', '0100000000']],
    ['ADDITIONAL_ADDRESS_FAMILY', decodeAdditionalAddressFamily, ['', '02', '0200000000']],
    ['EVEN_PORT', decodeEvenPort, ['', '8000']],
    ['REQUESTED_TRANSPORT', decodeRequestedTransport, ['', '11', '1100000000']],
    ['RESERVATION_TOKEN', decodeReservationToken, ['', '01020304050607', '010203040506070809']],
    ['ICMP', decodeIcmp, ['', '00000604', '000006040000057800']],
    ['XOR_PEER_ADDRESS', decodeXorPeerAddress, ['', '0001', '0003123401020304', '0002123401020304']],
    ['XOR_RELAYED_ADDRESS', decodeXorRelayedAddress, ['', '0001', '0003123401020304', '0002123401020304']],
    [
      'ADDRESS_ERROR_CODE',
      decodeAddressErrorCode,
      ['', '020004', '03000428', '02000228', '02000728', '02000464'],
    ],
  ] as const)('%s is undefined when malformed', (name, decode, values) => {
    for (const value of values) {
      expect(decode(messageWithValue(TurnAttributeType[name], value)), value).toBeUndefined()
    }
  })

  it('tells a family that is not supported from one that is not there', () => {
    const requested = messageWithValue(TurnAttributeType.REQUESTED_ADDRESS_FAMILY, '03000000')
    expect(decodeRequestedAddressFamily(requested)).toBe('unsupported')
    const additional = messageWithValue(TurnAttributeType.ADDITIONAL_ADDRESS_FAMILY, '00000000')
    expect(decodeAdditionalAddressFamily(additional)).toBe('unsupported')
  })

  it('ignores what is reserved', () => {
    expect(decodeChannelNumber(messageWithValue(TurnAttributeType.CHANNEL_NUMBER, '4000ffff'))).toBe(0x4000)
    expect(decodeEvenPort(messageWithValue(TurnAttributeType.EVEN_PORT, '7f'))).toEqual({
      reserveNext: false,
    })
    expect(
      decodeRequestedAddressFamily(messageWithValue(TurnAttributeType.REQUESTED_ADDRESS_FAMILY, '01ffffff')),
    ).toBe(4)
    expect(decodeIcmp(messageWithValue(TurnAttributeType.ICMP, 'ffff020100000000'))).toEqual({
      icmpType: 1,
      icmpCode: 1,
      errorData: 0,
    })
    expect(
      decodeAddressErrorCode(messageWithValue(TurnAttributeType.ADDRESS_ERROR_CODE, '02fffc28ff')),
    ).toEqual({ family: 6, code: 440, reason: '' })
  })

  it('refuses a value that it can not carry', () => {
    const misuse = expect.objectContaining({ code: 'TURN_ATTRIBUTE_VALUE' })
    for (const seconds of [-1, 1.5, 2 ** 32, Number.NaN]) {
      expect(() => messageWith((writer) => encodeLifetime(writer, seconds))).toThrow(misuse)
    }
    expect(() => messageWith((writer) => encodeReservationToken(writer, new Uint8Array(7)))).toThrow(misuse)
    for (const error of [{ code: 299 }, { code: 700 }, { code: 400, reason: 'x'.repeat(128) }]) {
      expect(() => messageWith((writer) => encodeAddressErrorCode(writer, { family: 4, ...error }))).toThrow(
        misuse,
      )
    }
    const icmp = { icmpType: 128, icmpCode: 0, errorData: 0 }
    expect(() => messageWith((writer) => encodeIcmp(writer, icmp))).toThrow(misuse)
  })
})
