import { assert, property, uint8Array } from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  equalTransportAddress,
  formatAddress,
  formatTransportAddress,
  parseAddress,
} from './transport-address.ts'

const v4 = Uint8Array.of(192, 0, 2, 1)

describe('formatAddress', () => {
  it('reads back to the same bytes, for any address', () => {
    assert(
      property(uint8Array({ minLength: 4, maxLength: 4 }), (address) => {
        expect(parseAddress(formatAddress(address))).toEqual(address)
      }),
    )
    assert(
      property(uint8Array({ minLength: 16, maxLength: 16, max: 3 }), (address) => {
        const sparse = address.map((byte) => (byte < 2 ? 0 : byte))
        expect(parseAddress(formatAddress(address))).toEqual(address)
        expect(parseAddress(formatAddress(sparse))).toEqual(sparse)
      }),
    )
  })

  // RFC 5952 §4 and §5, each rule by its example.
  it.each([
    ['2001:0db8::0001', '2001:db8::1'],
    ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:DB8::AAAA', '2001:db8::aaaa'],
    ['::ffff:c000:201', '::ffff:192.0.2.1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['fe80::', 'fe80::'],
  ])('writes %s as %s', (text, canonical) => {
    const address = parseAddress(text)
    expect(address && formatAddress(address)).toBe(canonical)
  })
})

describe('parseAddress', () => {
  it('leaves a zone out', () => {
    expect(parseAddress('fe80::1%eth0')).toEqual(parseAddress('fe80::1'))
  })

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1..3.4',
    '1.2.3.4 ',
    '1.2.3.-4',
    'localhost',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4::5:6:7:8',
    '12345::',
    'g::',
    '1.2.3.4::',
    '::1.2.3',
    '[::1]',
  ])('refuses %j', (text) => {
    expect(parseAddress(text)).toBeUndefined()
  })
})

describe('TransportAddress', () => {
  it('is written with brackets around IPv6', () => {
    expect(formatTransportAddress({ family: 4, address: v4, port: 3478 })).toBe('192.0.2.1:3478')
    const v6 = new Uint8Array(16)
    expect(formatTransportAddress({ family: 6, address: v6, port: 1 })).toBe('[::]:1')
  })

  it('is equal only in family, address and port', () => {
    const address = { family: 4, address: v4, port: 1 } as const
    expect(equalTransportAddress(address, { ...address, address: Uint8Array.from(v4) })).toBe(true)
    expect(equalTransportAddress(address, { ...address, port: 2 })).toBe(false)
    expect(equalTransportAddress(address, { ...address, address: Uint8Array.of(192, 0, 2, 2) })).toBe(false)
    expect(equalTransportAddress(address, { family: 6, address: new Uint8Array(16), port: 1 })).toBe(false)
  })
})
