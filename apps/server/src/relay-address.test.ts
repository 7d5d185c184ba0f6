import { formatAddress, parseAddress } from '@crowfly/sansio'
import { expect, test } from 'vitest'
import { relayAddress } from './relay-address.ts'

const everywhere = ['127.0.0.1', '::1', '10.0.0.5', 'fd00::5']

const bytes = (text: string) => parseAddress(text) ?? new Uint8Array()

function choose(family: 4 | 6, asked: string, external: readonly string[] = [], bound = everywhere) {
  const chosen = relayAddress({
    family,
    asked: bytes(asked),
    bound: bound.map(bytes),
    external: external.map(bytes),
  })
  return chosen && formatAddress(chosen)
}

test('a relayed address is the one that the client came to', () => {
  expect(choose(4, '192.0.2.7')).toBe('192.0.2.7')
  expect(choose(6, '2001:db8::7')).toBe('2001:db8::7')
})

test('one of the other family is listened on, and reaches as far', () => {
  expect(choose(4, 'fd00::5')).toBe('10.0.0.5')
  expect(choose(6, '10.0.0.5')).toBe('fd00::5')
  expect(choose(4, '::1')).toBe('127.0.0.1')
  expect(choose(6, '127.0.0.1')).toBe('::1')
})

test('loopback is given to nobody who came from elsewhere', () => {
  expect(choose(4, 'fd00::5', [], ['127.0.0.1', 'fd00::5'])).toBeUndefined()
  expect(choose(6, '127.0.0.1', ['2001:db8::9'], ['fd00::5'])).toBeUndefined()
})

test('an external address of the family stands in for all but loopback', () => {
  const external = ['203.0.113.5', '2001:db8::9']
  expect(choose(4, '10.0.0.5', external)).toBe('203.0.113.5')
  expect(choose(4, 'fd00::5', external)).toBe('203.0.113.5')
  expect(choose(6, 'fd00::5', external)).toBe('2001:db8::9')
  expect(choose(6, 'fd00::5', ['203.0.113.5'])).toBe('fd00::5')
  expect(choose(4, '127.0.0.1', external)).toBe('127.0.0.1')
})
