import { encodeUtf8 } from '@crowfly/bytes'
import {
  decodeSoftware,
  encodeAlternateDomain,
  encodeAlternateServer,
  encodeUnknownAttributes,
  encodeXorMappedAddress,
  type StunMessageWriter,
} from '@crowfly/stun'
import { parseHex } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { encodeAddressErrorCode } from '../proto/attributes/address-error-code.ts'
import { hasDontFragment } from '../proto/attributes/dont-fragment.ts'
import { decodeLifetime, encodeLifetime } from '../proto/attributes/lifetime.ts'
import { encodeReservationToken } from '../proto/attributes/reservation-token.ts'
import { encodeXorRelayedAddress } from '../proto/attributes/xor-relayed-address.ts'
import { TurnAttributeType } from '../proto/turn-attribute-type.ts'
import { TurnMethod } from '../proto/turn-method.ts'
import { ClientWorld, PEER } from '../testing/client-world.ts'
import { addressOf, REFLEXIVE, RELAYED } from '../testing/scripted-turn-server.ts'
import type { RequestedRelay } from './requested-relay.ts'

const { ALLOCATE, REFRESH } = TurnMethod
const RELAYED6 = addressOf('2001:db8::1 50000')
const PAYLOAD = encodeUtf8('hello')

function allocatedWith(write: (writer: StunMessageWriter) => void) {
  return {
    write: (writer: StunMessageWriter) => {
      encodeXorMappedAddress(writer, REFLEXIVE)
      encodeLifetime(writer, 600)
      write(writer)
    },
  }
}

describe('an allocation', () => {
  it('is asked for, challenged and granted', () => {
    const world = new ClientWorld()
    world.client.start(world.now)
    world.settle()
    expect(world.events).toEqual([
      {
        type: 'allocated',
        relayed: [RELAYED],
        reflexive: REFLEXIVE,
        lifetimeSeconds: 600,
        reservationToken: undefined,
        addressError: undefined,
      },
    ])
    expect(world.takeMethods()).toEqual([ALLOCATE, ALLOCATE])
  })

  it('of IPv6 is asked for as such', () => {
    const world = new ClientWorld({ relay: { type: 'single', family: 6 } })
    world.server.answers.set(
      ALLOCATE,
      allocatedWith((writer) => encodeXorRelayedAddress(writer, RELAYED6)),
    )
    world.client.start(world.now)
    world.settle()
    expect(world.server.requests[0]?.has(TurnAttributeType.REQUESTED_ADDRESS_FAMILY)).toBe(true)
    expect(world.events).toMatchObject([{ type: 'allocated', relayed: [RELAYED6] }])
  })

  it('of both families may come with both, or with one and the reason', () => {
    for (const isWhole of [true, false]) {
      const world = new ClientWorld({ relay: { type: 'dual' } })
      world.server.answers.set(
        ALLOCATE,
        allocatedWith((writer) => {
          encodeXorRelayedAddress(writer, RELAYED)
          if (isWhole) encodeXorRelayedAddress(writer, RELAYED6)
          else encodeAddressErrorCode(writer, { family: 6, code: 440 })
        }),
      )
      world.client.start(world.now)
      world.settle()
      expect(world.server.requests[0]?.has(TurnAttributeType.ADDITIONAL_ADDRESS_FAMILY)).toBe(true)
      expect(world.events).toMatchObject([
        isWhole
          ? { type: 'allocated', relayed: [RELAYED, RELAYED6], addressError: undefined }
          : { type: 'allocated', relayed: [RELAYED], addressError: { family: 6, code: 440 } },
      ])
    }
  })

  it('on an even port may reserve the next, which another one takes by its token', () => {
    const token = parseHex('0102030405060708')
    const first = new ClientWorld({ relay: { type: 'single', family: 4, evenPort: { reserveNext: true } } })
    first.server.answers.set(
      ALLOCATE,
      allocatedWith((writer) => {
        encodeXorRelayedAddress(writer, RELAYED)
        encodeReservationToken(writer, token)
      }),
    )
    first.client.start(first.now)
    first.settle()
    expect(first.server.requests[0]?.has(TurnAttributeType.EVEN_PORT)).toBe(true)
    expect(first.events).toMatchObject([{ type: 'allocated', reservationToken: token }])
    const second = ClientWorld.allocated({ relay: { type: 'reserved', token } })
    expect(second.server.requests[0]?.has(TurnAttributeType.RESERVATION_TOKEN)).toBe(true)
  })

  // RFC 8656 §7.1
  it.each<[RequestedRelay, number[]]>([
    [{ type: 'single', family: 4 }, []],
    [{ type: 'single', family: 6 }, [TurnAttributeType.REQUESTED_ADDRESS_FAMILY]],
    [
      { type: 'single', family: 6, evenPort: { reserveNext: true } },
      [TurnAttributeType.REQUESTED_ADDRESS_FAMILY, TurnAttributeType.EVEN_PORT],
    ],
    [
      { type: 'dual', evenPort: { reserveNext: false } },
      [TurnAttributeType.EVEN_PORT, TurnAttributeType.ADDITIONAL_ADDRESS_FAMILY],
    ],
    [{ type: 'reserved', token: new Uint8Array(8) }, [TurnAttributeType.RESERVATION_TOKEN]],
  ])('asks for %j with nothing that must not stand beside it', (relay, attributes) => {
    const world = new ClientWorld({ relay })
    world.client.start(world.now)
    world.settle()
    const asked = [
      TurnAttributeType.REQUESTED_ADDRESS_FAMILY,
      TurnAttributeType.EVEN_PORT,
      TurnAttributeType.RESERVATION_TOKEN,
      TurnAttributeType.ADDITIONAL_ADDRESS_FAMILY,
    ].filter((type) => world.server.requests[0]?.has(type))
    expect(asked).toEqual(attributes)
  })

  // RFC 8656 §7.3
  it.each([
    ['another family than asked for', allocatedWith((writer) => encodeXorRelayedAddress(writer, RELAYED6))],
    ['no relayed address', allocatedWith(() => {})],
    [
      'two addresses of one family',
      allocatedWith((writer) => {
        encodeXorRelayedAddress(writer, RELAYED)
        encodeXorRelayedAddress(writer, RELAYED)
      }),
    ],
    [
      'no reflexive address',
      {
        write: (writer: StunMessageWriter) => {
          encodeXorRelayedAddress(writer, RELAYED)
          encodeLifetime(writer, 600)
        },
      },
    ],
  ])('with %s is given back', (_, answer) => {
    const world = new ClientWorld()
    world.server.answers.set(ALLOCATE, answer)
    world.client.start(world.now)
    world.settle()
    expect(world.events).toEqual([{ type: 'ended', reason: 'unusableResponse' }])
    expect(world.takeMethods()).toEqual([ALLOCATE, ALLOCATE, REFRESH])
    expect(world.client.pollTimeout()).toBe(Infinity)
  })

  // RFC 8656 §7.4
  it.each([
    [400, 'Bad Request'],
    [403, 'Forbidden'],
    [437, 'Allocation Mismatch'],
    [440, 'Address Family not Supported'],
    [441, 'Wrong Credentials'],
    [442, 'Unsupported Transport Protocol'],
    [486, 'Allocation Quota Reached'],
    [500, 'Server Error'],
    [508, 'Insufficient Capacity'],
    [599, ''],
  ])('refused with %i ends the client, with that reason', (code, phrase) => {
    const world = new ClientWorld()
    world.server.answers.set(ALLOCATE, { code })
    world.client.start(world.now)
    world.settle()
    expect(world.events).toEqual([{ type: 'ended', reason: 'refused', code, phrase }])
    expect(world.client.pollTimeout()).toBe(Infinity)
    expect(world.client.send(PEER, PAYLOAD)).toBe('notAllocated')
  })

  it('refused with 420 says what was not understood', () => {
    const world = new ClientWorld()
    const write = (writer: StunMessageWriter) => encodeUnknownAttributes(writer, [0x0019])
    world.server.answers.set(ALLOCATE, { code: 420, write })
    world.client.start(world.now)
    world.settle()
    expect(world.events).toMatchObject([{ type: 'ended', code: 420, unknownAttributes: [0x0019] }])
  })

  it('goes without DONT-FRAGMENT where the server does not know it', () => {
    const world = new ClientWorld({ dontFragment: true })
    const write = (writer: StunMessageWriter) => {
      world.server.answers.delete(ALLOCATE)
      encodeUnknownAttributes(writer, [TurnAttributeType.DONT_FRAGMENT])
    }
    world.server.answers.set(ALLOCATE, { code: 420, write })
    world.client.start(world.now)
    world.settle()
    expect(world.server.requests.map(hasDontFragment)).toEqual([true, true, false])
    expect(world.events).toMatchObject([{ type: 'allocated' }])
  })

  it('refused with 300 names the other server, if that is authentic', () => {
    const alternate = addressOf('192.0.2.99 3478')
    const world = new ClientWorld()
    const write = (writer: StunMessageWriter) => encodeAlternateServer(writer, alternate)
    world.server.answers.set(ALLOCATE, { code: 300, write })
    world.client.start(world.now)
    world.settle()
    expect(world.events).toMatchObject([{ type: 'ended', code: 300, alternateServer: alternate }])
  })

  // RFC 8489 §10: the first one is of the family that the request came by; a TLS client needs the name as well.
  it('refused with 300 names the first of several servers, and whose certificate it has', () => {
    const alternate = addressOf('2001:db8::99 5349')
    const world = new ClientWorld()
    const write = (writer: StunMessageWriter) => {
      encodeAlternateServer(writer, alternate)
      encodeAlternateServer(writer, addressOf('192.0.2.99 5349'))
      encodeAlternateDomain(writer, 'turn.example.org')
    }
    world.server.answers.set(ALLOCATE, { code: 300, write })
    world.client.start(world.now)
    world.settle()
    expect(world.events).toMatchObject([
      { type: 'ended', code: 300, alternateServer: alternate, alternateDomain: 'turn.example.org' },
    ])
  })

  // RFC 8656 §5
  it('is asked for and refreshed with SOFTWARE where the owner names it', () => {
    const world = ClientWorld.allocated({ software: 'a client' })
    world.client.permit(PEER, world.now)
    world.settle()
    world.pass(540_000)
    const named = world.server.requests.filter((request) => decodeSoftware(request) === 'a client')
    expect(named.map(({ method }) => method)).toEqual([ALLOCATE, ALLOCATE, REFRESH])
  })

  it('that nobody answers times out', () => {
    const world = new ClientWorld()
    world.isConnected = false
    world.client.start(world.now)
    world.settle()
    world.pass(39_499)
    expect(world.events).toEqual([])
    world.pass(1)
    expect(world.events).toEqual([{ type: 'ended', reason: 'timedOut' }])
  })

  it('ends with its path', () => {
    const world = ClientWorld.allocated()
    world.client.handlePathFailure(world.now)
    world.settle()
    expect(world.events).toEqual([{ type: 'ended', reason: 'pathFailed' }])
    expect(world.client.pollTimeout()).toBe(Infinity)
  })
})

describe('refreshing', () => {
  it('comes a minute before the end, each time', () => {
    const world = ClientWorld.allocated()
    world.takeMethods()
    world.pass(539_999)
    expect(world.takeMethods()).toEqual([])
    world.pass(1)
    expect(world.takeMethods()).toEqual([REFRESH])
    expect(world.events).toEqual([{ type: 'refreshed', lifetimeSeconds: 600 }])
    world.pass(540_000)
    expect(world.takeMethods()).toEqual([REFRESH])
  })

  it('of a short lifetime comes at its half', () => {
    const world = new ClientWorld({ lifetimeSeconds: 20 })
    world.server.answers.set(ALLOCATE, {
      write: (writer) => {
        encodeXorRelayedAddress(writer, RELAYED)
        encodeXorMappedAddress(writer, REFLEXIVE)
        encodeLifetime(writer, 20)
      },
    })
    world.client.start(world.now)
    world.settle()
    expect(world.server.requests.map(decodeLifetime)).toEqual([20, 20])
    world.takeMethods()
    world.pass(10_000)
    expect(world.takeMethods()).toEqual([REFRESH])
  })

  it('goes on unanswered until the allocation has expired', () => {
    const world = ClientWorld.allocated()
    world.isConnected = false
    world.pass(599_999)
    expect(world.events).toEqual([])
    world.pass(1)
    expect(world.events).toEqual([{ type: 'ended', reason: 'expired' }])
    expect(world.client.pollTimeout()).toBe(Infinity)
  })

  it('is tried again after a passing fault', () => {
    const world = ClientWorld.allocated()
    world.server.answers.set(REFRESH, { code: 500 })
    world.pass(549_000)
    world.server.answers.delete(REFRESH)
    expect(world.events).toEqual([])
    world.pass(1000)
    expect(world.events).toEqual([{ type: 'refreshed', lifetimeSeconds: 600 }])
  })

  // RFC 8489 §6.3.4
  it('is tried again four times at most', () => {
    const world = ClientWorld.allocated()
    world.takeMethods()
    world.server.answers.set(REFRESH, { code: 500 })
    world.pass(599_999)
    expect(world.takeMethods()).toEqual([REFRESH, REFRESH, REFRESH, REFRESH, REFRESH])
    expect(world.events).toEqual([])
    world.pass(1)
    expect(world.events).toEqual([{ type: 'ended', reason: 'expired' }])
  })

  it.each([437, 441, 400])('refused with %i is the end', (code) => {
    const world = ClientWorld.allocated()
    world.server.answers.set(REFRESH, { code })
    world.pass(540_000)
    expect(world.events).toMatchObject([{ type: 'ended', reason: 'refused', code }])
  })
})

describe('release', () => {
  it('deletes the allocation', () => {
    const world = ClientWorld.permitted()
    world.client.release(world.now)
    world.settle()
    expect(world.server.requests.map((request) => [request.method, decodeLifetime(request)])).toEqual([
      [REFRESH, 0],
    ])
    expect(world.events).toEqual([{ type: 'ended', reason: 'released' }])
    expect(world.client.pollTimeout()).toBe(Infinity)
    expect(world.client.permit(PEER, world.now)).toBe(false)
  })

  it('before the answer waits for it, and then deletes what was granted', () => {
    const world = new ClientWorld()
    world.client.start(world.now)
    world.client.release(world.now)
    world.settle()
    expect(world.takeMethods()).toEqual([ALLOCATE, ALLOCATE, REFRESH])
    expect(world.events).toEqual([{ type: 'ended', reason: 'released' }])
  })

  it('before the start ends it at once', () => {
    const world = new ClientWorld()
    world.client.release(world.now)
    world.settle()
    expect(world.events).toEqual([{ type: 'ended', reason: 'released' }])
  })
})

describe('the owner', () => {
  it('can not start twice, nor with limits out of range, nor with credentials that can not be sent', () => {
    const world = new ClientWorld()
    world.client.start(0)
    const misuse = expect.objectContaining({ code: 'TURN_CLIENT' })
    expect(() => world.client.start(1)).toThrow(misuse)
    for (const options of [
      { maxGrants: 0 },
      { maxPayloadBytes: 65_457 },
      { lifetimeSeconds: 0 },
      { software: 'x'.repeat(128) },
    ]) {
      expect(() => new ClientWorld(options)).toThrow(misuse)
    }
    const credential = expect.objectContaining({ code: 'TURN_CREDENTIAL' })
    for (const options of [{ username: 'x'.repeat(509) }, { username: '' }, { password: '\u0007' }]) {
      expect(() => new ClientWorld(options)).toThrow(credential)
    }
  })
})
