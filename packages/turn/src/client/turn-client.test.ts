import { encodeUtf8 } from '@crowfly/bytes'
import {
  encodeAlternateServer,
  encodeUnknownAttributes,
  encodeXorMappedAddress,
  StunMessage,
  StunMessageWriter,
} from '@crowfly/stun'
import { parseHex } from '@crowfly/testkit'
import { describe, expect, it } from 'vitest'
import { encodeAddressErrorCode } from '../proto/attributes/address-error-code.ts'
import { decodeData } from '../proto/attributes/data.ts'
import { hasDontFragment } from '../proto/attributes/dont-fragment.ts'
import { encodeIcmp } from '../proto/attributes/icmp.ts'
import { decodeLifetime, encodeLifetime } from '../proto/attributes/lifetime.ts'
import { encodeReservationToken } from '../proto/attributes/reservation-token.ts'
import { decodeXorPeerAddress, encodeXorPeerAddress } from '../proto/attributes/xor-peer-address.ts'
import { encodeXorRelayedAddress } from '../proto/attributes/xor-relayed-address.ts'
import { encodeIndicationInPlace } from '../proto/indication.ts'
import { TurnAttributeType } from '../proto/turn-attribute-type.ts'
import { TurnErrorCode } from '../proto/turn-error-code.ts'
import { TurnMethod } from '../proto/turn-method.ts'
import { ClientWorld } from '../testing/client-world.ts'
import { addressOf, REFLEXIVE, RELAYED } from '../testing/scripted-turn-server.ts'

const { ALLOCATE, REFRESH, SEND, DATA, CREATE_PERMISSION, CHANNEL_BIND } = TurnMethod
const PEER = addressOf('192.0.2.7 6000')
const OTHER_PORT = addressOf('192.0.2.7 6001')
const PEER6 = addressOf('2001:db8::7 6000')
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

/** A Data indication as the server sends it. */
function dataIndication(peer = PEER, payload = PAYLOAD): Uint8Array {
  const bytes = new Uint8Array(128)
  bytes.set(payload, 64)
  const run = { bytes, start: 64, end: 64 + payload.length }
  encodeIndicationInPlace(run, 'data', peer, new Uint8Array(12))
  return bytes.slice(run.start, run.end)
}

function indication(write: (writer: StunMessageWriter) => void): Uint8Array {
  const writer = new StunMessageWriter(new Uint8Array(128))
  writer.writeHeader(DATA, 'indication', new Uint8Array(12))
  write(writer)
  return writer.message
}

function permitted(peer = PEER): ClientWorld {
  const world = ClientWorld.allocated()
  expect(world.client.permit(peer, world.now)).toBe(true)
  world.settle()
  world.events.length = 0
  world.takeMethods()
  return world
}

function bound(peer = PEER, options = {}): ClientWorld {
  const world = ClientWorld.allocated(options)
  expect(world.client.bindChannel(peer, world.now)).toBe(true)
  world.settle()
  world.events.length = 0
  world.takeMethods()
  return world
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
    world.pass(544_000)
    world.server.answers.delete(REFRESH)
    expect(world.events).toEqual([])
    world.pass(1000)
    expect(world.events).toEqual([{ type: 'refreshed', lifetimeSeconds: 600 }])
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
    const world = permitted()
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

describe('a permission', () => {
  it('is granted, and renewed every four minutes', () => {
    const world = ClientWorld.allocated()
    world.takeMethods()
    expect(world.client.permit(PEER, world.now)).toBe(true)
    world.settle()
    expect(world.events).toEqual([{ type: 'permissionGranted', peer: PEER }])
    const [request] = world.server.requests
    expect(request && decodeXorPeerAddress(request)).toEqual(PEER)
    world.takeMethods()
    world.pass(480_000)
    expect(world.takeMethods()).toEqual([CREATE_PERMISSION, CREATE_PERMISSION])
    expect(world.events.length).toBe(1)
  })

  it('is for the address, whatever the port', () => {
    const world = permitted()
    expect(world.client.permit(OTHER_PORT, world.now)).toBe(true)
    world.settle()
    expect(world.takeMethods()).toEqual([])
    expect(world.client.send(OTHER_PORT, PAYLOAD)).toBe('sent')
  })

  it.each([400, 403, 443, 486, 508])('refused with %i leaves the allocation alone', (code) => {
    const world = ClientWorld.allocated()
    world.server.answers.set(CREATE_PERMISSION, { code })
    world.client.permit(PEER, world.now)
    world.settle()
    expect(world.events).toMatchObject([{ type: 'permissionRefused', peer: PEER, reason: 'refused', code }])
    expect(world.client.send(PEER, PAYLOAD)).toBe('notPermitted')
    world.server.answers.delete(CREATE_PERMISSION)
    world.client.permit(PEER, world.now)
    world.settle()
    expect(world.events.at(-1)).toEqual({ type: 'permissionGranted', peer: PEER })
  })

  it('that is not renewed is lost, and that is told', () => {
    const world = permitted()
    world.server.answers.set(CREATE_PERMISSION, 'silence')
    world.pass(279_500)
    expect(world.events).toEqual([{ type: 'permissionRefused', peer: PEER, reason: 'timedOut' }])
    expect(world.client.send(PEER, PAYLOAD)).toBe('notPermitted')
  })

  it('refused with 437 is the end of everything', () => {
    const world = ClientWorld.allocated()
    world.server.answers.set(CREATE_PERMISSION, { code: TurnErrorCode.ALLOCATION_MISMATCH })
    world.client.permit(PEER, world.now)
    world.settle()
    expect(world.events).toMatchObject([{ type: 'ended', code: 437 }])
  })

  it('that was forgotten is renewed no more', () => {
    const world = permitted()
    world.client.forget(OTHER_PORT)
    world.pass(480_000)
    expect(world.takeMethods()).toEqual([])
    expect(world.client.send(PEER, PAYLOAD)).toBe('notPermitted')
  })

  it('is not asked for without an allocation, nor past the limit', () => {
    expect(new ClientWorld().client.permit(PEER, 0)).toBe(false)
    const world = ClientWorld.allocated({ maxGrants: 1 })
    expect(world.client.permit(PEER, world.now)).toBe(true)
    expect(world.client.permit(PEER6, world.now)).toBe(false)
    expect(world.client.bindChannel(PEER, world.now)).toBe(false)
    world.client.forget(PEER)
    expect(world.client.permit(PEER6, world.now)).toBe(true)
  })
})

describe('a channel', () => {
  it('is bound, and renewed before its permission expires', () => {
    const world = ClientWorld.allocated()
    world.takeMethods()
    world.client.bindChannel(PEER, world.now)
    world.settle()
    expect(world.events).toEqual([{ type: 'channelBound', peer: PEER, channel: 0x4000 }])
    world.pass(240_000)
    expect(world.takeMethods()).toEqual([CHANNEL_BIND, CHANNEL_BIND])
  })

  it('has a number of its own, and the same one again', () => {
    const world = bound()
    world.client.bindChannel(OTHER_PORT, world.now)
    world.client.forget(PEER)
    world.client.bindChannel(PEER, world.now)
    world.settle()
    expect(world.events).toMatchObject([{ channel: 0x4000, peer: PEER }])
    world.client.bindChannel(OTHER_PORT, world.now)
    world.settle()
    expect(world.events.at(-1)).toMatchObject({ channel: 0x4001, peer: OTHER_PORT })
  })

  it('carries the permission', () => {
    const world = bound()
    expect(world.client.send(OTHER_PORT, PAYLOAD)).toBe('sent')
    world.settle()
    expect(world.server.payloads[0]?.[1]).toBe(0x16)
  })

  it.each([400, 403, 508])('refused with %i leaves the allocation alone', (code) => {
    const world = ClientWorld.allocated()
    world.server.answers.set(CHANNEL_BIND, { code })
    world.client.bindChannel(PEER, world.now)
    world.settle()
    expect(world.events).toMatchObject([{ type: 'channelRefused', peer: PEER, channel: 0x4000, code }])
  })
})

describe('payload to a peer', () => {
  it('goes in a Send indication', () => {
    const world = permitted()
    expect(world.client.send(PEER, parseHex('ff0102ff'), 1, 3)).toBe('sent')
    world.settle()
    const message = new StunMessage()
    const [sent = new Uint8Array(0)] = world.server.payloads
    expect(message.decode(sent)).toBeUndefined()
    expect([message.method, message.messageClass]).toEqual([SEND, 'indication'])
    expect(decodeXorPeerAddress(message)).toEqual(PEER)
    const run = decodeData(message)
    expect(run && sent.slice(run.start, run.end)).toEqual(parseHex('0102'))
  })

  it('asks not to be fragmented if that was wanted', () => {
    const world = ClientWorld.allocated({ dontFragment: true })
    world.client.permit(PEER, world.now)
    world.settle()
    expect(world.client.send(PEER, PAYLOAD)).toBe('sent')
    world.settle()
    const message = new StunMessage()
    expect(message.decode(world.server.payloads[0] ?? new Uint8Array(0))).toBeUndefined()
    expect(hasDontFragment(message)).toBe(true)
  })

  it.each([
    [false, '4000 0005 68656c6c6f'],
    [true, '4000 0005 68656c6c6f 000000'],
  ])('goes as ChannelData over a channel; reliable: %s', (isReliable, hex) => {
    const world = bound(PEER, { isReliable })
    expect(world.client.send(PEER, PAYLOAD)).toBe('sent')
    world.settle()
    expect(world.server.payloads).toEqual([parseHex(hex)])
  })

  it('is refused when it is too long, not permitted, or in the way of the one before', () => {
    const world = ClientWorld.allocated({ maxPayloadBytes: 5 })
    expect(world.client.send(PEER, PAYLOAD)).toBe('notPermitted')
    world.client.permit(PEER, world.now)
    world.settle()
    expect(world.client.send(PEER, new Uint8Array(6))).toBe('tooLong')
    expect(world.client.send(PEER, PAYLOAD)).toBe('sent')
    expect(world.client.send(PEER, PAYLOAD)).toBe('notDrained')
    world.settle()
    expect(world.client.counters.sent).toBe(1)
  })
})

describe('payload from a peer', () => {
  it('comes in Data indications', () => {
    const world = permitted()
    world.deliver(dataIndication(OTHER_PORT))
    expect(world.received).toEqual([{ peer: OTHER_PORT, payload: PAYLOAD }])
    expect(world.client.counters.received).toBe(1)
  })

  it('comes as ChannelData, padding apart', () => {
    const world = bound()
    world.deliver(parseHex('4000 0003 010203 00'))
    expect(world.received).toEqual([{ peer: PEER, payload: parseHex('010203') }])
  })

  it('is lent where it lies, and only until the next input', () => {
    const world = permitted()
    const bytes = dataIndication()
    const { client } = world
    const out = { bytes: new Uint8Array(0), start: 0, end: 0, peer: PEER }
    client.handleDatagram({ bytes, start: 0, end: bytes.length, path: 3 }, world.now)
    expect(client.pollData(out)).toBe(true)
    expect(out.bytes).toBe(bytes)
    expect(client.pollData(out)).toBe(false)
    client.handleDatagram({ bytes, start: 0, end: bytes.length, path: 3 }, world.now)
    client.handleTimeout(world.now)
    expect(client.pollData(out)).toBe(false)
  })

  // RFC 8656 §11.4, §12.6
  it('is not believed from strangers, by other paths, or when malformed', () => {
    const world = permitted()
    world.deliver(dataIndication(PEER6))
    world.deliver(parseHex('4000 0003 010203 00'))
    world.deliver(indication((writer) => encodeXorPeerAddress(writer, PEER)))
    expect(world.client.counters.unexpected).toBe(3)
    world.deliver(parseHex('4000 0004 010203'))
    world.deliver(parseHex('ffffffff'))
    expect(world.client.counters.malformed).toBe(2)
    world.deliver(dataIndication(), 4)
    expect(world.received).toEqual([])
  })

  it('may be an ICMP error instead', () => {
    const world = permitted()
    const icmp = { icmpType: 3, icmpCode: 4, errorData: 1400 }
    world.deliver(
      indication((writer) => {
        encodeXorPeerAddress(writer, PEER)
        encodeIcmp(writer, icmp)
      }),
    )
    expect(world.events).toEqual([{ type: 'icmpReceived', peer: PEER, icmp }])
  })
})

describe('the owner', () => {
  it('can not start twice, nor with limits out of range, nor with credentials that can not be sent', () => {
    const world = new ClientWorld()
    world.client.start(0)
    const misuse = expect.objectContaining({ code: 'TURN_CLIENT' })
    expect(() => world.client.start(1)).toThrow(misuse)
    for (const options of [{ maxGrants: 0 }, { maxPayloadBytes: 65_457 }, { lifetimeSeconds: 0 }]) {
      expect(() => new ClientWorld(options)).toThrow(misuse)
    }
    const credential = expect.objectContaining({ code: 'TURN_CREDENTIAL' })
    for (const options of [{ username: 'x'.repeat(509) }, { username: '' }, { password: '\u0007' }]) {
      expect(() => new ClientWorld(options)).toThrow(credential)
    }
  })
})
