import { formatTransportAddress, parseAddress, type TransportAddress } from '@crowfly/sansio'
import { expect, test } from 'vitest'
import { TrustedProxies } from './trusted-proxies.ts'

function at(text: string, port = 5000): TransportAddress {
  const address = parseAddress(text) ?? new Uint8Array(4)
  return { family: address.length === 4 ? 4 : 6, address, port }
}

function client(peer: string, forwarded: string | undefined, ...trusted: string[]): string {
  const proxies = new TrustedProxies()
  for (const text of trusted) expect(proxies.add(text)).toBe(true)
  return formatTransportAddress(proxies.clientOf(at(peer), forwarded))
}

test('nobody is believed who is not trusted', () => {
  expect(client('192.0.2.1', '198.51.100.7')).toBe('192.0.2.1:5000')
  expect(client('192.0.2.1', '198.51.100.7', '10.0.0.0/8')).toBe('192.0.2.1:5000')
})

test('a trusted proxy is believed, and says nothing when it sends no header', () => {
  expect(client('127.0.0.1', '198.51.100.7', '127.0.0.1')).toBe('198.51.100.7:0')
  expect(client('127.0.0.1', undefined, '127.0.0.1')).toBe('127.0.0.1:5000')
  expect(client('fd00::9', '2001:db8::7', 'fd00::/8')).toBe('[2001:db8::7]:0')
})

test('of several addresses the last counts that is no trusted proxy, whatever a client claims before it', () => {
  expect(client('10.0.0.1', '6.6.6.6, 198.51.100.7, 10.0.0.2', '10.0.0.0/8')).toBe('198.51.100.7:0')
})

test('what is no address ends the search', () => {
  expect(client('10.0.0.1', 'unknown, 10.0.0.2', '10.0.0.0/8')).toBe('10.0.0.2:0')
  expect(client('10.0.0.1', '', '10.0.0.0/8')).toBe('10.0.0.1:5000')
})

test('mapped and bracketed addresses are read', () => {
  expect(client('10.0.0.1', '::ffff:198.51.100.7', '10.0.0.0/8')).toBe('198.51.100.7:0')
  expect(client('10.0.0.1', '[2001:db8::7]:4711', '10.0.0.0/8')).toBe('[2001:db8::7]:0')
})

test.each([
  '',
  'localhost',
  '10.0.0.0/',
  '10.0.0.0/33',
  '10.0.0.0/8/8',
  '::/129',
  'fe80::1%eth0',
  '10.0.0/8',
])('"%s" is no network', (text) => {
  expect(new TrustedProxies().add(text)).toBe(false)
})
