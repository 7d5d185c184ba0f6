import { SeededRandom } from '@crowfly/testkit'
import { expect, test } from 'vitest'
import { classifyFirstBytes, decidingBytes } from './first-bytes.ts'
import { bindingRequest } from './testing/stun-question.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)

test('a TLS handshake is known by its first byte', () => {
  expect(classifyFirstBytes(new Uint8Array([0x16]))).toBe('tls')
})

test('a STUN message is known once the magic cookie is whole, and not before', () => {
  const request = bindingRequest()
  for (let length = 0; length < decidingBytes; length++) {
    expect(classifyFirstBytes(request.subarray(0, length))).toBe('undecided')
  }
  expect(classifyFirstBytes(request.subarray(0, decidingBytes))).toBe('stun')
  expect(classifyFirstBytes(request)).toBe('stun')
})

test('a wrong byte in the cookie sends it to HTTP at once', () => {
  for (const at of [4, 5, 6, 7]) {
    const request = bindingRequest().slice(0, at + 1)
    request[at] = (request[at] ?? 0) ^ 1
    expect(classifyFirstBytes(request)).toBe('http')
  }
})

test('HTTP is known by its first byte', () => {
  for (const method of ['GET', 'HEAD', 'POST', 'PRI', '\r\n', ' ', '\u0004']) {
    expect(classifyFirstBytes(bytesOf(method.slice(0, 1)))).toBe('http')
  }
})

// RFC 8656 §12: ChannelData begins with 0x40 to 0x4F; RFC 5766's with up to 0x7F.
test('ChannelData opens no connection: it goes to HTTP by its first byte', () => {
  for (let first = 0x40; first <= 0x7f; first++) {
    expect(classifyFirstBytes(Uint8Array.of(first, 0, 0, 4, 0x21, 0x12, 0xa4, 0x42))).toBe('http')
    expect(classifyFirstBytes(Uint8Array.of(first))).toBe('http')
  }
})

test('whatever comes is decided by its eighth byte, once and for all', () => {
  const random = new SeededRandom(1)
  for (let i = 0; i < 20_000; i++) {
    const bytes = random.bytes(random.integer(24))
    if (random.chance(0.8))
      bytes.set([random.integer(4), 1, 0, 0, 0x21, 0x12, 0xa4, 0x42].slice(0, bytes.length))
    if (random.chance(0.5)) bytes[random.integer(8)] = random.integer(256)
    const verdicts = Array.from({ length: bytes.length + 1 }, (_, length) =>
      classifyFirstBytes(bytes.subarray(0, length)),
    )
    const decided = verdicts.findIndex((verdict) => verdict !== 'undecided')
    if (bytes.length >= decidingBytes) expect(decided).toBeLessThanOrEqual(decidingBytes)
    if (decided >= 0) expect(new Set(verdicts.slice(decided)).size).toBe(1)
  }
})
