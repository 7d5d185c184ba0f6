import { testCrypto } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { encodeMessageIntegrity } from './attributes/message-integrity.ts'
import { encodeMessageIntegritySha256 } from './attributes/message-integrity-sha256.ts'
import { encodeUsername } from './attributes/username.ts'
import { deriveShortTermKey } from './credential-key.ts'
import { StunMessage } from './message.ts'
import type { MessageClass } from './message-type.ts'
import { StunMessageWriter } from './message-writer.ts'
import { checkShortTermRequest, checkShortTermResponse } from './short-term-credential.ts'

const KEY = deriveShortTermKey('VOkJxbRl1RmTxUk/WvJxBt') ?? new Uint8Array(0)
const OTHER_KEY = deriveShortTermKey('another') ?? new Uint8Array(0)
const keyOf = (username: string) => (username === 'evtj:h6vY' ? KEY : undefined)

function message(
  messageClass: MessageClass,
  ...writes: ((writer: StunMessageWriter) => void)[]
): StunMessage {
  const writer = new StunMessageWriter(new Uint8Array(256))
  writer.writeHeader(0x001, messageClass, new Uint8Array(12))
  for (const write of writes) write(writer)
  const decoded = new StunMessage()
  expect(decoded.decode(writer.message)).toBeUndefined()
  return decoded
}

const named = (username: string) => (writer: StunMessageWriter) => encodeUsername(writer, username)
const sha1 = (key: Uint8Array) => (writer: StunMessageWriter) =>
  encodeMessageIntegrity(writer, key, testCrypto)
const sha256 = (key: Uint8Array) => (writer: StunMessageWriter) =>
  encodeMessageIntegritySha256(writer, key, testCrypto)

describe('a request under the short-term mechanism', () => {
  it.each([
    ['with MESSAGE-INTEGRITY', [sha1(KEY)]],
    ['with MESSAGE-INTEGRITY-SHA256', [sha256(KEY)]],
    ['with both', [sha1(KEY), sha256(KEY)]],
  ])('is authentic %s', (_, integrity) => {
    const request = message('request', named('evtj:h6vY'), ...integrity)
    expect(checkShortTermRequest(request, keyOf, testCrypto)).toBeUndefined()
  })

  it.each([
    ['without USERNAME', 400, [sha1(KEY)]],
    ['without integrity', 400, [named('evtj:h6vY')]],
    ['of somebody unknown', 401, [named('mallory'), sha1(KEY)]],
    ['with another key', 401, [named('evtj:h6vY'), sha1(OTHER_KEY)]],
    ['with only the weaker HMAC right', 401, [named('evtj:h6vY'), sha1(KEY), sha256(OTHER_KEY)]],
  ])('is refused %s', (_, code, writes) => {
    expect(checkShortTermRequest(message('request', ...writes), keyOf, testCrypto)).toBe(code)
  })
})

describe('a response under the short-term mechanism', () => {
  it('is accepted with an attribute that the request had', () => {
    const weak = message('successResponse', sha1(KEY))
    const strong = message('successResponse', sha256(KEY))
    expect(checkShortTermResponse(weak, ['sha1'], KEY, testCrypto)).toBe('accepted')
    expect(checkShortTermResponse(weak, ['sha1', 'sha256'], KEY, testCrypto)).toBe('accepted')
    expect(checkShortTermResponse(strong, ['sha1', 'sha256'], KEY, testCrypto)).toBe('accepted')
  })

  it('is a violation with another one, with a wrong HMAC, or with none', () => {
    const weak = message('successResponse', sha1(KEY))
    expect(checkShortTermResponse(weak, ['sha256'], KEY, testCrypto)).toBe('violated')
    expect(checkShortTermResponse(weak, ['sha1'], OTHER_KEY, testCrypto)).toBe('violated')
    expect(checkShortTermResponse(message('errorResponse'), ['sha1'], KEY, testCrypto)).toBe('violated')
  })
})
