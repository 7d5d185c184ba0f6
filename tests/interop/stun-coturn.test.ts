import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { nodeCrypto, nodeRandom } from '@crowfly/node-io'
import { equalTransportAddress, formatTransportAddress, parseAddress } from '@crowfly/sansio'
import {
  createTransactionId,
  decodeErrorCode,
  decodeMappedAddress,
  decodeNonce,
  decodeRealm,
  decodeReflexiveAddress,
  decodeUnknownAttributes,
  deriveLongTermKey,
  encodeBindingRequest,
  encodeMessageIntegrity,
  encodeNonce,
  encodeRealm,
  encodeUsername,
  isKnownInResponse,
  PasswordAlgorithmNumber,
  StunMessage,
  StunMessageWriter,
} from '@crowfly/stun'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CrowflyServer } from '../e2e/harness/crowfly-server.ts'
import { type Answer, askByTcp, askByUdp, exchangeByUdp } from './stun-client.ts'
import { Turnserver } from './stun-turnserver.ts'

const run = promisify(execFile)

/** What turnutils_stunclient says its address is; it hangs when it is not answered, so it is given ten seconds. */
async function reflexiveAddresses(port: number, host: string, ...flags: string[]): Promise<string[]> {
  const { stdout } = await run('timeout', ['10', 'turnutils_stunclient', '-p', String(port), ...flags, host])
  return Array.from(stdout.matchAll(/UDP reflexive addr: (\S+)/g), ([, address = '']) => address)
}

function decoded(bytes: Uint8Array): StunMessage {
  const message = new StunMessage()
  expect(message.decodeWithClassic(bytes)).toBeUndefined()
  return message
}

function expectOwnAddress({ event, local }: Answer): void {
  expect(event.type).toBe('succeeded')
  if (event.type !== 'succeeded') return
  const address = decodeReflexiveAddress(decoded(event.response))
  expect(address && formatTransportAddress(address)).toBe(formatTransportAddress(local))
}

function bindingRequest(): Uint8Array {
  return encodeBindingRequest(createTransactionId(nodeRandom), { hasFingerprint: true })
}

/** A Binding request with an attribute that nobody knows. */
function puzzlingRequest(): Uint8Array {
  const writer = new StunMessageWriter(new Uint8Array(64))
  writer.writeHeader(0x001, 'request', createTransactionId(nodeRandom))
  writer.writeAttribute(0x7ff1, new Uint8Array(4))
  return writer.message
}

/** A Binding request as RFC 3489 has it: no magic cookie. */
function classicRequest(): Uint8Array {
  const request = encodeBindingRequest(createTransactionId(nodeRandom))
  request.set([1, 2, 3, 4], 4)
  return request
}

describe('turnutils_stunclient against `crowfly serve`', () => {
  let server: CrowflyServer

  beforeAll(async () => {
    server = await CrowflyServer.start()
  })
  afterAll(() => server.close())

  it('learns its IPv4 address', async () => {
    expect(await reflexiveAddresses(server.port, '127.0.0.1')).toContainEqual(
      expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    )
  })

  it('learns another IPv4 address when it has that', async () => {
    expect(await reflexiveAddresses(server.port, '127.0.0.1', '-L', '127.0.0.2')).toContainEqual(
      expect.stringMatching(/^127\.0\.0\.2:\d+$/),
    )
  })

  it('learns its IPv6 address', async () => {
    expect(await reflexiveAddresses(server.port, '::1')).toContainEqual(expect.stringMatching(/^::1:\d+$/))
  })
})

describe('our client transaction', () => {
  let turnserver: Turnserver
  let crowfly: CrowflyServer

  beforeAll(async () => {
    turnserver = await Turnserver.start(['--stun-only'])
    crowfly = await CrowflyServer.start()
  })
  afterAll(async () => {
    await turnserver.close()
    await crowfly.close()
  })

  describe.each([
    ['turnserver', () => turnserver.port],
    ['`crowfly serve`', () => crowfly.port],
  ])('against %s', (_, port) => {
    it.each(['127.0.0.1', '::1'])('learns its address over UDP from %s', async (host) => {
      expectOwnAddress(await askByUdp(host, port(), { request: bindingRequest() }))
    })

    it.each(['127.0.0.1', '::1'])('learns its address over TCP from %s', async (host) => {
      expectOwnAddress(await askByTcp(host, port(), { request: bindingRequest() }))
    })

    it('is told of an attribute that the server does not know', async () => {
      const { event } = await askByUdp('127.0.0.1', port(), { request: puzzlingRequest() })
      expect(event).toMatchObject({ type: 'refused', code: 420 })
      if (event.type !== 'refused') return
      expect(decodeUnknownAttributes(decoded(event.response))).toEqual([0x7ff1])
    })

    it('would get MAPPED-ADDRESS if it were one of RFC 3489', async () => {
      const request = classicRequest()
      const response = decoded(await exchangeByUdp('127.0.0.1', port(), request))
      expect(response.messageClass).toBe('successResponse')
      expect(response.bytes.slice(4, 20)).toEqual(Buffer.from(request.slice(4, 20)))
      const address = decodeMappedAddress(response)
      expect(address?.address.join('.')).toBe('127.0.0.1')
    })
  })
})

// Allocate (RFC 8656) only because coturn asks for credentials there; what is tested is RFC 8489 §9.2.
describe('the long-term mechanism against turnserver', () => {
  const isKnownAttribute = (type: number) => isKnownInResponse(type) || type === 0x000d || type === 0x0016
  const credential = {
    username: '\u30DE\u30C8\u30EA\u30C3\u30AF\u30B9',
    realm: 'example.org',
    password: 'TheMatrIX',
  }
  let turnserver: Turnserver

  beforeAll(async () => {
    const user = `${credential.username}:${credential.password}`
    turnserver = await Turnserver.start(['--lt-cred-mech', '--user', user, '--realm', credential.realm])
  })
  afterAll(() => turnserver.close())

  function allocateRequest(sign: (writer: StunMessageWriter) => void): Uint8Array {
    const writer = new StunMessageWriter(new Uint8Array(512))
    writer.writeHeader(0x003, 'request', createTransactionId(nodeRandom))
    writer.writeAttribute(0x0019, Uint8Array.of(17, 0, 0, 0))
    sign(writer)
    return writer.message
  }

  /** Asks without credentials and then with `password`; how that ended. */
  async function allocate(password: string) {
    const challenge = await askByUdp('127.0.0.1', turnserver.port, { request: allocateRequest(() => {}) })
    expect(challenge.event).toMatchObject({ type: 'refused', code: 401 })
    if (challenge.event.type !== 'refused') throw new Error('not challenged')
    const challenged = decoded(challenge.event.response)
    expect(decodeErrorCode(challenged)?.code).toBe(401)
    expect(decodeRealm(challenged)).toBe(credential.realm)
    const key = deriveLongTermKey({ ...credential, password }, PasswordAlgorithmNumber.MD5, nodeCrypto)
    if (key === undefined) throw new Error('no key')
    const request = allocateRequest((writer) => {
      encodeUsername(writer, credential.username)
      encodeRealm(writer, credential.realm)
      encodeNonce(writer, decodeNonce(challenged) ?? '')
      encodeMessageIntegrity(writer, key, nodeCrypto)
    })
    return askByUdp('127.0.0.1', turnserver.port, {
      request,
      isKnownAttribute,
      credential: { mechanism: 'longTerm', key, crypto: nodeCrypto },
    })
  }

  it('lets us in, with a response whose integrity is right', async () => {
    const { event, local } = await allocate(credential.password)
    expect(event.type).toBe('succeeded')
    if (event.type !== 'succeeded') return
    const address = decodeReflexiveAddress(decoded(event.response))
    expect(address && equalTransportAddress(address, local)).toBe(true)
    expect(local.address).toEqual(parseAddress('127.0.0.1'))
  })

  it('keeps us out with another password', async () => {
    const { event } = await allocate('TheMatrX')
    expect(event).toMatchObject({ type: 'refused', code: 401 })
  })
})
