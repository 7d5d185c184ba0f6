import { expect, test } from 'vitest'
import { isOriginAllowed, parseHost } from './request-origin.ts'

test.each([
  ['localhost', 'localhost', ''],
  ['Call.Example.ORG:8443', 'call.example.org', ':8443'],
  ['192.0.2.1:80', '192.0.2.1', ':80'],
  ['[2001:DB8::1]:8443', '[2001:db8::1]', ':8443'],
  ['[::1]', '[::1]', ''],
])('the Host header %s has its parts', (header, host, port) => {
  expect(parseHost(header)).toEqual({ host, port })
})

test.each([
  undefined,
  '',
  ':80',
  'a b',
  'a;b',
  "a'",
  '2001:db8::1',
  '[::1',
  'a:port',
  'a:123456',
  `${'a'.repeat(254)}`,
])('the Host header %s names no host', (header) => {
  expect(parseHost(header)).toBeUndefined()
})

test.each([
  ['https://localhost:8443', 'localhost:8443'],
  ['http://localhost:8443', 'localhost:8443'],
  ['https://call.example.org', 'call.example.org'],
  ['https://call.example.org', 'call.example.org:443'],
  ['https://call.example.org', 'Call.Example.org'],
  ['http://call.example.org', 'call.example.org:80'],
  ['https://[2001:db8::1]:8443', '[2001:db8::1]:8443'],
  [undefined, 'call.example.org'],
])('a page of %s may connect to %s', (origin, host) => {
  expect(isOriginAllowed(origin, host, [])).toBe(true)
})

test.each([
  ['https://evil.example', 'call.example.org'],
  ['https://call.example.org.evil.example', 'call.example.org'],
  ['https://call.example.org:8443', 'call.example.org'],
  ['https://call.example.org', 'call.example.org:80'],
  ['null', 'call.example.org'],
  ['file://', 'call.example.org'],
  ['', ''],
  ['https://call.example.org', undefined],
])('a page of %s may not connect to %s', (origin, host) => {
  expect(isOriginAllowed(origin, host, ['https://friend.example'])).toBe(false)
})

test('an origin that the operator allowed may connect', () => {
  expect(isOriginAllowed('https://Friend.example', 'call.example.org', ['https://friend.example'])).toBe(true)
  expect(isOriginAllowed('http://friend.example', 'call.example.org', ['https://friend.example'])).toBe(false)
})
