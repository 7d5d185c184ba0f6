import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { nodeCrypto, nodeRandom } from '@crowfly/node-io'
import { equalTransportAddress, formatTransportAddress } from '@crowfly/sansio'
import {
  type ClientTransactionEvent,
  createTransactionId,
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
import { ask, exchange, openTcp, openUdp, type StunSocket } from './stun-client.ts'
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

/** Runs `use` with a socket, and closes it. */
async function withSocket(
  opening: Promise<StunSocket>,
  use: (socket: StunSocket) => Promise<void>,
): Promise<void> {
  const socket = await opening
  try {
    await use(socket)
  } finally {
    socket.close()
  }
}

async function expectOwnAddress(socket: StunSocket): Promise<void> {
  const event = await ask(socket, { request: bindingRequest() })
  expect(event.type).toBe('succeeded')
  if (event.type !== 'succeeded') return
  const address = decodeReflexiveAddress(decoded(event.response))
  expect(address && formatTransportAddress(address)).toBe(formatTransportAddress(socket.local))
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
    it.each(['127.0.0.1', '::1'])('learns its address over UDP from %s', (host) =>
      withSocket(openUdp(host, port()), expectOwnAddress),
    )

    it.each(['127.0.0.1', '::1'])('learns its address over TCP from %s', (host) =>
      withSocket(openTcp(host, port()), expectOwnAddress),
    )

    it('is told of an attribute that the server does not know', () =>
      withSocket(openUdp('127.0.0.1', port()), async (socket) => {
        const event = await ask(socket, { request: puzzlingRequest() })
        expect(event).toMatchObject({ type: 'refused', code: 420 })
        if (event.type !== 'refused') return
        expect(decodeUnknownAttributes(decoded(event.response))).toEqual([0x7ff1])
      }))

    it('would get MAPPED-ADDRESS if it were one of RFC 3489', () =>
      withSocket(openUdp('127.0.0.1', port()), async (socket) => {
        const request = classicRequest()
        const response = decoded(await exchange(socket, request))
        expect(response.messageClass).toBe('successResponse')
        expect(response.bytes.slice(4, 20)).toEqual(request.slice(4, 20))
        const address = decodeMappedAddress(response)
        expect(address && equalTransportAddress(address, socket.local)).toBe(true)
      }))
  })
})

// Allocate (RFC 8656) only because coturn asks for credentials there; what is tested is RFC 8489 §9.2.
describe('the long-term mechanism against turnserver', () => {
  const isKnownAttribute = (type: number) => isKnownInResponse(type) || type === 0x000d || type === 0x0016
  const credential = {
    // In ASCII: coturn's preparation works on bytes, and refuses those of other scripts.
    username: 'neo',
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

  /** Asks without credentials and then with `password`; how that ended. Nonces are for one socket. */
  async function allocate(socket: StunSocket, password: string): Promise<ClientTransactionEvent> {
    const challenge = await ask(socket, { request: allocateRequest(() => {}) })
    expect(challenge).toMatchObject({ type: 'refused', code: 401 })
    if (challenge.type !== 'refused') return challenge
    const challenged = decoded(challenge.response)
    expect(decodeRealm(challenged)).toBe(credential.realm)
    const key = deriveLongTermKey({ ...credential, password }, PasswordAlgorithmNumber.MD5, nodeCrypto)
    if (key === undefined) return challenge
    const request = allocateRequest((writer) => {
      encodeUsername(writer, credential.username)
      encodeRealm(writer, credential.realm)
      encodeNonce(writer, decodeNonce(challenged) ?? '')
      encodeMessageIntegrity(writer, key, nodeCrypto)
    })
    return ask(socket, {
      request,
      isKnownAttribute,
      credential: { mechanism: 'longTerm', key, crypto: nodeCrypto },
    })
  }

  it('lets us in, with a response whose integrity is right', () =>
    withSocket(openUdp('127.0.0.1', turnserver.port), async (socket) => {
      const event = await allocate(socket, credential.password)
      expect(event).toMatchObject({ type: 'succeeded' })
      if (event.type !== 'succeeded') return
      const address = decodeReflexiveAddress(decoded(event.response))
      expect(address && equalTransportAddress(address, socket.local)).toBe(true)
    }))

  it('keeps us out with another password', () =>
    withSocket(openUdp('127.0.0.1', turnserver.port), async (socket) => {
      expect(await allocate(socket, 'TheMatrX')).toMatchObject({ type: 'refused', code: 401 })
    }))
})
