import { expect, test } from 'vitest'
import { sharedOrigin } from './shared-origin.ts'

const here = { origin: 'https://localhost:8443', hostname: 'localhost' }
const answering =
  (body: string, status = 200) =>
  async () =>
    new Response(body, { status })

test('a page that was opened as localhost shares the origin by which others reach the machine', async () => {
  const ask = answering('["https://192.0.2.2:8443","https://[fd00::2]:8443"]')
  expect(await sharedOrigin(here, ask)).toBe('https://192.0.2.2:8443')
  expect(await sharedOrigin({ ...here, hostname: '[::1]' }, ask)).toBe('https://192.0.2.2:8443')
})

test('a page that was opened by any other name shares that, and asks nobody', async () => {
  const page = { origin: 'https://call.example', hostname: 'call.example' }
  const ask = () => Promise.reject(new Error('not to be asked'))
  expect(await sharedOrigin(page, ask)).toBe('https://call.example')
})

test.each([
  ['no network', answering('[]')],
  ['no such answer', answering('nothing here', 404)],
  ['an answer that is none', answering('{"a":')],
  ['a link that is no origin', answering('["javascript:alert(1)"]')],
  ['a number', answering('[7]')],
  ['a server that is gone', () => Promise.reject(new TypeError('Failed to fetch'))],
])('with %s it shares its own origin', async (_, ask) => {
  expect(await sharedOrigin(here, ask)).toBe(here.origin)
})
