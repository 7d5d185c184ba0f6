import { equalTransportAddress, formatTransportAddress, type TransportAddress } from '@crowfly/sansio'
import { parseHex, SeededRandom } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { StunMessage } from '../message.ts'
import { StunMessageWriter } from '../message-writer.ts'
import { decodeAlternateServer, encodeAlternateServer } from './alternate-server.ts'
import { decodeMappedAddress, encodeMappedAddress } from './mapped-address.ts'
import { decodeXorMappedAddress, encodeXorMappedAddress } from './xor-mapped-address.ts'

const V4: TransportAddress = { family: 4, address: parseHex('c0000201'), port: 32853 }
const V6: TransportAddress = {
  family: 6,
  address: parseHex('20010db8 12345678 00112233 44556677'),
  port: 65535,
}

function messageWith(write: (writer: StunMessageWriter) => void): StunMessage {
  const writer = new StunMessageWriter(new Uint8Array(256))
  writer.writeHeader(0x001, 'successResponse', new SeededRandom(1).bytes(12))
  write(writer)
  const message = new StunMessage()
  expect(message.decode(writer.message)).toBeUndefined()
  return message
}

function messageWithValue(type: number, value: string): StunMessage {
  return messageWith((writer) => writer.writeAttribute(type, parseHex(value)))
}

describe('address attributes', () => {
  it.each([
    ['MAPPED-ADDRESS', encodeMappedAddress, decodeMappedAddress],
    ['XOR-MAPPED-ADDRESS', encodeXorMappedAddress, decodeXorMappedAddress],
  ])('%s gives IPv4 and IPv6 addresses back', (_, encode, decode) => {
    for (const address of [V4, V6]) {
      const back = decode(messageWith((writer) => encode(writer, address)))
      expect(back && equalTransportAddress(back, address)).toBe(true)
    }
  })

  it('leave what the caller gave as it is', () => {
    const before = V6.address.slice()
    messageWith((writer) => encodeXorMappedAddress(writer, V6))
    expect(V6.address).toEqual(before)
  })

  it('hide the address from devices that rewrite it in passing', () => {
    const message = messageWith((writer) => encodeXorMappedAddress(writer, V4))
    expect(message.valueAt(20)).not.toContain(0xc0)
    expect(decodeMappedAddress(message)).toBeUndefined()
  })

  it('are undefined when absent', () => {
    const message = messageWith(() => {})
    expect(decodeMappedAddress(message)).toBeUndefined()
    expect(decodeXorMappedAddress(message)).toBeUndefined()
    expect(decodeAlternateServer(message, 4)).toBeUndefined()
  })

  it.each([
    ['of an unknown family', '00 03 12 34 01 02 03 04'],
    ['with an IPv4 family and an IPv6 length', `00 01 12 34 ${'00'.repeat(16)}`],
    ['with an IPv6 family and an IPv4 length', '00 02 12 34 01 02 03 04'],
    ['cut short', '00 01 12'],
    ['empty', ''],
  ])('are undefined when %s', (_, value) => {
    expect(decodeMappedAddress(messageWithValue(0x0001, value))).toBeUndefined()
    expect(decodeXorMappedAddress(messageWithValue(0x0020, value))).toBeUndefined()
  })

  it('ignore the first byte', () => {
    const address = decodeMappedAddress(messageWithValue(0x0001, 'ff 01 12 34 01 02 03 04'))
    expect(address && formatTransportAddress(address)).toBe('1.2.3.4:4660')
  })

  it('ALTERNATE-SERVER is found by family', () => {
    const message = messageWith((writer) => {
      encodeAlternateServer(writer, V6)
      encodeAlternateServer(writer, V4)
    })
    expect(decodeAlternateServer(message, 4)?.port).toBe(V4.port)
    expect(decodeAlternateServer(message, 6)?.port).toBe(V6.port)
  })
})
