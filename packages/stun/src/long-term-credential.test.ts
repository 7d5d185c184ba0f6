import { testCrypto } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { encodeErrorCode } from './attributes/error-code.ts'
import { encodeMessageIntegrity } from './attributes/message-integrity.ts'
import { encodeMessageIntegritySha256 } from './attributes/message-integrity-sha256.ts'
import { encodeNonce } from './attributes/nonce.ts'
import { PasswordAlgorithmNumber } from './attributes/password-algorithm.ts'
import { encodePasswordAlgorithms } from './attributes/password-algorithms.ts'
import { checkLongTermResponse, isBidDown } from './long-term-credential.ts'
import { StunMessage } from './message.ts'
import { StunMessageWriter } from './message-writer.ts'
import { encodeNonceCookie, SecurityFeature } from './nonce-cookie.ts'

const KEY = new Uint8Array(16).fill(1)

function response(code: number | undefined, ...writes: ((writer: StunMessageWriter) => void)[]): StunMessage {
  const writer = new StunMessageWriter(new Uint8Array(256))
  writer.writeHeader(0x003, code === undefined ? 'successResponse' : 'errorResponse', new Uint8Array(12))
  if (code !== undefined) encodeErrorCode(writer, code)
  for (const write of writes) write(writer)
  const message = new StunMessage()
  expect(message.decode(writer.message)).toBeUndefined()
  return message
}

const nonce = (features: number) => (writer: StunMessageWriter) =>
  encodeNonce(writer, `${encodeNonceCookie(features)}abcd`)
const algorithms = (writer: StunMessageWriter) =>
  encodePasswordAlgorithms(writer, [
    { number: PasswordAlgorithmNumber.SHA256, parameters: new Uint8Array(0) },
  ])
const sha1 = (key: Uint8Array) => (writer: StunMessageWriter) =>
  encodeMessageIntegrity(writer, key, testCrypto)
const sha256 = (key: Uint8Array) => (writer: StunMessageWriter) =>
  encodeMessageIntegritySha256(writer, key, testCrypto)

const verdict = (message: StunMessage) => checkLongTermResponse(message, KEY, testCrypto)

describe('a response under the long-term mechanism', () => {
  it('is accepted when its integrity is right', () => {
    expect(verdict(response(undefined, sha1(KEY)))).toBe('accepted')
    expect(verdict(response(undefined, sha256(KEY)))).toBe('accepted')
    expect(verdict(response(437, sha256(KEY)))).toBe('accepted')
  })

  it('is a violation when its integrity is wrong or missing', () => {
    expect(verdict(response(undefined, sha1(new Uint8Array(16))))).toBe('violated')
    expect(verdict(response(undefined))).toBe('violated')
    expect(verdict(response(437))).toBe('violated')
  })

  it('is accepted without integrity when it is a challenge', () => {
    expect(verdict(response(401, nonce(0)))).toBe('accepted')
    expect(verdict(response(438, nonce(0)))).toBe('accepted')
  })

  it('is ignored when it is an unprotected 400', () => {
    expect(verdict(response(400))).toBe('ignored')
    expect(verdict(response(400, sha256(KEY)))).toBe('accepted')
  })

  it('is ignored when PASSWORD-ALGORITHMS was taken out on the way', () => {
    const feature = nonce(SecurityFeature.PASSWORD_ALGORITHMS)
    expect(verdict(response(undefined, feature, sha1(KEY)))).toBe('ignored')
    expect(verdict(response(undefined, feature, algorithms, sha256(KEY)))).toBe('accepted')
  })
})

describe('a bid to a weaker algorithm', () => {
  it('shows as a nonce cookie without the attribute that it promises', () => {
    const feature = nonce(SecurityFeature.PASSWORD_ALGORITHMS)
    expect(isBidDown(response(401, feature))).toBe(true)
    expect(isBidDown(response(401, feature, algorithms))).toBe(false)
    expect(isBidDown(response(401, nonce(SecurityFeature.USERNAME_ANONYMITY)))).toBe(false)
    expect(isBidDown(response(401, (writer) => encodeNonce(writer, 'f//499k954d6OL34')))).toBe(false)
    expect(isBidDown(response(401))).toBe(false)
  })
})
