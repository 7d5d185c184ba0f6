import {
  AttributeType,
  decodeNonce,
  decodePasswordAlgorithm,
  decodeRealm,
  encodeErrorCode,
  encodeNonce,
  encodeNonceCookie,
  encodeRealm,
  encodeXorMappedAddress,
  integrityAlgorithmOf,
  PasswordAlgorithmNumber,
  SecurityFeature,
  StunMessage,
  StunMessageWriter,
} from '@crowfly/stun'
import { describe, expect, it } from 'vitest'
import { encodeLifetime } from '../proto/attributes/lifetime.ts'
import { encodeXorRelayedAddress } from '../proto/attributes/xor-relayed-address.ts'
import { TurnMethod } from '../proto/turn-method.ts'
import { ClientWorld } from '../testing/client-world.ts'
import { addressOf, REALM, REFLEXIVE, RELAYED } from '../testing/scripted-turn-server.ts'

const NONE = new Uint8Array(0)
const MD5 = { number: PasswordAlgorithmNumber.MD5, parameters: NONE }
const SHA256 = { number: PasswordAlgorithmNumber.SHA256, parameters: NONE }
const NOVEL = { number: 0x7777, parameters: Uint8Array.of(1, 2, 3) }
const PEER = addressOf('192.0.2.7 6000')

/** A world whose client has sent its first request, and what the client sent. */
function asked(): { world: ClientWorld; request: StunMessage } {
  const world = new ClientWorld()
  world.isConnected = false
  world.client.start(world.now)
  const request = lastSent(world)
  return { world, request }
}

/** The last message that the client has to send. */
function lastSent(world: ClientWorld): StunMessage {
  const out = { bytes: NONE, start: 0, end: 0, path: 0 }
  const message = new StunMessage()
  while (world.client.pollTransmit(out)) message.decode(out.bytes.slice(out.start, out.end))
  return message
}

function errorTo(
  request: StunMessage,
  code: number,
  write: (writer: StunMessageWriter) => void = () => {},
): Uint8Array {
  const writer = new StunMessageWriter(new Uint8Array(4096))
  writer.writeResponseHeader(request, 'errorResponse')
  encodeErrorCode(writer, code)
  write(writer)
  return writer.message
}

// RFC 8489 §9.2.5
describe('authentication', () => {
  it('by SHA-1 suits a server that offers no algorithms', () => {
    const world = ClientWorld.allocated()
    const [first, second] = world.server.requests
    expect(first && integrityAlgorithmOf(first)).toBeUndefined()
    expect(first?.has(AttributeType.USERNAME)).toBe(false)
    expect(second && integrityAlgorithmOf(second)).toBe('sha1')
    expect(second?.has(AttributeType.PASSWORD_ALGORITHMS)).toBe(false)
  })

  it.each([
    ['with SHA-256 before MD5', [NOVEL, SHA256, MD5], SHA256],
    ['with MD5 before SHA-256', [MD5, SHA256], SHA256],
    ['without SHA-256', [NOVEL, MD5], MD5],
  ])('takes SHA-256 wherever it is offered: %s', (_, algorithms, chosen) => {
    const world = new ClientWorld()
    world.server.algorithms = algorithms
    world.client.start(world.now)
    world.settle()
    expect(world.events).toMatchObject([{ type: 'allocated' }])
    const request = world.server.requests[1]
    expect(request && integrityAlgorithmOf(request)).toBe('sha256')
    expect(request && decodePasswordAlgorithm(request)).toEqual(chosen)
  })

  it('hides the username where the server asks for that', () => {
    const world = new ClientWorld()
    world.server.algorithms = [SHA256]
    world.server.isAnonymous = true
    world.client.start(world.now)
    world.settle()
    expect(world.events).toMatchObject([{ type: 'allocated' }])
    expect(world.server.requests.some((request) => request.has(AttributeType.USERNAME))).toBe(false)
  })

  it('takes a new nonce when the old one is stale, for every kind of request', () => {
    const world = ClientWorld.allocated()
    world.server.nonce = 'nonce-2'
    world.client.permit(PEER, world.now)
    world.client.bindChannel(PEER, world.now)
    world.settle()
    expect(world.events).toMatchObject([{ type: 'permissionGranted' }, { type: 'channelBound' }])
    world.server.nonce = 'nonce-3'
    world.pass(540_000)
    expect(world.events.at(-1)).toMatchObject({ type: 'refreshed' })
    world.server.nonce = 'nonce-4'
    world.client.release(world.now)
    world.settle()
    expect(world.events.at(-1)).toMatchObject({ type: 'ended', reason: 'released' })
  })

  it('gives up on nonces that are always stale', () => {
    const { world, request } = asked()
    let last = request
    let challenges = 0
    for (; world.events.length === 0 && challenges < 10; challenges++) {
      world.client.handleDatagram(
        {
          ...run(
            errorTo(last, 438, (writer) => {
              encodeRealm(writer, REALM)
              encodeNonce(writer, `nonce-${challenges}`)
            }),
          ),
          path: 3,
        },
        world.now,
      )
      last = lastSent(world)
      world.settle()
    }
    expect(challenges).toBe(4)
    expect(world.events).toMatchObject([{ type: 'ended', reason: 'refused', code: 438 }])
  })

  it('does not try wrong credentials twice', () => {
    const world = new ClientWorld({ password: 'TheMatrX' })
    world.client.start(world.now)
    world.settle()
    expect(world.server.requests.length).toBe(2)
    expect(world.events).toMatchObject([{ type: 'ended', reason: 'refused', code: 401 }])
  })

  it('tries again where the realm has changed', () => {
    const world = ClientWorld.allocated()
    world.server.realm = 'elsewhere.example'
    world.client.permit(PEER, world.now)
    world.settle()
    expect(world.events).toMatchObject([{ type: 'permissionGranted' }])
    expect(world.server.requests.at(-1) && decodeRealm(lastOf(world))).toBe('elsewhere.example')
  })

  it.each<[string, (writer: StunMessageWriter) => void, string]>([
    ['without a nonce', (writer) => encodeRealm(writer, REALM), 'unusableChallenge'],
    ['without a realm', (writer) => encodeNonce(writer, 'nonce'), 'unusableChallenge'],
    [
      'with a nonce longer than may be sent',
      (writer) => {
        encodeRealm(writer, REALM)
        writer.writeAttribute(AttributeType.NONCE, new Uint8Array(200).fill(0x61))
      },
      'unusableChallenge',
    ],
    [
      'with a realm that is no OpaqueString',
      (writer) => {
        writer.writeAttribute(AttributeType.REALM, Uint8Array.of(7))
        encodeNonce(writer, 'nonce')
      },
      'unusableChallenge',
    ],
    [
      'with a list of algorithms that is none',
      (writer) => {
        encodeRealm(writer, REALM)
        encodeNonce(writer, encodeNonceCookie(SecurityFeature.PASSWORD_ALGORITHMS))
        writer.writeAttribute(AttributeType.PASSWORD_ALGORITHMS, Uint8Array.of(0, 1))
      },
      'unusableChallenge',
    ],
    [
      'with more algorithms than there can be',
      (writer) => {
        encodeRealm(writer, REALM)
        encodeNonce(writer, 'nonce')
        writer.writeAttribute(AttributeType.PASSWORD_ALGORITHMS, new Uint8Array(4 * 9))
      },
      'unusableChallenge',
    ],
    [
      'with none that we have',
      (writer) => {
        encodeRealm(writer, REALM)
        encodeNonce(writer, 'nonce')
        writer.writeAttribute(AttributeType.PASSWORD_ALGORITHMS, Uint8Array.of(0x77, 0x77, 0, 0))
      },
      'noCommonAlgorithm',
    ],
    [
      'whose nonce promises algorithms that are not there',
      (writer) => {
        encodeRealm(writer, REALM)
        encodeNonce(writer, encodeNonceCookie(SecurityFeature.PASSWORD_ALGORITHMS))
      },
      'bidDown',
    ],
  ])('ends at a challenge %s', (_, write, reason) => {
    const { world, request } = asked()
    world.deliver(errorTo(request, 401, write))
    expect(world.events).toEqual([{ type: 'ended', reason }])
    expect(world.client.pollTimeout()).toBe(Infinity)
  })

  it('does not go back to SHA-1 when a 438 has lost the algorithms, cookie and all', () => {
    const world = new ClientWorld()
    world.server.algorithms = [SHA256, MD5]
    world.client.start(world.now)
    world.settle()
    world.isConnected = false
    world.client.permit(PEER, world.now)
    const request = lastSent(world)
    world.deliver(
      errorTo(request, 438, (writer) => {
        encodeRealm(writer, REALM)
        encodeNonce(writer, 'plain')
      }),
    )
    expect(world.events.at(-1)).toMatchObject({ type: 'permissionRefused', reason: 'bidDown' })
  })

  it('overlooks forged responses over UDP', () => {
    const world = ClientWorld.allocated()
    world.isConnected = false
    world.client.permit(PEER, world.now)
    const request = lastSent(world)
    for (const code of [400, 403, 437]) world.deliver(errorTo(request, code))
    const forged = new StunMessageWriter(new Uint8Array(64))
    forged.writeResponseHeader(request, 'successResponse')
    world.deliver(forged.message)
    expect(world.events).toEqual([])
    world.isConnected = true
    world.pass(500)
    expect(world.events).toMatchObject([{ type: 'permissionGranted' }])
  })

  it('gives no address of another server that was not authenticated', () => {
    const { world, request } = asked()
    world.deliver(
      errorTo(request, 300, (writer) => {
        writer.writeAttribute(AttributeType.ALTERNATE_SERVER, Uint8Array.of(0, 1, 13, 150, 192, 0, 2, 99))
      }),
    )
    expect(world.events).toEqual([{ type: 'ended', reason: 'refused', code: 300, phrase: 'Try Alternate' }])
  })

  it('is not needed where the server asks for none', () => {
    const { world, request } = asked()
    const writer = new StunMessageWriter(new Uint8Array(128))
    writer.writeResponseHeader(request, 'successResponse')
    encodeXorRelayedAddress(writer, RELAYED)
    encodeXorMappedAddress(writer, REFLEXIVE)
    encodeLifetime(writer, 600)
    world.deliver(writer.message)
    expect(world.events).toMatchObject([{ type: 'allocated' }])
    world.client.permit(PEER, world.now)
    expect(decodeNonce(lastSent(world))).toBeUndefined()
  })

  it('answers to the first request that nobody waits for do nothing', () => {
    const { world, request } = asked()
    const other = new StunMessageWriter(new Uint8Array(64))
    other.writeHeader(TurnMethod.ALLOCATE, 'errorResponse', new Uint8Array(12).fill(9))
    world.deliver(other.message)
    expect(world.client.counters.unexpected).toBe(1)
    expect(world.events).toEqual([])
    expect(request.method).toBe(TurnMethod.ALLOCATE)
  })
})

function run(bytes: Uint8Array): { bytes: Uint8Array; start: number; end: number } {
  return { bytes, start: 0, end: bytes.length }
}

function lastOf(world: ClientWorld): StunMessage {
  return world.server.requests.at(-1) ?? new StunMessage()
}
