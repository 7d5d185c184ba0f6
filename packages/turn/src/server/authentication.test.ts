import {
  AttributeType,
  decodeNonce,
  decodePasswordAlgorithms,
  decodeRealm,
  decodeSoftware,
  deriveLongTermKey,
  encodeFingerprint,
  encodeMessageIntegrity,
  encodeMessageIntegritySha256,
  encodeNonce,
  encodePasswordAlgorithm,
  encodePasswordAlgorithms,
  encodeRealm,
  encodeUserhash,
  encodeUsername,
  hasMessageIntegrity,
  hasMessageIntegritySha256,
  PasswordAlgorithmNumber,
  type StunMessageWriter,
} from '@crowfly/stun'
import { testCrypto } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { TurnMethod } from '../proto/turn-method.ts'
import { OFFERED_ALGORITHMS } from './authenticator.ts'
import { messageOf, requests, sign } from './testing/test-requests.ts'
import { address, codeOf, REALM, TurnBench } from './testing/turn-bench.ts'

const ID = new Uint8Array(12).fill(5)
const NO_BYTES = new Uint8Array(0)
const KEY =
  deriveLongTermKey({ username: 'ann', realm: REALM, password: "ann's password" }, 1, testCrypto) ?? NO_BYTES

function setUp() {
  const bench = new TurnBench()
  const client = bench.client('ann')
  client.challenge()
  /** The code that an Allocate with these attributes gets; 0 for success. */
  const ask = (write: (writer: StunMessageWriter) => void): number | undefined => {
    const response = client.send(
      messageOf(TurnMethod.ALLOCATE, 'request', ID, (writer) => {
        requests.allocate()(writer)
        write(writer)
      }),
    )
    return response && (codeOf(response) ?? 0)
  }
  return { bench, client, ask }
}

// RFC 8489 §9.2.4, in its order
describe('the long-term credential', () => {
  it('is asked for with 401, realm, nonce and algorithms, and nothing else', () => {
    const { client } = setUp()
    const response = client.challenge()
    expect(codeOf(response)).toBe(401)
    expect(decodeRealm(response)).toBe(REALM)
    expect(decodeNonce(response)).toMatch(/^obMatJos2/)
    expect(decodePasswordAlgorithms(response)).toEqual(OFFERED_ALGORITHMS)
    const types: number[] = []
    for (let at = response.firstAttribute; at >= 0; at = response.nextAttribute(at))
      types.push(response.typeAt(at))
    expect(types).toEqual([
      AttributeType.ERROR_CODE,
      AttributeType.REALM,
      AttributeType.NONCE,
      AttributeType.PASSWORD_ALGORITHMS,
    ])
  })

  it.each(['username', 'realm', 'nonce'])('without %s is 400, without a nonce to go on with', (missing) => {
    const { client, ask } = setUp()
    const write = (writer: StunMessageWriter) => {
      if (missing !== 'username') encodeUsername(writer, 'ann')
      if (missing !== 'realm') encodeRealm(writer, REALM)
      if (missing !== 'nonce') encodeNonce(writer, client.nonce)
      encodeMessageIntegrity(writer, KEY, testCrypto)
    }
    expect(ask(write)).toBe(400)
    const response = client.send(messageOf(TurnMethod.REFRESH, 'request', ID, write))
    expect(response?.has(AttributeType.NONCE)).toBe(false)
    expect(response?.has(AttributeType.MESSAGE_INTEGRITY)).toBe(false)
  })

  it.each([
    ['the list alone', true, undefined, OFFERED_ALGORITHMS],
    ['the choice alone', false, 1, OFFERED_ALGORITHMS],
    ['another list', true, 1, OFFERED_ALGORITHMS.slice(1)],
    ['a choice that is not on it', true, 3, OFFERED_ALGORITHMS],
  ])('with %s of the password algorithms is 400', (_, hasList, choice, list) => {
    const { client, ask } = setUp()
    const code = ask((writer) => {
      encodeUsername(writer, 'ann')
      encodeRealm(writer, REALM)
      encodeNonce(writer, client.nonce)
      if (hasList) encodePasswordAlgorithms(writer, list)
      if (choice !== undefined) encodePasswordAlgorithm(writer, { number: choice, parameters: NO_BYTES })
      encodeMessageIntegrity(writer, KEY, testCrypto)
    })
    expect(code).toBe(400)
  })

  it('of nobody, or with a wrong password, is 401', () => {
    const { client, ask } = setUp()
    expect(ask((writer) => sign(writer, { ...client.signature, username: 'nobody' }))).toBe(401)
    expect(ask((writer) => sign(writer, { ...client.signature, password: 'wrong' }))).toBe(401)
    expect(ask((writer) => sign(writer, { ...client.signature, realm: 'elsewhere' }))).toBe(401)
  })

  it('by USERHASH is 401, since no nonce offers that', () => {
    const { client, ask } = setUp()
    const code = ask((writer) => {
      encodeUserhash(writer, new Uint8Array(32))
      encodeRealm(writer, REALM)
      encodeNonce(writer, client.nonce)
      encodeMessageIntegrity(writer, KEY, testCrypto)
    })
    expect(code).toBe(401)
  })

  it('with a stale nonce is 438 and a new nonce; with a wrong password as well it is 401', () => {
    const { bench, client, ask } = setUp()
    bench.advance(3_700_000)
    expect(ask((writer) => sign(writer, { ...client.signature, password: 'wrong' }))).toBe(401)
    const response = client.request(TurnMethod.ALLOCATE, requests.allocate())
    expect(codeOf(response)).toBe(438)
    client.nonce = decodeNonce(response) ?? ''
    expect(client.allocate()).toBeUndefined()
  })

  it('with a nonce that another address was given is 438', () => {
    const { bench, client } = setUp()
    const other = bench.client('ann', { from: address('203.0.113.99', 1) })
    other.nonce = client.nonce
    expect(other.allocate()).toBe(438)
  })

  it('is good with SHA-1 or SHA-256, and the response is protected the same way', () => {
    for (const isSha256 of [false, true]) {
      const { client } = setUp()
      client.isSha256 = isSha256
      const response = client.request(TurnMethod.ALLOCATE, requests.allocate())
      expect(codeOf(response)).toBeUndefined()
      const number = isSha256 ? PasswordAlgorithmNumber.SHA256 : PasswordAlgorithmNumber.MD5
      const key = deriveLongTermKey(client.signature, number, testCrypto) ?? NO_BYTES
      expect(hasMessageIntegrity(response, key, testCrypto)).toBe(!isSha256)
      expect(hasMessageIntegritySha256(response, key, testCrypto)).toBe(isSha256)
    }
  })

  it('without PASSWORD-ALGORITHMS is answered by SHA-1, even a request by SHA-256', () => {
    const { client } = setUp()
    const response = client.send(
      messageOf(TurnMethod.ALLOCATE, 'request', ID, (writer) => {
        requests.allocate()(writer)
        encodeUsername(writer, 'ann')
        encodeRealm(writer, REALM)
        encodeNonce(writer, client.nonce)
        encodeMessageIntegritySha256(writer, KEY, testCrypto)
      }),
    )
    expect(response && hasMessageIntegrity(response, KEY, testCrypto)).toBe(true)
    expect(response?.has(AttributeType.MESSAGE_INTEGRITY_SHA256)).toBe(false)
  })

  it('protects refusals too', () => {
    const { client } = setUp()
    const response = client.request(TurnMethod.REFRESH, requests.refresh())
    expect(codeOf(response)).toBe(437)
    expect(hasMessageIntegrity(response, KEY, testCrypto)).toBe(true)
  })

  // RFC 8656 §5
  it('is answered with SOFTWARE where the owner names it, refusals too, but strangers are not', () => {
    const client = new TurnBench(undefined, {}, { software: 'a relay' }).client('ann')
    expect(decodeSoftware(client.challenge())).toBeUndefined()
    for (const code of [undefined, 437]) {
      const response = client.request(TurnMethod.ALLOCATE, requests.allocate())
      expect([codeOf(response), decodeSoftware(response)]).toEqual([code, 'a relay'])
    }
    expect(decodeSoftware(client.request(TurnMethod.REFRESH, requests.refresh()))).toBe('a relay')
  })

  it('comes before unknown attributes, which are 420 then', () => {
    const { client, ask } = setUp()
    expect(ask((writer) => writer.writeAttribute(0x002a, new Uint8Array(4)))).toBe(401)
    const response = client.request(TurnMethod.ALLOCATE, (writer) =>
      writer.writeAttribute(0x002a, new Uint8Array(4)),
    )
    expect(codeOf(response)).toBe(420)
    expect(response.valueAt(response.find(AttributeType.UNKNOWN_ATTRIBUTES))).toEqual(Uint8Array.of(0, 0x2a))
  })

  it('that has expired gets no new allocation, and keeps the one there is', () => {
    const { bench, client } = setUp()
    const account = bench.accounts.get('ann')
    if (account === undefined) throw new TypeError('no account')
    expect(client.allocate()).toBeUndefined()
    bench.accounts.set('ann', { ...account, mayAllocate: false })
    expect(client.refresh(600)).toBeUndefined()
    expect(client.permit(client.relayed)).toBeUndefined()
    const late = bench.client('ann')
    expect(late.allocate()).toBe(401)
    bench.accounts.delete('ann')
    expect(client.refresh(600)).toBe(401)
    bench.accounts.set('ann', { ...account, mayAllocate: false })
    expect(client.refresh(0)).toBeUndefined()
    expect(bench.server.sizes.allocations).toBe(0)
  })

  it('is not asked for by what is no request of TURN', () => {
    const { client, bench } = setUp()
    for (const method of [TurnMethod.SEND, TurnMethod.DATA, 0x00a, 0xfff]) {
      expect(client.send(messageOf(method, 'request', ID, () => {}))).toBeUndefined()
    }
    expect(client.send(messageOf(TurnMethod.ALLOCATE, 'indication', ID, requests.allocate()))).toBeUndefined()
    expect(bench.server.counters.dropped.unsupported).toBe(5)
  })

  it('with a wrong FINGERPRINT gets no answer, with a right one an answer that has it', () => {
    const { client } = setUp()
    const bytes = messageOf(TurnMethod.ALLOCATE, 'request', ID, encodeFingerprint)
    expect(client.send(bytes)?.has(AttributeType.FINGERPRINT)).toBe(true)
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
    expect(client.send(bytes)).toBeUndefined()
  })
})
